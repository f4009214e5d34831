/**
 * Where the student comes from: who taught it, under which terms, on which dataset, by which recipe.
 *
 * @module
 */
import { Anchor, Code, Stack, Text } from '@mantine/core';
import { useTranslations } from 'use-intl';
import { useChart } from '../../../charts/settings.tsx';
import { Facts } from '../../components/facts.tsx';
import { RecordedText } from '../../components/recorded-text.tsx';
import { Section } from '../../components/section.tsx';
import { useFormats } from '../../lib/use-formats.ts';
import { useStudentName } from './student-name.tsx';
import type { Student, StudentFacts } from './use-students.ts';

export function LineageSection({ student, facts }: { student: Student; facts: StudentFacts }) {
  const t = useTranslations('students.lineage');
  const { count } = useChart().numbers;
  const formats = useFormats();
  const nameOf = useStudentName();
  const { lineage } = facts;
  const { dataset, base, machine, answers, teachers, parent } = lineage;
  const taught =
    answers.length > 0
      ? answers.map(({ provider, model, calls }) =>
          t('answersOf', {
            name: provider === null ? t('unknown') : [provider, model].filter(Boolean).join('/'),
            calls: count(calls),
          }),
        )
      : teachers;
  return (
    <Section title={t('title')}>
      <Facts
        rows={[
          [t('digest'), <Code key="digest">{student.digest}</Code>],
          [t('folder'), <Code key="folder">{student.directory}</Code>],
          [t('parent'), parent === null ? t('first') : nameOf(parent)],
          [
            t('base'),
            base === null ? t('nothing') : [base.id, base.revision, base.licence].filter(Boolean).join(', '),
          ],
          [t('teachers'), taught.length === 0 ? t('unknown') : formats.list(taught)],
          [t('terms'), <Terms key="terms" terms={lineage.terms} />],
          [
            t('dataset'),
            <Stack key="dataset" gap={2}>
              <span>{t('datasetFigure', { n: count(dataset.n), train: count(dataset.train) })}</span>
              <Code>{dataset.digest}</Code>
            </Stack>,
          ],
          [
            t('source'),
            lineage.source === null ? (
              t('unknown')
            ) : lineage.isOfCalls ? (
              t('recordedCalls', { task: student.task })
            ) : (
              <RecordedText key="source" text={lineage.source} />
            ),
          ],
          [t('recipe'), lineage.recipe],
          [t('seed'), String(lineage.seed)],
          [t('machine'), t('machineFigure', { cpu: machine.cpu, cores: machine.cores, node: machine.node })],
          [t('madeBy'), `Kolben ${lineage.kolben}, ${formats.dateTime(lineage.created)}`],
        ]}
      />
    </Section>
  );
}

function Terms({ terms }: { terms: StudentFacts['lineage']['terms'] }) {
  const t = useTranslations('students.lineage');
  const { day } = useFormats();
  const verdict = (word: string) =>
    t.has(`verdicts.${word as 'allowed'}`) ? t(`verdicts.${word as 'allowed'}`) : word;
  if (terms === null) return t('termsUnchecked');
  return (
    <Stack gap={4}>
      <span>
        {verdict(terms.verdict)}, {t(terms.distribution === 'internal' ? 'internal' : 'distributed')}
      </span>
      {terms.providers.map(({ provider, verdict: own, clause, url, date, permission }) => (
        <Text key={provider ?? ''} size="sm" component="div">
          {t('clause', { provider: provider ?? t('unknown'), verdict: verdict(own) })}
          {clause !== null && (
            <>
              {' '}
              <RecordedText text={t('quoted', { text: clause })} />
            </>
          )}
          {url !== null && /^https?:/.test(url) && (
            <>
              {' '}
              <Anchor href={url} target="_blank" rel="noreferrer">
                {date === null ? url : day(date)}
              </Anchor>
            </>
          )}
          {permission !== null &&
            ` ${t('permission', { reference: permission.reference, date: day(permission.date) })}`}
        </Text>
      ))}
    </Stack>
  );
}
