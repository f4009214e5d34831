/**
 * All runs, the latest first, and where one is begun.
 *
 * @module
 */
import { Anchor, Table } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { Link } from 'wouter';
import { Answer } from '../../components/answer.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { LiveMark } from '../../components/live-mark.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { useFormats } from '../../lib/use-formats.ts';
import { useLive } from '../../lib/use-live.ts';
import { RunProgress, RunState } from './run-state.tsx';
import { askRuns, type RunsAnswer } from './runs-data.ts';
import { StartRun } from './start-run.tsx';

export function RunList() {
  const t = useTranslations('runs');
  const formats = useFormats();
  const query = useQuery({ queryKey: ['runs'], queryFn: askRuns });
  const live = useLive<RunsAnswer>('/console/api/runs/live');
  return (
    <>
      <PageHeader title={t('title')} lead={t('lead')} />
      <LiveMark live={live} />
      <Answer query={live.state ? { ...query, data: live.state, error: null } : query}>
        {({ runs, tasks }) => (
          <>
            {tasks.length > 0 && <StartRun tasks={tasks} />}
            {runs.length === 0 ? (
              <EmptyState title={t('noneTitle')} command={`kolben distill --task ${tasks[0] ?? '<task>'}`}>
                {t('none')}
              </EmptyState>
            ) : (
              <Table.ScrollContainer minWidth={560} scrollAreaProps={{ tabIndex: 0 }}>
                <Table>
                  <Table.Thead>
                    <Table.Tr>
                      <Table.Th>{t('task')}</Table.Th>
                      <Table.Th>{t('begun')}</Table.Th>
                      <Table.Th>{t('state')}</Table.Th>
                      <Table.Th>{t('result')}</Table.Th>
                    </Table.Tr>
                  </Table.Thead>
                  <Table.Tbody>
                    {runs.map((run) => (
                      <Table.Tr key={run.id}>
                        <Table.Th scope="row" miw="8rem" style={{ overflowWrap: 'anywhere' }}>
                          <Anchor component={Link} href={`/${run.id}`} underline="always">
                            {run.task}
                          </Anchor>
                        </Table.Th>
                        <Table.Td>{formats.dateTime(run.begunAt)}</Table.Td>
                        <Table.Td>
                          <RunState run={run} />
                        </Table.Td>
                        <Table.Td>
                          <RunProgress run={run} />
                        </Table.Td>
                      </Table.Tr>
                    ))}
                  </Table.Tbody>
                </Table>
              </Table.ScrollContainer>
            )}
          </>
        )}
      </Answer>
    </>
  );
}
