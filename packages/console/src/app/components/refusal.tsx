/**
 * Why there is no certificate, and what would help.
 *
 * @module
 */
import { Text } from '@mantine/core';
import { useTranslations } from 'use-intl';
import type { StudentFacts } from '../pages/students/use-students.ts';

export function Refusal({ of: { code, values } }: { of: NonNullable<StudentFacts['refusal']> }) {
  const t = useTranslations('reasons.certificate');
  const { callsNeeded } = values;
  return (
    <Text size="sm">
      {t(code, values)} {callsNeeded === undefined ? t('never') : t('callsNeeded', { callsNeeded })}
    </Text>
  );
}
