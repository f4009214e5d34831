/**
 * What a key may use: three numbers, each of which may be left out.
 *
 * @module
 */
import { NumberInput } from '@mantine/core';
import { useTranslations } from 'use-intl';
import { useFormats } from '../../lib/use-formats.ts';
import type { Limits } from './use-keys.ts';

export interface LimitInputsProps {
  limits: Limits;
  onChange: (limits: Limits) => void;
}

const fields = ['usdPerMonth', 'requestsPerMinute', 'tokensPerMinute'] as const;
const most = 1_000_000_000;

export function LimitInputs({ limits, onChange }: LimitInputsProps) {
  const t = useTranslations('keys');
  const { decimalSeparator } = useFormats();
  return fields.map((field) => {
    const isMoney = field === 'usdPerMonth';
    return (
      <NumberInput
        key={field}
        label={t(field)}
        description={t('limitHint')}
        value={limits[field] ?? ''}
        min={isMoney ? 0 : 1}
        max={most}
        allowDecimal={isMoney}
        allowNegative={false}
        decimalScale={isMoney ? 4 : 0}
        decimalSeparator={decimalSeparator}
        hideControls
        onChange={(value) => onChange({ ...limits, [field]: typeof value === 'number' ? value : null })}
      />
    );
  });
}
