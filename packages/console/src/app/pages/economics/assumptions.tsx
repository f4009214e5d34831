/**
 * Every figure that a result comes from, to be read and changed.
 *
 * @module
 */
import { Button, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useTranslations } from 'use-intl';
import { NumberField } from '../../components/number-field.tsx';
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
}

export function Assumptions({ kinds, figures, contradicts, given, onChange }: AssumptionsProps) {
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
}

function FigureField({ name, kind, figure, contradicts, onSet }: FieldProps) {
  const t = useTranslations('economics');
  const shown = figure.value === null ? null : Number(figure.value.toPrecision(6));
  const source =
    figure.source === 'price package'
      ? 'pricePackage'
      : figure.source === 'Kolben'
        ? 'kolben'
        : figure.source;
  return (
    <NumberField
      label={t(`figure.${name}`)}
      description={t('described', { unit: t(`unit.${units[kind.unit]}`), source: t(`source.${source}`) })}
      value={shown}
      least={kind.least}
      most={kind.most}
      isWhole={'isWhole' in kind}
      error={contradicts ? t('contradicts') : undefined}
      onCommit={(value) => value !== shown && onSet(value)}
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
