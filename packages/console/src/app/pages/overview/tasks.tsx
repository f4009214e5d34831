/**
 * The tasks at a glance.
 *
 * @module
 */
import { Anchor, Badge, Stack, Table, Text, Title } from '@mantine/core';
import { useTranslations } from 'use-intl';
import { Link } from 'wouter';
import { EmptyState } from '../../components/empty-state.tsx';
import { useFormats } from '../../lib/use-formats.ts';
import type { OverviewData } from './overview-data.ts';

type Task = OverviewData['tasks'][number];

export function Tasks({ tasks }: { tasks: readonly Task[] }) {
  const t = useTranslations('overview');
  const { money, number, percent } = useFormats();
  if (tasks.length === 0) return <EmptyState title={t('emptyTasks')}>{t('emptyTasksHint')}</EmptyState>;
  return (
    <Stack gap="xs">
      <Title order={2} size="h4">
        {t('tasks')}
      </Title>
      <Table.ScrollContainer minWidth={0} type="native" tabIndex={0} role="region" aria-label={t('tasks')}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">{t('task')}</Table.Th>
              <Table.Th scope="col">{t('route')}</Table.Th>
              <Table.Th scope="col">{t('standing')}</Table.Th>
              <Table.Th scope="col" ta="end">
                {t('calls')}
              </Table.Th>
              <Table.Th scope="col" ta="end">
                {t('byStudent')}
              </Table.Th>
              <Table.Th scope="col" ta="end">
                {t('cost')}
              </Table.Th>
              <Table.Th scope="col" ta="end">
                {t('saved')}
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {tasks.map((task) => (
              <Table.Tr key={task.name}>
                <Table.Th scope="row" miw="8rem" style={{ overflowWrap: 'anywhere' }}>
                  <Anchor component={Link} href={`/tasks/${encodeURIComponent(task.name)}`}>
                    {task.name}
                  </Anchor>
                </Table.Th>
                <Table.Td>
                  <Route route={task.route} />
                </Table.Td>
                <Table.Td miw="8rem">
                  <Standing task={task} />
                </Table.Td>
                <Table.Td ta="end">{number(task.calls)}</Table.Td>
                <Table.Td ta="end">{task.calls === 0 ? '–' : percent(task.byStudent / task.calls)}</Table.Td>
                <Table.Td ta="end">{money(task.cost)}</Table.Td>
                <Table.Td ta="end">{money(task.saved)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Stack>
  );
}

function Route({ route }: Pick<Task, 'route'>) {
  const t = useTranslations('common.route');
  return (
    <Badge variant="outline" color="gray" c="var(--mantine-color-text)" tt="none">
      {t(route)}
    </Badge>
  );
}

/** The state in words, not in colour alone. */
function Standing({ task: { state, student, certificate } }: { task: Task }) {
  const t = useTranslations('overview');
  const common = useTranslations('common');
  const { percent } = useFormats();
  const isWithdrawn = state === 'withdrawn' || state === 'forced';
  return (
    <>
      <Text size="sm" fw={isWithdrawn ? 700 : undefined}>
        {state !== null
          ? common(`service.${state}`)
          : t(student === null ? 'state.none' : 'state.unreadable')}
      </Text>
      {certificate && !isWithdrawn && (
        <Text size="xs" c="dimmed">
          {t('certificate', {
            alpha: percent(certificate.alpha),
            coverage: percent(certificate.coverage, 0),
          })}
        </Text>
      )}
    </>
  );
}
