/**
 * Students: not built yet, and says so.
 *
 * @module
 */
import { useTranslations } from 'use-intl';
import { EmptyState } from '../../components/empty-state.tsx';
import { PageHeader } from '../../components/page-header.tsx';

export default function StudentsPage() {
  const t = useTranslations();
  return (
    <>
      <PageHeader title={t('students.title')} />
      <EmptyState title={t('common.coming')}>
        {t('common.comingHint', { command: 'kolben students' })}
      </EmptyState>
    </>
  );
}
