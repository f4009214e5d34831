/**
 * The figures of a run, in pairs of name and value.
 *
 * @module
 */
import { Code, SimpleGrid, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { useFormats } from '../../lib/use-formats.ts';
import { StudentLink, useStudentName } from '../students/student-name.tsx';
import type { WholeRun } from './runs-data.ts';

export function RunFacts({ run }: { run: WholeRun }) {
  const t = useTranslations('runs');
  const formats = useFormats();
  const nameOf = useStudentName();
  const { progress, dataset, process, end } = run;
  const facts: [string, ReactNode][] = [];
  const add = <Value,>(name: string, value: Value | null | undefined, shown: (value: Value) => ReactNode) => {
    if (value !== null && value !== undefined) facts.push([name, shown(value)]);
  };
  add(t('loss'), progress?.loss, (loss) => formats.number(loss, 4));
  add(t('agreement'), progress?.agreement, (share) => formats.percent(share));
  add(t('tokens'), progress?.tokensPerSecond, (rate) => formats.number(rate));
  add(t('padding'), progress?.paddingShare, (share) => formats.percent(share));
  add(t('waiting'), progress?.bubble, (share) => formats.percent(share));
  add(t('learningRate'), progress?.learningRate, (rate) => formats.number(rate, 6));
  if (run.state === 'running')
    add(t('timeLeft'), progress?.secondsLeft, (seconds) => formats.duration(seconds * 1000));
  add(t('dataset'), dataset, ({ n, train }) =>
    t('datasetTold', { n: formats.number(n), train: formats.number(train) }),
  );
  add(t('process'), process, ({ pid, host, cores }) => t('processTold', { pid: String(pid), host, cores }));
  if (end && 'student' in end) {
    const { id, digest, folder } = end.student;
    // One that was never registered has no page: its folder is all there is of it.
    add(t('student'), folder, () =>
      id === null ? (
        <>
          {nameOf(digest)} <Code>{folder}</Code>
        </>
      ) : (
        <StudentLink id={id} digest={digest} />
      ),
    );
  }
  return (
    <SimpleGrid component="dl" cols={{ base: 1, xs: 2, md: 3 }} my="md">
      {facts.map(([name, value]) => (
        <Stack key={name} gap={2}>
          <Text component="dt" size="sm" c="dimmed">
            {name}
          </Text>
          <Text component="dd" m={0} style={{ overflowWrap: 'anywhere' }}>
            {value}
          </Text>
        </Stack>
      ))}
    </SimpleGrid>
  );
}
