/**
 * Calls by filters, counted over time, searched and exported.
 *
 * @module
 */
import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { StackedColumns } from '../../../charts/index.ts';
import { Answer } from '../../components/answer.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { api, read } from '../../lib/api.ts';
import { faultIn } from '../../lib/api-fault.ts';
import { useFormats } from '../../lib/use-formats.ts';
import { CallRows } from './call-rows.tsx';
import { FilterForm } from './filter-form.tsx';
import { type CallChoice, useFilters } from './filters.ts';
import { useCallList } from './use-call-list.ts';
import { WordSearch } from './word-search.tsx';

/** More columns than this are no picture any more. */
const mostColumns = 90;

export function CallTable() {
  const t = useTranslations('calls');
  const choice = useFilters();
  const [isSearching, setSearching] = useState(false);
  const { query } = choice;
  const list = useCallList(query);
  const { total, rows } = list;
  const isFiltered = Object.keys(query).length > 0;
  return (
    <>
      <PageHeader title={t('title')} lead={t('lead')}>
        <ExportButton choice={choice} />
      </PageHeader>
      <FilterForm choice={choice} />
      <WordSearch choice={choice} onActive={setSearching} />
      {!isSearching && (
        <>
          <Group justify="space-between" mb="xs">
            <Text size="sm" role="status">
              {total !== undefined && t('count', { count: total })}
            </Text>
          </Group>
          <Answer query={{ data: rows, error: list.error, refetch: list.retry }}>
            {(found) =>
              found.length === 0 ? (
                <EmptyState title={t(isFiltered ? 'noneFiltered' : 'none')}>
                  {t(isFiltered ? 'noneFilteredHint' : 'noneHint')}
                </EmptyState>
              ) : (
                <>
                  {/* Another question begins at its newest call. */}
                  <CallRows key={JSON.stringify(query)} rows={found} total={total} onView={list.look} />
                  <Timeline choice={choice} />
                </>
              )
            }
          </Answer>
        </>
      )}
    </>
  );
}

function Timeline({ choice: { query, span } }: { choice: CallChoice }) {
  const t = useTranslations('calls');
  const formats = useFormats();
  const grain = span === 'hour' || span === 'day' ? 'hour' : 'day';
  const timeline = useQuery({
    queryKey: ['calls', 'timeline', query, grain],
    queryFn: () => read(api.calls.timeline.$get({ query: { ...query, grain } as never })),
  });
  return (
    <Answer query={timeline}>
      {({ columns }) => (
        <StackedColumns
          title={t('chart', { grain })}
          description={t('chartTold')}
          parts={[
            { label: t('by.student'), shade: 'student' },
            { label: t('by.teacher'), shade: 'teacher' },
            { label: t('by.cache'), shade: 'quiet' },
            { label: t('failed'), shade: 'wrong' },
          ]}
          columns={columns.slice(-mostColumns).map(({ at, student, teacher, cache, failed }) => ({
            label: grain === 'hour' ? formats.dateTime(at) : formats.date(at),
            mark: grain === 'hour' ? formats.hour(at) : formats.dayOfYear(at),
            values: [student, teacher, cache, failed],
          }))}
          format={(n) => formats.number(n, 1)}
        />
      )}
    </Answer>
  );
}

function ExportButton({ choice }: { choice: CallChoice }) {
  const t = useTranslations('calls');
  const run = useMutation({
    mutationFn: async () => {
      const response = await api.calls.export.$post({ json: choice.query as never });
      if (!response.ok) throw await faultIn(response);
      const link = document.createElement('a');
      link.href = URL.createObjectURL(await response.blob());
      link.download = 'calls.jsonl';
      link.click();
      URL.revokeObjectURL(link.href);
    },
    onSuccess: () => notifications.show({ message: t('exported') }),
  });
  return (
    <>
      <Button variant="default" loading={run.isPending} title={t('exportHint')} onClick={() => run.mutate()}>
        {t('export')}
      </Button>
      {run.error && <ErrorNotice error={run.error} onRetry={() => run.mutate()} />}
    </>
  );
}
