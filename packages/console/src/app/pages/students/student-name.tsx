/**
 * What people call a student by, on every page: the beginning of its digest.
 *
 * @module
 */
import { Anchor } from '@mantine/core';
import { useTranslations } from 'use-intl';
import { Link } from 'wouter';

export function useStudentName(): (digest: string) => string {
  const t = useTranslations('students');
  return (digest) => t('name', { short: digest.replace(/^sha256:/, '').slice(0, 12) });
}

/** The name, and the way to its page. */
export function StudentLink({ id, digest }: { id: string; digest: string }) {
  const nameOf = useStudentName();
  return (
    <Anchor component={Link} href={`~/console/students/${encodeURIComponent(id)}`} size="sm">
      {nameOf(digest)}
    </Anchor>
  );
}
