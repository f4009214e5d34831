/**
 * How large the student is on the disk, and what its folder says of time.
 *
 * @module
 */
import { useTranslations } from 'use-intl';
import { useChart } from '../../../charts/settings.tsx';
import { Facts } from '../../components/facts.tsx';
import { Section } from '../../components/section.tsx';
import { useScheduleName } from '../../components/use-schedule-name.ts';
import { sizeOf } from './size-of.ts';
import { SmallTable } from './small-table.tsx';
import type { Student, StudentFacts } from './use-students.ts';

export function SizeSection({
  student: { files, measured },
  facts: { training },
}: {
  student: Student;
  facts: StudentFacts;
}) {
  const t = useTranslations('students.size');
  const { numbers } = useChart();
  const nameOf = useScheduleName();
  const { count, duration, milliseconds, plain } = numbers;
  const { seconds, tokensPerSecond, chips, schedule } = training;
  return (
    <Section title={t('title')}>
      <Facts
        rows={[
          [
            t('disk'),
            sizeOf(
              files.reduce((sum, { bytes }) => sum + bytes, 0),
              plain,
            ),
          ],
          [
            t('training'),
            seconds === null || tokensPerSecond === null
              ? t('trainingUnknown')
              : t('trainingFigure', {
                  seconds: duration(seconds),
                  chips,
                  tokens: count(tokensPerSecond),
                  schedule: nameOf(schedule),
                }),
          ],
          [t('answering'), measured ? milliseconds(measured.report.latencyMs.p50) : t('answeringHint')],
        ]}
      />
      <SmallTable
        caption={t('files')}
        heads={[t('file'), { n: t('bytes') }]}
        rows={files.map(({ name, bytes }) => [name, sizeOf(bytes, plain)])}
      />
    </Section>
  );
}
