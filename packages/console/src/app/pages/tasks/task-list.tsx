/**
 * All tasks at a glance.
 *
 * @module
 */
import { Badge } from '@mantine/core';
import { useTranslations } from 'use-intl';
import { useLocation } from 'wouter';
import { Answer } from '../../components/answer.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { LiveMark } from '../../components/live-mark.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { api, read } from '../../lib/api.ts';
import { useFormats } from '../../lib/use-formats.ts';
import { useLiveQuery } from '../../lib/use-live-query.ts';

export function TaskList() {
  const t = useTranslations('tasks');
  const common = useTranslations('common');
  const formats = useFormats();
  const [, navigate] = useLocation();
  const { query, live } = useLiveQuery(
    ['tasks', 'list'],
    () => read(api.tasks.$get()),
    '/console/api/tasks/live',
  );
  return (
    <>
      <PageHeader title={t('title')} lead={t('lead')} />
      <LiveMark live={live} />
      <Answer query={query}>
        {({ tasks }) =>
          tasks.length === 0 ? (
            <EmptyState title={t('none')}>{t('noneHint')}</EmptyState>
          ) : (
            <DataTable
              label={t('table')}
              rows={tasks}
              rowKey={({ name }) => name}
              onOpen={({ name }) => navigate(`/${encodeURIComponent(name)}`)}
              columns={[
                { id: 'name', header: t('name'), cell: ({ name }) => name },
                {
                  id: 'kind',
                  header: t('kind'),
                  width: '9rem',
                  cell: ({ kind }) => t(`kinds.${kind ?? 'auto'}`),
                },
                { id: 'teacher', header: t('teacher'), cell: ({ teacher }) => teacher },
                {
                  id: 'route',
                  header: t('route'),
                  width: '8rem',
                  cell: ({ route }) => common(`route.${route}`),
                },
                {
                  id: 'certificate',
                  header: t('certificate'),
                  width: 'minmax(16rem, 2fr)',
                  cell: ({ certificate, hasStudent, withdrawn }) =>
                    withdrawn ? (
                      <Badge color="red" variant="outline">
                        {t('withdrawn')}
                      </Badge>
                    ) : certificate ? (
                      t('certified', {
                        coverage: formats.percent(certificate.coverage),
                        alpha: formats.percent(certificate.alpha),
                      })
                    ) : (
                      t(hasStudent ? 'uncertified' : 'noStudent')
                    ),
                },
                {
                  id: 'undecided',
                  header: t('toDecide'),
                  width: '9rem',
                  align: 'end',
                  cell: ({ undecided }) => formats.number(undecided),
                },
              ]}
            />
          )
        }
      </Answer>
    </>
  );
}
