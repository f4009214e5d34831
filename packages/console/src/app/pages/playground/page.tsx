/**
 * Playground: a text, and what student and teacher say to it.
 *
 * @module
 */
import { Anchor, Button, Group, NativeSelect, SimpleGrid, Stack, Text, Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { type UseMutationResult, useMutation, useQuery } from '@tanstack/react-query';
import type { InferResponseType } from 'hono/client';
import { useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Link } from 'wouter';
import { MarkedText } from '../../../charts/index.ts';
import { Answer } from '../../components/answer.tsx';
import { Charts } from '../../components/charts.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { RecordedText } from '../../components/recorded-text.tsx';
import { Section } from '../../components/section.tsx';
import { api, read } from '../../lib/api.ts';
import { ApiFault } from '../../lib/api-fault.ts';
import { useFormats } from '../../lib/use-formats.ts';

type PlayTask = InferResponseType<typeof api.playground.$get, 200>['tasks'][number];
type Said = InferResponseType<typeof api.playground.ask.$post, 200>;
type Asking = UseMutationResult<Said, Error, void>;

export default function PlaygroundPage() {
  const t = useTranslations('playground');
  const query = useQuery({ queryKey: ['playground'], queryFn: () => read(api.playground.$get()) });
  return (
    <>
      <PageHeader title={t('title')} lead={t('lead')} />
      <Answer query={query}>
        {({ tasks }) =>
          tasks.length === 0 ? (
            <EmptyState title={t('none')}>{t('noneHint')}</EmptyState>
          ) : (
            <Charts>
              <Play tasks={tasks} />
            </Charts>
          )
        }
      </Answer>
    </>
  );
}

function Play({ tasks }: { tasks: readonly PlayTask[] }) {
  const t = useTranslations('playground');
  const formats = useFormats();
  const [name, setName] = useState(tasks[0]!.name);
  const [text, setText] = useState('');
  const [instructions, setInstructions] = useState('');
  const task = tasks.find((one) => one.name === name) ?? tasks[0]!;
  const usual = useQuery({
    queryKey: ['playground', 'instructions', task.name],
    queryFn: () => read(api.playground.instructions[':task'].$get({ param: { task: task.name } })),
  });
  useEffect(() => {
    if (usual.data) setInstructions(usual.data.instructions);
  }, [usual.data]);
  const question = { task: task.name, text, instructions };
  const [settled] = useDebouncedValue(question, 300);
  const price = useQuery({
    queryKey: ['playground', 'price', settled],
    enabled: settled.text.trim() !== '',
    queryFn: () => read(api.playground.price.$post({ json: settled })),
  });
  const ask = (who: 'student' | 'teacher') => () =>
    read(api.playground.ask.$post({ json: { ...question, who } }));
  const student = useMutation({ mutationFn: ask('student') });
  const teacher = useMutation({ mutationFn: ask('teacher') });
  const explain = useMutation({
    mutationFn: () => read(api.playground.explain.$post({ json: { task: task.name, text } })),
  });
  const reset = () => {
    student.reset();
    teacher.reset();
    explain.reset();
  };
  const hasStudent = task.student !== null;
  const isReady = text.trim() !== '';
  const answers = [student.data?.answer, teacher.data?.answer];
  return (
    <Stack>
      <NativeSelect
        label={t('task')}
        value={task.name}
        onChange={({ currentTarget }) => {
          setName(currentTarget.value);
          reset();
        }}
        data={tasks.map(({ name: value }) => value)}
      />
      <Textarea
        label={t('text')}
        value={text}
        minRows={3}
        autosize
        onChange={({ currentTarget }) => {
          setText(currentTarget.value);
          reset();
        }}
      />
      <Textarea
        label={t('instructions')}
        description={t('instructionsHint')}
        value={instructions}
        autosize
        onChange={({ currentTarget }) => setInstructions(currentTarget.value)}
      />
      <Group>
        <Button
          disabled={!isReady}
          loading={student.isPending || teacher.isPending}
          onClick={() => {
            reset();
            if (hasStudent) student.mutate();
            teacher.mutate();
          }}
        >
          {t(hasStudent ? 'ask' : 'teacher')}
        </Button>
        {hasStudent && (
          <Button
            variant="default"
            disabled={!isReady}
            onClick={() => {
              reset();
              student.mutate();
            }}
          >
            {t('askStudent')}
          </Button>
        )}
        <Text size="sm" role="status">
          {isReady &&
            price.data &&
            (price.data.most === null
              ? t('mostUnknown')
              : t('most', { most: formats.money(price.data.most) }))}
        </Text>
      </Group>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Section title={t('student')}>
          {hasStudent ? (
            <SaidBy asking={student} />
          ) : (
            <>
              <Text>{t('noStudent')}</Text>
              <Anchor component={Link} href={`~/console/tasks/${encodeURIComponent(task.name)}`} size="sm">
                {t('toTask')}
              </Anchor>
            </>
          )}
        </Section>
        <Section title={t('teacher')}>
          <Text size="sm" c="dimmed">
            {task.teacher}
          </Text>
          <SaidBy asking={teacher} />
        </Section>
      </SimpleGrid>
      {answers.every((one) => typeof one === 'string') && (
        <Text role="status" fw={600}>
          {t(answers[0] === answers[1] ? 'same' : 'differ')}
        </Text>
      )}
      {student.data?.answer != null && (
        <Group>
          <Button variant="default" loading={explain.isPending} onClick={() => explain.mutate()}>
            {t('explain')}
          </Button>
        </Group>
      )}
      {explain.error && <ErrorNotice error={explain.error} />}
      {explain.data && (
        <Section title={t('explained', { answer: explain.data.answer })}>
          <MarkedText
            text={text}
            words={explain.data.words}
            show={(piece) => <RecordedText text={piece} display="inline" />}
          />
          <Text size="sm">{t('explainedHint')}</Text>
        </Section>
      )}
    </Stack>
  );
}

function SaidBy({ asking: { data, error, isPending } }: { asking: Asking }) {
  const t = useTranslations('playground');
  const formats = useFormats();
  if (error) return <ErrorNotice error={error} />;
  if (isPending) return <Text role="status">{t('waiting')}</Text>;
  if (!data) return null;
  if (data.error) {
    const { code, message, values } = data.error;
    return <ErrorNotice error={new ApiFault(data.status, code, message, values)} />;
  }
  const { answer, student } = data;
  return (
    <>
      <RecordedText text={answer ?? ''} fw={600} />
      {student && (
        <Text size="sm">
          {t('confidence')} {formats.confidence(student.confidence)} –{' '}
          {t(!student.certified ? 'uncertified' : data.isWithdrawn ? 'withdrawn' : 'certified')}
        </Text>
      )}
      <Text size="sm">
        {t('latency')} {formats.duration(Math.round(data.latencyMs))}, {t('cost')} {formats.money(data.cost)}
      </Text>
      <Anchor component={Link} href={`~/console/calls/${encodeURIComponent(data.id)}`} size="sm">
        {t('open')}
      </Anchor>
    </>
  );
}
