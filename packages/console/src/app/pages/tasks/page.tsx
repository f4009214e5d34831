/**
 * Tasks: not built yet, and says so.
 *
 * @module
 */
import { useTranslations } from 'use-intl';
import { EmptyState } from '../../components/empty-state.tsx';
import { PageHeader } from '../../components/page-header.tsx';

export default function TasksPage() {
  const t = useTranslations();
  return (
    <>
      <PageHeader title={t('tasks.title')} />
      <EmptyState title={t('common.coming')}>
        {t('common.comingHint', { command: 'kolben route' })}
      </EmptyState>
    </>
  );
}
