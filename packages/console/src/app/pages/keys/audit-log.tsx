/**
 * Who did what: the audit log, fetched page by page as one scrolls.
 *
 * @module
 */
import { Stack, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Loading } from '../../components/loading.tsx';
import { RecordedText } from '../../components/recorded-text.tsx';
import { api, read } from '../../lib/api.ts';
import { useFormats } from '../../lib/use-formats.ts';

const pageSize = 100;

const ask = (before: Pick<Event, 'at' | 'id'> | undefined) =>
  read(api.keys.audit.$get({ query: { limit: String(pageSize), ...before } }));

interface Event {
  id: string;
  at: string;
  actor: string;
  act: string;
  subject: string | null;
  /** JSON. */
  detail: string;
}

export function AuditLog() {
  const t = useTranslations('keys');
  const { dateTime } = useFormats();
  const query = useInfiniteQuery({
    queryKey: ['keys', 'audit'],
    initialPageParam: undefined as Pick<Event, 'at' | 'id'> | undefined,
    queryFn: ({ pageParam }) => ask(pageParam),
    getNextPageParam: ({ events }) => {
      const last = events.at(-1);
      return events.length < pageSize || last === undefined ? undefined : { at: last.at, id: last.id };
    },
  });
  const events: Event[] = query.data?.pages.flatMap((page) => page.events) ?? [];
  const text = (value: string) => <RecordedText text={value} isShort />;
  const columns: Column<Event>[] = [
    { id: 'at', header: t('at'), width: '13rem', cell: ({ at }) => dateTime(at) },
    { id: 'act', header: t('act'), width: '10rem', cell: ({ act }) => text(act) },
    { id: 'actor', header: t('actor'), cell: ({ actor }) => text(actor), width: 'minmax(12rem, 1fr)' },
    { id: 'on', header: t('on'), cell: ({ subject }) => text(subject ?? '–'), width: 'minmax(12rem, 1fr)' },
    { id: 'detail', header: t('detail'), cell: ({ detail }) => text(detail), width: 'minmax(14rem, 2fr)' },
  ];
  return (
    <Stack>
      <Text c="dimmed">{t('auditWhat')}</Text>
      {query.error && <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Loading />}
      {query.isSuccess && events.length === 0 && <EmptyState title={t('emptyAudit')} />}
      {events.length > 0 && (
        <DataTable
          label={t('tab.audit')}
          columns={columns}
          rows={events}
          rowKey={({ id }) => id}
          total={query.hasNextPage ? -1 : events.length}
          onEnd={() => {
            if (query.hasNextPage && !query.isFetching) void query.fetchNextPage();
          }}
        />
      )}
    </Stack>
  );
}
