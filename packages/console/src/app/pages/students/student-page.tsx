/**
 * One student: what is certified, how good and how fast it is, why it answers as it does, where it comes from.
 *
 * @module
 */
import { Alert, Anchor, Group, Stack, Text } from '@mantine/core';
import { useTranslations } from 'use-intl';
import { Link } from 'wouter';
import { Answer } from '../../components/answer.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { useErrorText } from '../../components/use-error-text.ts';
import { ApiFault } from '../../lib/api-fault.ts';
import { Acts } from './acts.tsx';
import { CertificateSection } from './certificate-section.tsx';
import { CompareWith } from './compare-with.tsx';
import { ExplainSection } from './explain-section.tsx';
import { LineageSection } from './lineage-section.tsx';
import { ModelCard } from './model-card.tsx';
import { PlaceBadges } from './place-badges.tsx';
import { QualitySection } from './quality-section.tsx';
import { SizeSection } from './size-section.tsx';
import { useStudentName } from './student-name.tsx';
import { type Student, useStudent } from './use-students.ts';

function Missing({ student: { fault } }: { student: Student }) {
  const t = useTranslations();
  const textOf = useErrorText();
  if (fault === null) return t('students.missing', { why: t('reasons.folder.other') });
  return textOf(
    new ApiFault(0, fault.code, t('students.missing', { why: t('reasons.folder.unreadable') }), fault.values),
  );
}

export function StudentPage({ id }: { id: string }) {
  const t = useTranslations('students');
  const nameOf = useStudentName();
  return (
    <>
      <Anchor component={Link} href="/" size="sm">
        {t('back')}
      </Anchor>
      <Answer query={useStudent(id)}>
        {(student) => (
          <>
            <PageHeader title={`${nameOf(student.digest)} · ${student.task}`}>
              <PlaceBadges place={student} />
            </PageHeader>
            {student.facts === null ? (
              <Alert color="red" variant="outline" role="alert">
                <Missing student={student} />
              </Alert>
            ) : (
              <Stack gap="xl">
                <Acts student={student} />
                <CertificateSection facts={student.facts} />
                <QualitySection student={student} facts={student.facts} />
                <ExplainSection id={id} isWithdrawn={student.withdrawnAt !== null} />
                <CompareWith student={student} />
                <SizeSection student={student} facts={student.facts} />
                <LineageSection student={student} facts={student.facts} />
                <ModelCard id={id} />
              </Stack>
            )}
            {student.facts === null && (
              <Group mt="md">
                <Text c="dimmed" size="sm">
                  {student.directory}
                </Text>
              </Group>
            )}
          </>
        )}
      </Answer>
    </>
  );
}
