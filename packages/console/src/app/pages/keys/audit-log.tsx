/**
 * Who did what: the audit log, fetched page by page as one scrolls, filtered by act or by whom, and each act openable.
 *
 * @module
 */
import { Group, Modal, NativeSelect, Stack, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { Answer } from '../../components/answer.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Facts } from '../../components/facts.tsx';
import { RecordedText } from '../../components/recorded-text.tsx';
import { api, read } from '../../lib/api.ts';
import { useFormats } from '../../lib/use-formats.ts';
import { type AuditEvent, useAuditWords } from './use-audit-words.ts';
import { useKeys } from './use-keys.ts';

const pageSize = 100;

/** Empty: all. */
interface Filter {
  act: string;
  of: string;
}
type Place = Pick<AuditEvent, 'at' | 'id'> | undefined;

const ask = ({ act, of }: Filter, before: Place) =>
  read(
    api.keys.audit.$get({
      query: { limit: String(pageSize), ...before, ...(act && { act }), ...(of && { of }) },
    }),
  );

export function AuditLog() {
  const t = useTranslations('audit');
  const [filter, setFilter] = useState<Filter>({ act: '', of: '' });
  const query = useInfiniteQuery({
    queryKey: ['keys', 'audit', filter],
    initialPageParam: undefined as Place,
    queryFn: ({ pageParam }) => ask(filter, pageParam),
    getNextPageParam: ({ events }) => {
      const last = events.at(-1);
      return events.length < pageSize || last === undefined ? undefined : { at: last.at, id: last.id };
    },
  });
  return (
    <Stack>
      <Text c="dimmed">{t('what')}</Text>
      <Filters filter={filter} onChange={setFilter} />
      <Answer query={query}>
        {({ pages }) => (
          <Events
            events={pages.flatMap(({ events }) => events)}
            isAll={filter.act === '' && filter.of === ''}
            hasMore={query.hasNextPage}
            onEnd={() => {
              if (query.hasNextPage && !query.isFetching) void query.fetchNextPage();
            }}
          />
        )}
      </Answer>
    </Stack>
  );
}

function Filters({ filter, onChange }: { filter: Filter; onChange: (filter: Filter) => void }) {
  const t = useTranslations('audit');
  const words = useAuditWords();
  const keys = useKeys();
  return (
    <Group align="end">
      <NativeSelect
        label={t('act')}
        value={filter.act}
        data={[{ value: '', label: t('anyAct') }, ...words.acts]}
        onChange={({ currentTarget }) => onChange({ ...filter, act: currentTarget.value })}
      />
      <NativeSelect
        label={t('of')}
        value={filter.of}
        data={[
          { value: '', label: t('anyone') },
          ...words.actors,
          ...(keys.data?.keys ?? []).map(({ id, name }) => ({ value: id, label: name })),
        ]}
        onChange={({ currentTarget }) => onChange({ ...filter, of: currentTarget.value })}
      />
    </Group>
  );
}

interface EventsProps {
  events: readonly AuditEvent[];
  isAll: boolean;
  hasMore: boolean;
  onEnd: () => void;
}

function Events({ events, isAll, hasMore, onEnd }: EventsProps) {
  const t = useTranslations('audit');
  const keys = useTranslations('keys');
  const { dateTime } = useFormats();
  const words = useAuditWords();
  const [opened, setOpened] = useState<AuditEvent>();
  const text = (value: string) => <RecordedText text={value} isShort />;
  const columns: Column<AuditEvent>[] = [
    { id: 'at', header: t('at'), width: '13rem', cell: ({ at }) => dateTime(at) },
    { id: 'act', header: t('act'), width: 'minmax(14rem, 2fr)', cell: ({ act }) => text(words.act(act)) },
    {
      id: 'actor',
      header: t('actor'),
      width: 'minmax(9rem, 1fr)',
      cell: (event) => text(words.actor(event)),
    },
    { id: 'on', header: t('on'), width: 'minmax(10rem, 1fr)', cell: (event) => text(words.subject(event)) },
    {
      ...{ id: 'detail', header: t('detail'), width: 'minmax(14rem, 2fr)' },
      cell: (event) =>
        text(
          words
            .details(event)
            .map(([name, value]) => t('pair', { name, value }))
            .join(' · '),
        ),
    },
  ];
  if (events.length === 0) return <EmptyState title={t(isAll ? 'empty' : 'emptyFiltered')} />;
  return (
    <>
      <DataTable
        label={keys('tab.audit')}
        columns={columns}
        rows={events}
        rowKey={({ id }) => id}
        total={hasMore ? -1 : events.length}
        onOpen={setOpened}
        onEnd={onEnd}
      />
      {opened && <OneAct event={opened} onClose={() => setOpened(undefined)} />}
    </>
  );
}

function OneAct({ event, onClose }: { event: AuditEvent; onClose: () => void }) {
  const t = useTranslations('audit');
  const common = useTranslations('common');
  const { dateTime } = useFormats();
  const words = useAuditWords();
  /** A name with the id that it stands for. */
  const named = (name: string, id: string) => (name === id ? name : t('named', { name, id }));
  const { at, act, actor, subject } = event;
  const rows = [
    [t('at'), dateTime(at)],
    [t('act'), words.act(act)],
    [t('code'), act],
    [t('actor'), named(words.actor(event), actor)],
    [t('on'), subject === null ? words.subject(event) : named(words.subject(event), subject)],
    ...words.details(event),
  ] as const;
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t('open')}
      closeButtonProps={{ 'aria-label': common('close') }}
    >
      <Facts
        label={t('open')}
        rows={rows.map(([name, value]) => [name, <RecordedText key={name} text={value} />])}
      />
    </Modal>
  );
}
