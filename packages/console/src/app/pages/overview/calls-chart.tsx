/**
 * Calls over time, by who answered them.
 *
 * @module
 */
import { Box, Code, Stack, Title } from '@mantine/core';
import { useTranslations } from 'use-intl';
import { StackedColumns } from '../../../charts/stacked-columns.tsx';
import { Charts } from '../../components/charts.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { useFormats } from '../../lib/use-formats.ts';
import type { OverviewData } from './overview-data.ts';
import type { SpanName } from './span-select.tsx';

export function CallsChart({ data, span }: { data: OverviewData; span: SpanName }) {
  const t = useTranslations('overview');
  const { date, dayOfYear, hour, number, dateTime } = useFormats();
  const { steps, sums, tasks, since, until } = data;
  const [task] = tasks;
  if (sums.calls === 0 && task)
    return (
      <EmptyState title={t('emptyCalls')}>
        {t.rich('emptyCallsHint', {
          url: () => <Code key="url">{`${window.location.origin}/v1`}</Code>,
          model: () => <Code key="model">{`kolben/${task.name}`}</Code>,
        })}
      </EmptyState>
    );
  if (sums.calls === 0) return null;
  const [label, mark] = span === 'day' ? [hour, hour] : [date, dayOfYear];
  return (
    <Stack gap="xs">
      <Title order={2} size="h4">
        {t('chart')}
      </Title>
      {/* Words of a chart may stand out of it, but must not make the page wider. */}
      <Box style={{ overflowX: 'clip', overflowClipMargin: '0.75rem' }}>
        <Charts>
          <StackedColumns
            title={t('chart')}
            description={t('chartTold', { since: dateTime(since), until: dateTime(until) })}
            parts={[
              { label: t('answerer.teacher'), shade: 'teacher' },
              { label: t('answerer.student'), shade: 'student' },
              { label: t('answerer.cache'), shade: 'quiet' },
            ]}
            columns={steps.map(({ at, teacher, student, cache }) => ({
              label: label(at),
              mark: mark(at),
              values: [teacher, student, cache],
            }))}
            format={(value) => number(value, 1)}
          />
        </Charts>
      </Box>
    </Stack>
  );
}
