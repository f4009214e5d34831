/**
 * What follows from the figures: the sentence that matters, the three ways, the months until a student has paid.
 *
 * @module
 */
import { Paper, SimpleGrid, Stack, Table, Text, Title } from '@mantine/core';
import { useTranslations } from 'use-intl';
import { BreakEven } from '../../../charts/break-even.tsx';
import { HeadedTable } from '../../../charts/headed-table.tsx';
import { useFormats } from '../../lib/use-formats.ts';
import type { EconomicsState } from './ask-economics.ts';

type Economics = NonNullable<EconomicsState['answer']['result']>;
type Months = Economics['breakEven']['cascade'];
type Way = Economics['ways'][number];

const partNames = ['teacher', 'audits', 'hardware', 'electricity', 'server', 'upkeep'] as const;
const shades = { teacher: 'teacher', cascade: 'student', student: 'quiet' } as const;

/** Months in words, with their interval where there is one. */
function useMonths(): (months: Months) => string {
  const t = useTranslations('economics');
  const { number } = useFormats();
  const one = (n: number | null) => (n === null ? t('never') : `${number(n, 1)}`);
  return (months) => {
    const { value, low, high } = months;
    if (value === null && low === null) return t('never');
    const told = value === null ? t('never') : t('month', { n: Math.round(value * 10) / 10 });
    return t('months', { value: told, low: one(low), high: one(high) });
  };
}

export function Result({ result }: { result: Economics }) {
  const t = useTranslations('economics');
  const { money, percent } = useFormats();
  const months = useMonths();
  const { saved, breakEven, making, hardware, machines, load } = result;
  const pays = saved.cascade.value > 0 && breakEven.cascade.value !== null;
  return (
    <Stack gap="lg">
      <Text size="lg" fw={600} aria-live="polite">
        {pays
          ? t('pays', {
              ...{ saved: money(saved.cascade.value), low: money(saved.cascade.low) },
              ...{ high: money(saved.cascade.high), months: months(breakEven.cascade) },
            })
          : t('paysNot')}
      </Text>
      <SimpleGrid cols={{ base: 1, md: 3 }}>
        {result.ways.map((way) => (
          <WayCard key={way.way} way={way} result={result} />
        ))}
      </SimpleGrid>
      <Text size="sm">
        {t('once', {
          ...{ labelling: money(making.labelling), training: money(making.training) },
          ...{ work: money(making.work), hardware: money(hardware), own: hardware > 0 ? 'yes' : 'no' },
        })}{' '}
        {t('load', { load: percent(load, 2), machines: Math.round(machines * 100) / 100 })}
      </Text>
      <Places result={result} />
      <Spent result={result} />
    </Stack>
  );
}

/** The API alone, and the student on each kind of machine, at the figures as they stand. */
function Places({ result: { ways, hostings } }: { result: Economics }) {
  const t = useTranslations('economics');
  const { money } = useFormats();
  const after = (months: number | null) =>
    months === null ? t('never') : t('month', { n: Math.round(months * 10) / 10 });
  const heads = [t('places.api'), ...hostings.map(({ hosting }) => t(`places.${hosting}`))];
  const rows = [
    [t('way.teacher'), money(ways[0]!.perMonth.value), ...hostings.map(() => '–')],
    ...(['cascade', 'student'] as const).flatMap((way) => [
      [t(`way.${way}`), '–', ...hostings.map(({ [way]: cost }) => money(cost))],
      [
        t('paidFor', { way: t(`way.${way}`) }),
        '–',
        ...hostings.map(({ breakEven }) => after(breakEven[way])),
      ],
    ]),
  ];
  return (
    <HeadedTable heads={[t('where'), ...heads.map((n) => ({ n }))]} caption={t('placesHint')}>
      {rows.map(([label, ...cells]) => (
        <tr key={label}>
          <th scope="row">{label}</th>
          {cells.map((cell, i) => (
            <td key={heads[i]} className="n">
              {cell}
            </td>
          ))}
        </tr>
      ))}
    </HeadedTable>
  );
}

function WayCard({ way, result }: { way: Way; result: Economics }) {
  const t = useTranslations('economics');
  const { money, number, percent } = useFormats();
  const months = useMonths();
  const { way: name, perMonth, parts, byTeacher, byStudent, uncertified } = way;
  const { saved, breakEven, lost } = result;
  const rows: [string, string][] = [
    ...partNames
      .filter((part) => parts[part] > 0)
      .map((part): [string, string] => [t(`parts.${part}`), money(parts[part])]),
    [t('byTeacher'), number(byTeacher)],
    [t('byStudent'), number(byStudent)],
  ];
  if (name !== 'teacher')
    rows.push([t('saved'), money(saved[name].value)], [t('breakEven'), months(breakEven[name])]);
  return (
    <Paper withBorder p="md" component="section" aria-label={t(`way.${name}`)}>
      <Stack gap="xs">
        <Title order={2} size="h4">
          {t(`way.${name}`)}
        </Title>
        <Text size="sm">{t(`what.${name}`)}</Text>
        <Text size="xl" fw={700} data-way={name}>
          {money(perMonth.value)}{' '}
          <Text span size="sm" fw={400}>
            {t('perMonth')}
          </Text>
        </Text>
        <Text size="sm" c="dimmed">
          {t('interval', { low: money(perMonth.low), high: money(perMonth.high) })}
        </Text>
        <Table>
          <Table.Tbody>
            {rows.map(([label, value]) => (
              <Table.Tr key={label}>
                <Table.Th scope="row">{label}</Table.Th>
                <Table.Td ta="right">{value}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        {name !== 'teacher' && breakEven[name].neverShare > 0 && breakEven[name].neverShare < 1 && (
          <Text size="sm">{t('neverShare', { share: percent(breakEven[name].neverShare) })}</Text>
        )}
        {name === 'student' && (
          <Text size="sm">
            {t('lost', { n: number(uncertified) })}{' '}
            {lost.disagreement === null
              ? t('lostUnknown')
              : t('lostShare', { share: percent(lost.disagreement) })}
          </Text>
        )}
      </Stack>
    </Paper>
  );
}

function Spent({ result: { spent, breakEven } }: { result: Economics }) {
  const t = useTranslations('economics');
  const { money, number } = useFormats();
  const last = spent.at(-1)?.month ?? 0;
  const { value, low, high } = breakEven.cascade;
  return (
    <section aria-label={t('chart')}>
      <Title order={2} size="h4">
        {t('chart')}
      </Title>
      <BreakEven
        title={t('chart')}
        across={t('chartAcross')}
        format={money}
        formatAcross={(month) => number(month, 1)}
        lines={(['teacher', 'cascade', 'student'] as const).map((way) => ({
          label: t(`way.${way}`),
          shade: shades[way],
          points: spent.map(({ month, [way]: amount }) => ({
            ...{ x: month, value: amount.value, low: amount.low, high: amount.high },
          })),
        }))}
        breakEven={
          value === null || value > last
            ? null
            : { x: value, low: low ?? 0, high: high ?? Number.POSITIVE_INFINITY }
        }
      />
    </section>
  );
}
