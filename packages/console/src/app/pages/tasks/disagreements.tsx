/**
 * Calls in which student and teacher differ, to be read and decided.
 *
 * @module
 */
import { Badge, Button, Card, Group, NativeSelect, SimpleGrid, Stack, Text, Textarea } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import type { InferResponseType } from 'hono/client';
import { useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Answer } from '../../components/answer.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { RecordedText } from '../../components/recorded-text.tsx';
import { Section } from '../../components/section.tsx';
import { api, read } from '../../lib/api.ts';
import { useFormats } from '../../lib/use-formats.ts';
import type { Task } from './task.ts';

type One = InferResponseType<(typeof api.tasks.disagreements)[':task']['$get'], 200>['disagreements'][number];
type Right = 'student' | 'teacher' | 'neither' | 'undecidable';

/** @param counts as the server has told last: where the list has others, it is asked for anew */
export function Disagreements({ task, counts }: { task: string; counts: Task['disagreements'] }) {
  const t = useTranslations('tasks.disagreements');
  const list = useRef<HTMLDivElement>(null);
  const [order, setOrder] = useState<'newest' | 'surest'>('newest');
  const [shown, setShown] = useState<'open' | 'all'>('open');
  const pages = useInfiniteQuery({
    queryKey: ['tasks', 'disagreements', task, order, shown],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      read(
        api.tasks.disagreements[':task'].$get({
          param: { task },
          query: {
            order,
            ...(shown === 'open' && { decided: 'false' as const }),
            ...(pageParam !== undefined && { after: pageParam }),
          },
        }),
      ),
    getNextPageParam: ({ next }) => next,
  });
  const { refetch } = pages;
  const told = JSON.stringify(counts);
  const isOld = pages.data !== undefined && JSON.stringify(pages.data.pages.at(-1)?.counts) !== told;
  const [heldBack, setHeldBack] = useState<string>();
  useEffect(() => {
    if (!isOld) return;
    // Nothing moves under the hand of whoever is about to decide.
    if (list.current?.matches(':hover, :focus-within')) setHeldBack(told);
    else void refetch();
  }, [told, isOld, refetch]);
  const rows = pages.data?.pages.flatMap(({ disagreements }) => disagreements);
  return (
    <Section title={t('title')}>
      <Text>{t('what')}</Text>
      <Group align="end">
        <NativeSelect
          label={t('order')}
          size="xs"
          value={order}
          onChange={({ currentTarget }) => setOrder(currentTarget.value === 'surest' ? 'surest' : 'newest')}
          data={[
            { value: 'newest', label: t('newest') },
            { value: 'surest', label: t('surest') },
          ]}
        />
        <NativeSelect
          label={t('show')}
          size="xs"
          value={shown}
          onChange={({ currentTarget }) => setShown(currentTarget.value === 'all' ? 'all' : 'open')}
          data={[
            { value: 'open', label: t('open') },
            { value: 'all', label: t('all') },
          ]}
        />
        <Text size="sm" role="status">
          {t('counts', {
            disagreements: counts.disagreements,
            decided: Object.values(counts.decided).reduce((sum, n) => sum + n, 0),
          })}
        </Text>
        {isOld && heldBack === told && (
          <Button size="compact-sm" variant="default" onClick={() => void refetch()}>
            {t('showNew')}
          </Button>
        )}
      </Group>
      <Answer query={{ data: rows, error: pages.error, refetch: pages.refetch }}>
        {(found) =>
          found.length === 0 ? (
            <EmptyState title={t('none')}>{t('noneHint')}</EmptyState>
          ) : (
            <Stack ref={list}>
              {found.map((one) => (
                <Decide key={one.call.id} of={one} />
              ))}
              {pages.hasNextPage && (
                <Group>
                  <Button
                    variant="default"
                    loading={pages.isFetchingNextPage}
                    onClick={() => void pages.fetchNextPage()}
                  >
                    {t('more')}
                  </Button>
                </Group>
              )}
            </Stack>
          )
        }
      </Answer>
    </Section>
  );
}

function Decide({ of: { call, decision } }: { of: One }) {
  const t = useTranslations('tasks.disagreements');
  const calls = useTranslations('calls');
  const formats = useFormats();
  const client = useQueryClient();
  const [answer, setAnswer] = useState<string>();
  const act = useMutation({
    mutationFn: (right: Right | null) =>
      read(
        api.tasks.decide.$post({
          json: { call: call.id, right, ...(right === 'neither' && { answer: answer ?? '' }) },
        }),
      ),
    onSuccess: () => {
      setAnswer(undefined);
      return client.invalidateQueries({ queryKey: ['tasks'] });
    },
  });
  const button = (right: Right, label: string) => (
    <Button
      size="compact-sm"
      variant={decision?.verdict === right ? 'filled' : 'default'}
      aria-pressed={decision?.verdict === right}
      disabled={act.isPending}
      onClick={() => act.mutate(right)}
    >
      {label}
    </Button>
  );
  const asked = call.messages.findLast(({ role }) => role === 'user')?.text;
  return (
    <Card withBorder component="article" aria-label={t('legend', { at: formats.dateTime(call.at) })}>
      <Stack gap="sm">
        <Group justify="space-between">
          <Text size="sm">{formats.dateTime(call.at)}</Text>
          <Badge variant="outline" tt="none">
            {t('confidence', { confidence: formats.confidence(call.student?.confidence ?? 0, 3) })}
          </Badge>
        </Group>
        {call.hasWords ? <RecordedText text={asked ?? ''} /> : <Text c="dimmed">{calls('deleted')}</Text>}
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <div>
            <Text size="sm" fw={600}>
              {calls('by.student')}
            </Text>
            <RecordedText text={call.student?.answer ?? ''} />
          </div>
          <div>
            <Text size="sm" fw={600}>
              {calls('by.teacher')}
            </Text>
            <RecordedText text={call.teacherAnswer ?? ''} />
          </div>
        </SimpleGrid>
        {decision?.answer != null && (
          <div>
            <Text size="sm" fw={600}>
              {t('answer')}
            </Text>
            <RecordedText text={decision.answer} />
          </div>
        )}
        <Group gap="xs">
          {button('student', t('studentRight'))}
          {button('teacher', t('teacherRight'))}
          <Button
            size="compact-sm"
            variant={decision?.verdict === 'neither' ? 'filled' : 'default'}
            aria-pressed={decision?.verdict === 'neither'}
            disabled={!call.hasWords || act.isPending}
            onClick={() => setAnswer(decision?.answer ?? '')}
          >
            {t('neither')}
          </Button>
          {button('undecidable', t('undecidable'))}
          {decision && (
            <Button size="compact-sm" variant="default" onClick={() => act.mutate(null)}>
              {t('undo')}
            </Button>
          )}
        </Group>
        {answer !== undefined && (
          <Stack gap="xs">
            <Textarea
              label={t('answer')}
              value={answer}
              autosize
              onChange={({ currentTarget }) => setAnswer(currentTarget.value)}
            />
            <Group>
              <Button
                size="compact-sm"
                disabled={answer.trim() === ''}
                loading={act.isPending}
                onClick={() => act.mutate('neither')}
              >
                {t('save')}
              </Button>
            </Group>
          </Stack>
        )}
        {act.error && <ErrorNotice error={act.error} />}
      </Stack>
    </Card>
  );
}
