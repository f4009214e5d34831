/**
 * The three figures: what was spent, what was avoided, how much students answered.
 *
 * @module
 */
import { Paper, Text } from '@mantine/core';
import { useTranslations } from 'use-intl';
import { useFormats } from '../../lib/use-formats.ts';
import type { OverviewData } from './overview-data.ts';

export function Figures({ sums }: { sums: OverviewData['sums'] }) {
  const t = useTranslations('overview');
  const { money, percent } = useFormats();
  const { calls, byStudent, byCache, cost, saved, estimated, estimatedAvoided } = sums;
  const isExtra = saved < 0;
  return (
    <>
      <Figure
        label={t('spent')}
        value={money(cost)}
        notes={[
          t('spentNote', { count: calls }),
          ...(estimated > 0 ? [t('estimatedNote', { count: estimated })] : []),
        ]}
      />
      <Figure
        label={t(isExtra ? 'extra' : 'avoided')}
        value={money(Math.abs(saved))}
        notes={[
          t(isExtra ? 'extraNote' : 'avoidedNote'),
          ...(estimatedAvoided > 0 ? [t('estimatedAvoidedNote', { count: estimatedAvoided })] : []),
        ]}
      />
      <Figure
        label={t('share')}
        value={calls === 0 ? '–' : percent(byStudent / calls)}
        notes={[
          t('shareNote', { count: byStudent }),
          ...(byCache > 0 ? [t('fromCache', { count: byCache })] : []),
        ]}
      />
    </>
  );
}

function Figure({ label, value, notes }: { label: string; value: string; notes: readonly string[] }) {
  return (
    <Paper withBorder p="md" role="group" aria-label={label}>
      <Text c="dimmed" size="sm">
        {label}
      </Text>
      <Text fz="1.75rem" fw={700}>
        {value}
      </Text>
      {notes.map((note) => (
        <Text key={note} c="dimmed" size="sm">
          {note}
        </Text>
      ))}
    </Paper>
  );
}
