/**
 * The plans that were weighed, the one that was chosen, and why.
 *
 * @module
 */
import { Badge, Table, Text } from '@mantine/core';
import { useTranslations } from 'use-intl';
import { useScheduleName } from '../../components/use-schedule-name.ts';
import { useFormats } from '../../lib/use-formats.ts';
import type { WholeRun } from './runs-data.ts';
import { tellPlan } from './tell-plan.ts';

const mebibyte = 2 ** 20;

export function PlanTable({ plan }: { plan: WholeRun['plan'] }) {
  const t = useTranslations('runs');
  const reasons = useTranslations('reasons.plan');
  const nameOf = useScheduleName();
  const formats = useFormats();
  if (!plan) return <Text>{t('noPlan')}</Text>;
  const mebibytes = (bytes: number) =>
    `${formats.number(bytes / mebibyte, bytes < 10 * mebibyte ? 2 : 1)} MiB`;
  const chosen = JSON.stringify(plan.choice);
  const heads = [
    'schedule',
    'chips',
    'stages',
    'copies',
    'microbatches',
    'stepMs',
    'waiting',
    'memory',
  ] as const;
  return (
    <>
      {plan.why ? (
        <Text mb="sm">{tellPlan(plan.why, { t: reasons, nameOf, mebibytes })}</Text>
      ) : (
        // Runs of earlier versions tell it in English only.
        <Text mb="sm" lang="en">
          {plan.reason}
        </Text>
      )}
      <Table.ScrollContainer minWidth={640} scrollAreaProps={{ tabIndex: 0 }}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              {heads.map((name) => (
                <Table.Th key={name}>{t(name)}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {plan.candidates.map((one) => (
              <Table.Tr key={JSON.stringify(one)}>
                <Table.Th scope="row">
                  {nameOf(one.schedule)}{' '}
                  {JSON.stringify(one) === chosen && (
                    <Badge variant="outline" styles={{ label: { color: 'var(--mantine-color-text)' } }}>
                      {t('chosen')}
                    </Badge>
                  )}
                  {!one.fits && t('tooLarge')}
                </Table.Th>
                <Table.Td>{formats.number(one.chips)}</Table.Td>
                <Table.Td>{formats.number(one.stages.length)}</Table.Td>
                <Table.Td>{formats.number(one.replicas)}</Table.Td>
                <Table.Td>{formats.number(one.microbatches)}</Table.Td>
                <Table.Td>{formats.number(one.stepMs, 1)} ms</Table.Td>
                <Table.Td>{formats.percent(one.bubble)}</Table.Td>
                <Table.Td>{mebibytes(Math.max(...one.memoryBytesPerChip))}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {plan.hidden > 0 && (
        <Text size="sm" c="dimmed">
          {t('planHidden', { n: plan.hidden })}
        </Text>
      )}
    </>
  );
}
