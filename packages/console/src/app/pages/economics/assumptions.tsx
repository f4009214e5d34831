/**
 * Every figure that a result comes from, to be read and changed.
 *
 * @module
 */
import { Button, Group, NumberInput, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { useFormats } from '../../lib/use-formats.ts';
import type { EconomicsState } from './ask-economics.ts';

type Kinds = EconomicsState['kinds'];
type Name = keyof Kinds;
type Figures = EconomicsState['answer']['figures'];

const units = {
  'calls a day': 'callsADay',
  'tokens a call': 'tokensACall',
  'USD per million tokens': 'usdPerMillion',
  share: 'share',
  examples: 'examples',
  ms: 'ms',
  USD: 'usd',
  years: 'years',
  W: 'watts',
  'USD per kWh': 'usdPerKwh',
  'USD an hour': 'usdAnHour',
  times: 'times',
  'hours a month': 'hoursAMonth',
  hours: 'hours',
  calls: 'calls',
  months: 'months',
} as const;
const groups = ['calls', 'teacher', 'student', 'hosting', 'making', 'uncertainty'] as const;

export interface AssumptionsProps {
  kinds: Kinds;
  figures: Figures;
  /** A figure that can't be true beside the others. */
  contradicts: Name | null;
  /** What was changed, as JSON; undefined: nothing. */
  given: string | undefined;
  /** Null: nothing is changed any more. */
  onChange: (figures: string | null) => void;
  format: (value: number) => string;
}

export function Assumptions({ kinds, figures, contradicts, given, onChange, format }: AssumptionsProps) {
  const t = useTranslations('economics');
  const changed = parse(given);
  const names = Object.keys(kinds) as Name[];
  const set = (name: Name, value: number | null) => {
    const { [name]: _before, ...others } = changed;
    const after = value === null ? others : { ...others, [name]: value };
    onChange(Object.keys(after).length === 0 ? null : JSON.stringify(after));
  };
  return (
    <Stack gap="md" component="section" aria-label={t('assumptions')}>
      <Group justify="space-between">
        <Title order={2} size="h4">
          {t('assumptions')}
        </Title>
        <Button variant="default" disabled={given === undefined} onClick={() => onChange(null)}>
          {t('reset')}
        </Button>
      </Group>
      <Text size="sm" c="dimmed">
        {t('assumptionsHint')}
      </Text>
      {groups.map((group) => (
        <Stack key={group} gap="xs">
          <Title order={3} size="h5">
            {t(`group.${group}`)}
          </Title>
          <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
            {names
              .filter((name) => kinds[name].group === group)
              .map((name) => (
                <FigureField
                  // A field begins anew when the figure comes from elsewhere.
                  key={`${name} ${figures[name].value} ${figures[name].source}`}
                  name={name}
                  kind={kinds[name]}
                  figure={figures[name]}
                  contradicts={contradicts === name}
                  onSet={(value) => set(name, value)}
                  format={format}
                />
              ))}
          </SimpleGrid>
        </Stack>
      ))}
    </Stack>
  );
}

interface FieldProps {
  name: Name;
  kind: Kinds[Name];
  figure: Figures[Name];
  contradicts: boolean;
  onSet: (value: number | null) => void;
  format: (value: number) => string;
}

function FigureField({ name, kind, figure, contradicts, onSet, format }: FieldProps) {
  const t = useTranslations('economics');
  const shown = figure.value === null ? '' : Number(figure.value.toPrecision(6));
  const { decimalSeparator } = useFormats();
  const [typed, setTyped] = useState<number | string>(shown);
  const { least, most } = kind;
  const isWrong = typed !== '' && !(Number(typed) >= least && Number(typed) <= most);
  const commit = () => {
    if (typed === shown || isWrong) return;
    onSet(typed === '' ? null : Number(typed));
  };
  const source =
    figure.source === 'price package'
      ? 'pricePackage'
      : figure.source === 'Kolben'
        ? 'kolben'
        : figure.source;
  return (
    <NumberInput
      label={t(`figure.${name}`)}
      description={t('described', { unit: t(`unit.${units[kind.unit]}`), source: t(`source.${source}`) })}
      value={typed}
      onChange={setTyped}
      onBlur={commit}
      onKeyDown={({ key }) => key === 'Enter' && commit()}
      error={
        isWrong
          ? t('outOfRange', { least: format(least), most: format(most) })
          : contradicts && t('contradicts')
      }
      decimalSeparator={decimalSeparator}
      clampBehavior="none"
      hideControls
      allowNegative={false}
      allowDecimal={!('isWhole' in kind)}
    />
  );
}

function parse(given: string | undefined): Partial<Record<Name, number>> {
  try {
    const said: unknown = JSON.parse(given ?? '{}');
    return typeof said === 'object' && said !== null ? said : {};
  } catch {
    return {};
  }
}
