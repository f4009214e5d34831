/**
 * Calls in which student and teacher differ, to be read and decided.
 *
 * @module
 */
import { Badge, Button, Card, Group, NativeSelect, SimpleGrid, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import type { InferResponseType } from 'hono/client';
import { useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Answer } from '../../components/answer.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { RecordedText } from '../../components/recorded-text.tsx';
import { Section } from '../../components/section.tsx';
import { useErrorText } from '../../components/use-error-text.ts';
import { api, read } from '../../lib/api.ts';
import { useFormats } from '../../lib/use-formats.ts';
import { RightAnswer } from './right-answer.tsx';
import type { Task } from './task.ts';

type One = InferResponseType<(typeof api.tasks.disagreements)[':task']['$get'], 200>['disagreements'][number];
type Right = 'student' | 'teacher' | 'neither' | 'undecidable';
interface Said {
  /** Null: takes the decision back. */
  right: Right | null;
  answer?: string;
  isNewLabel?: boolean;
}

const names = {
  student: 'studentRight',
  teacher: 'teacherRight',
  neither: 'neither',
  undecidable: 'undecidable',
} as const;

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
                <Decide key={one.call.id} of={one} task={task} />
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

/** What was decided before, to be put back. */
const saidBefore = (decision: One['decision']): Said => ({
  right: decision?.verdict ?? null,
  ...(decision?.answer != null && { answer: decision.answer, isNewLabel: true }),
});

function Decide({ of: { call, decision }, task }: { of: One; task: string }) {
  const t = useTranslations('tasks.disagreements');
  const calls = useTranslations('calls');
  const formats = useFormats();
  const errorText = useErrorText();
  const client = useQueryClient();
  const [isTyping, setTyping] = useState(false);
  const act = useMutation({
    mutationFn: (said: Said) => read(api.tasks.decide.$post({ json: { call: call.id, ...said } })),
    onSuccess: async (_, { right, answer }) => {
      setTyping(false);
      // The card goes where only what is to be decided is shown: what it was, and the way back, stay a while.
      const id = `decided ${call.id}`;
      notifications.hide(id);
      notifications.show({
        id,
        autoClose: right === null ? 4_000 : 15_000,
        message:
          right === null ? (
            t('undone')
          ) : (
            <Stack gap="xs" align="start">
              <RecordedText text={t('decided', { what: answer ?? t(names[right]) })} />
              <Button
                size="compact-sm"
                variant="default"
                onClick={() =>
                  // Its card, which would tell of an error, is gone by then.
                  void act
                    .mutateAsync(saidBefore(decision))
                    .catch((error) => notifications.show({ color: 'red', message: errorText(error) }))
                }
              >
                {t('undo')}
              </Button>
            </Stack>
          ),
      });
      await client.invalidateQueries({ queryKey: ['tasks'] });
    },
  });
  const button = (right: Right, label: string) => (
    <Button
      size="compact-sm"
      variant={decision?.verdict === right ? 'filled' : 'default'}
      aria-pressed={decision?.verdict === right}
      disabled={act.isPending}
      onClick={() => act.mutate({ right })}
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
            onClick={() => setTyping(true)}
          >
            {t('neither')}
          </Button>
          {button('undecidable', t('undecidable'))}
          {decision && (
            <Button size="compact-sm" variant="default" onClick={() => act.mutate({ right: null })}>
              {t('undo')}
            </Button>
          )}
        </Group>
        {isTyping && (
          <RightAnswer
            task={task}
            first={decision?.answer ?? ''}
            isPending={act.isPending}
            onSave={(answer, isNewLabel) => act.mutate({ right: 'neither', answer, isNewLabel })}
          />
        )}
        {act.error && <ErrorNotice error={act.error} />}
      </Stack>
    </Card>
  );
}
