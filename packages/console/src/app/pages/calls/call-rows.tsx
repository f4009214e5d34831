/**
 * Calls as rows of a table; each opens.
 *
 * @module
 */
import { Badge, Text } from '@mantine/core';
import type { InferResponseType } from 'hono/client';
import { useTranslations } from 'use-intl';
import { useLocation, useSearch } from 'wouter';
import { type Column, DataTable, type DataTableProps } from '../../components/data-table.tsx';
import { RecordedText } from '../../components/recorded-text.tsx';
import type { api } from '../../lib/api.ts';
import { useFormats } from '../../lib/use-formats.ts';

export type CallRow = InferResponseType<typeof api.calls.$get>['calls'][number];

export interface CallRowsProps {
  rows: DataTableProps<CallRow>['rows'];
  /** How many there are in all; left out: nobody knows. */
  total?: number | undefined;
  onView?: DataTableProps<CallRow>['onView'];
}

export function CallRows({ rows, total, onView }: CallRowsProps) {
  const t = useTranslations('calls');
  const formats = useFormats();
  const [, navigate] = useLocation();
  const search = useSearch();
  const columns: Column<CallRow>[] = [
    { id: 'at', header: t('at'), width: '7.5rem', wraps: true, cell: ({ at }) => formats.dateTime(at) },
    { id: 'task', header: t('task'), width: '8rem', wraps: true, cell: ({ task }) => task ?? '–' },
    {
      id: 'by',
      header: t('answeredBy'),
      width: '9.5rem',
      cell: ({ answeredBy, status }) =>
        status === 'ok' ? (
          t(`by.${answeredBy}`)
        ) : (
          <Badge color="red" variant="outline" tt="none">
            {t(`statuses.${status}`)}
          </Badge>
        ),
    },
    {
      id: 'asked',
      header: t('asked'),
      width: 'minmax(9rem, 3fr)',
      cell: ({ asked }) =>
        asked === null ? <Text c="dimmed">–</Text> : <RecordedText text={asked} isShort />,
    },
    {
      id: 'answer',
      header: t('answer'),
      width: 'minmax(6.5rem, 2fr)',
      cell: ({ answer, error }) => <RecordedText text={answer ?? error ?? ''} isShort />,
    },
    {
      id: 'confidence',
      header: t('confidence'),
      width: '7rem',
      align: 'end',
      cell: ({ confidence, agreed }) =>
        confidence === null ? '' : `${formats.confidence(confidence, 3)}${agreed === false ? ' ≠' : ''}`,
    },
    {
      id: 'latency',
      header: t('latency'),
      width: '5.5rem',
      align: 'end',
      cell: ({ latencyMs }) => formats.duration(Math.round(latencyMs)),
    },
    { id: 'cost', header: t('cost'), width: '7.5rem', align: 'end', cell: ({ cost }) => formats.money(cost) },
  ];
  return (
    <DataTable
      label={t('table')}
      columns={columns}
      rows={rows}
      total={total ?? -1}
      // The filters stay in the address, for the way back.
      onOpen={({ id }) => navigate(`/${encodeURIComponent(id)}${search && `?${search}`}`)}
      {...(onView && { onView })}
    />
  );
}
