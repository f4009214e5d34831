/**
 * How well the student agrees with the teacher: on its test split, and on calls it has not learned from, measured now.
 *
 * @module
 */
import { Button, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { type Bar, Bars } from '../../../charts/bars.tsx';
import { ReliabilityDiagram } from '../../../charts/reliability-diagram.tsx';
import { RiskCurve } from '../../../charts/risk-curve.tsx';
import { useChart } from '../../../charts/settings.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Facts } from '../../components/facts.tsx';
import { RecordedText } from '../../components/recorded-text.tsx';
import { Section } from '../../components/section.tsx';
import { api, read } from '../../lib/api.ts';
import { useFormats } from '../../lib/use-formats.ts';
import { SmallTable } from './small-table.tsx';
import { type Measured, type Student, type StudentFacts, studentsKey } from './use-students.ts';

export function QualitySection({ student, facts }: { student: Student; facts: StudentFacts }) {
  const t = useTranslations('students.quality');
  const client = useQueryClient();
  const { id, measured } = student;
  const measure = useMutation({
    mutationFn: () => read(api.students[':id'].measure.$post({ param: { id } })),
    onSuccess: () => client.invalidateQueries({ queryKey: [...studentsKey, 'one', id] }),
  });
  return (
    <Section title={t('title')}>
      <Stack gap="lg">
        <OnTest facts={facts} />
        <Group>
          <Button
            variant="default"
            loading={measure.isPending}
            onClick={() => measure.mutate()}
            aria-describedby={`${id}-measure`}
          >
            {t('measure')}
          </Button>
          <Text id={`${id}-measure`} size="sm" c="dimmed" flex="1 1 16rem">
            {t('measureWhat')}
          </Text>
        </Group>
        {measure.error && <ErrorNotice error={measure.error} />}
        <div aria-live="polite">{measured && <Measurement measured={measured} facts={facts} />}</div>
      </Stack>
    </Section>
  );
}

function OnTest({ facts: { test, baselines } }: { facts: StudentFacts }) {
  const t = useTranslations('students.quality');
  const { percent, count } = useChart().numbers;
  const bars: Bar[] = [
    ...(baselines.majority === null
      ? []
      : [{ label: t('majority'), share: baselines.majority, shade: 'quiet' } as const]),
    ...(baselines.ngramLinear === null
      ? []
      : [{ label: t('linear'), share: baselines.ngramLinear, shade: 'quiet' } as const]),
    ...(test.quantised === null
      ? []
      : [{ label: t('quantised'), share: test.quantised, shade: 'first' } as const]),
    ...(test.agreement === null
      ? []
      : [{ label: t('student'), share: test.agreement, shade: 'student' } as const]),
  ];
  return (
    <>
      <Facts
        rows={[
          [
            t('test'),
            test.agreement === null || test.interval === null
              ? t('unmeasured')
              : t('testFigure', {
                  agreement: percent(test.agreement),
                  n: count(test.n),
                  low: percent(test.interval[0]),
                  high: percent(test.interval[1]),
                }),
          ],
        ]}
      />
      {bars.length > 1 && <Bars title={t('test')} rows={bars} />}
    </>
  );
}

function Measurement({ measured, facts }: { measured: Measured; facts: StudentFacts }) {
  const t = useTranslations('students.quality');
  const formats = useFormats();
  const { percent, count, milliseconds } = useChart().numbers;
  const { report, at, later, test } = measured;
  const { details } = report;
  return (
    <Stack gap="lg">
      <Text size="sm">
        {t('measured', {
          when: formats.dateTime(at),
          n: count(report.n),
          later: count(later),
          test: count(test),
        })}
      </Text>
      <Facts
        rows={[
          [t('onAll'), percent(report.agreement)],
          [t('underCertificate'), percent(report.coverage)],
          [t('calibrationError'), percent(details.calibrationError, 2)],
          [t('median'), milliseconds(report.latencyMs.p50)],
          [t('slowest'), milliseconds(report.latencyMs.p99)],
          [t('perSecond'), count(report.answersPerSecond)],
        ]}
      />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl">
        <div>
          <Title order={3} size="h5" mb="sm">
            {t('riskTitle')}
          </Title>
          <RiskCurve
            points={details.riskCoverage}
            certified={
              report.disagreementAmongAnswered === null
                ? null
                : { coverage: report.coverage, disagreement: report.disagreementAmongAnswered }
            }
            alpha={facts.certificate?.alpha ?? null}
          />
        </div>
        <div>
          <Title order={3} size="h5" mb="sm">
            {t('reliabilityTitle')}
          </Title>
          <ReliabilityDiagram bins={details.reliability} />
          <Text size="sm" c="dimmed">
            {t('reliabilityHint')}
          </Text>
        </div>
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl">
        {details.labels && details.labels.length > 0 && (
          <SmallTable
            caption={t('worst')}
            heads={[t('label'), { n: t('n') }, { n: t('share') }]}
            rows={details.labels.map(({ label, n, agreement }) => [
              <RecordedText key="label" text={label} />,
              count(n),
              percent(agreement),
            ])}
          />
        )}
        {details.confused && details.confused.length > 0 && <MixUps confused={details.confused} />}
        {details.paths && (
          <SmallTable
            caption={t('paths')}
            heads={[t('path'), { n: t('n') }, { n: t('share') }]}
            rows={details.paths.map(({ path, n, agreement }) => [path, count(n), percent(agreement)])}
          />
        )}
      </SimpleGrid>
      {details.surest.length > 0 && (
        <SmallTable
          caption={t('surest')}
          heads={[t('text'), t('teacher'), t('student'), { n: t('confidence') }]}
          rows={details.surest.map(({ text, teacher, student, confidence }) => [
            <RecordedText key="text" text={text} />,
            <RecordedText key="teacher" text={teacher} />,
            <RecordedText key="student" text={student} />,
            percent(confidence),
          ])}
        />
      )}
    </Stack>
  );
}

function MixUps({ confused }: { confused: NonNullable<Measured['report']['details']['confused']> }) {
  const t = useTranslations('students.quality');
  const { numbers, words } = useChart();
  return (
    <SmallTable
      caption={t('mixUps')}
      heads={[words.teacherSaid, words.studentSaid, { n: words.times }]}
      rows={confused.map(({ teacher, student, n }) => [
        <RecordedText key="teacher" text={teacher} />,
        <RecordedText key="student" text={student} />,
        numbers.count(n),
      ])}
    />
  );
}
