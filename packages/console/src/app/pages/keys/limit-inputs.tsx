/**
 * What a key may use: three numbers, each of which may be left out.
 *
 * @module
 */
import { useTranslations } from 'use-intl';
import { NumberField } from '../../components/number-field.tsx';
import type { Limits } from './use-keys.ts';

export interface LimitInputsProps {
  limits: Limits;
  onChange: (limits: Limits) => void;
}

const fields = ['usdPerMonth', 'requestsPerMinute', 'tokensPerMinute'] as const;
const most = 1_000_000_000;

export function LimitInputs({ limits, onChange }: LimitInputsProps) {
  const t = useTranslations('keys');
  return fields.map((field) => {
    const isMoney = field === 'usdPerMonth';
    return (
      <NumberField
        key={field}
        label={t(field)}
        description={t('limitHint')}
        value={limits[field]}
        least={isMoney ? 0 : 1}
        most={most}
        isWhole={!isMoney}
        onChange={(value) => onChange({ ...limits, [field]: value })}
      />
    );
  });
}
