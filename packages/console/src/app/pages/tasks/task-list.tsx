/**
 * All tasks at a glance.
 *
 * @module
 */
import type { InferResponseType } from 'hono/client';
import { useTranslations } from 'use-intl';
import { useLocation } from 'wouter';
import { Answer } from '../../components/answer.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { LiveMark } from '../../components/live-mark.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ServiceBadge } from '../../components/service-badge.tsx';
import { api, read } from '../../lib/api.ts';
import { useFormats } from '../../lib/use-formats.ts';
import { useIsNarrow } from '../../lib/use-is-narrow.ts';
import { useLiveQuery } from '../../lib/use-live-query.ts';

type TaskRow = InferResponseType<typeof api.tasks.$get, 200>['tasks'][number];

export function TaskList() {
  const t = useTranslations('tasks');
  const common = useTranslations('common');
  const formats = useFormats();
  const isNarrow = useIsNarrow();
  const [, navigate] = useLocation();
  const { query, live } = useLiveQuery(
    ['tasks', 'list'],
    () => read(api.tasks.$get()),
    '/console/api/tasks/live',
  );
  const columns: Record<
    'name' | 'kind' | 'teacher' | 'route' | 'certificate' | 'undecided',
    Column<TaskRow>
  > = {
    name: {
      id: 'name',
      header: t('name'),
      width: isNarrow ? 'minmax(7rem, 1fr)' : 'minmax(12rem, 1fr)',
      wraps: true,
      cell: ({ name }) => name,
    },
    kind: {
      id: 'kind',
      header: t('kind'),
      width: '8rem',
      cell: ({ kind }) => t(`kinds.${kind ?? 'auto'}`),
    },
    teacher: { id: 'teacher', header: t('teacher'), wraps: true, cell: ({ teacher }) => teacher },
    route: {
      id: 'route',
      header: t('route'),
      width: '5.5rem',
      cell: ({ route }) => common(`route.${route}`),
    },
    certificate: {
      id: 'certificate',
      header: t('certificate'),
      width: isNarrow ? 'minmax(9rem, 2fr)' : 'minmax(16rem, 2fr)',
      wraps: true,
      cell: ({ certificate, state }) =>
        state === 'withdrawn' || state === 'forced' ? (
          <ServiceBadge state={state} />
        ) : certificate ? (
          t('certified', {
            coverage: formats.percent(certificate.coverage),
            alpha: formats.percent(certificate.alpha),
          })
        ) : (
          t(state === null ? 'noStudent' : 'uncertified')
        ),
    },
    undecided: {
      id: 'undecided',
      header: t('toDecide'),
      width: '8.5rem',
      align: 'end',
      cell: ({ undecided }) => formats.number(undecided),
    },
  };
  const { name, kind, teacher, route, certificate, undecided } = columns;
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
              rowKey={(task) => task.name}
              {...(isNarrow && { rowHeight: 84 })}
              onOpen={(task) => navigate(`/${encodeURIComponent(task.name)}`)}
              // On a phone, what there is room for is what matters most.
              columns={
                isNarrow
                  ? [name, route, certificate, undecided, kind, teacher]
                  : [name, kind, teacher, route, certificate, undecided]
              }
            />
          )
        }
      </Answer>
    </>
  );
}
