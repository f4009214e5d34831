/**
 * Overview: what is true of the whole installation.
 *
 * @module
 */
import { Badge, Table } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { Answer } from '../../components/answer.tsx';
import { LiveMark } from '../../components/live-mark.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { api, read } from '../../lib/api.ts';
import { useLive } from '../../lib/use-live.ts';

const ask = () => read(api.overview.$get());

export default function OverviewPage() {
  const t = useTranslations();
  const query = useQuery({ queryKey: ['overview'], queryFn: ask });
  const live = useLive<Awaited<ReturnType<typeof ask>>>('/console/api/overview/live');
  return (
    <>
      <PageHeader title={t('overview.title')} />
      <LiveMark live={live} />
      <Answer query={live.state ? { ...query, data: live.state, error: null } : query}>
        {({ tasks }) => (
          <Table>
            <Table.Tbody>
              {tasks.map(({ name, route }) => (
                <Table.Tr key={name}>
                  <Table.Th scope="row">{name}</Table.Th>
                  <Table.Td>
                    <Badge>{t(`common.route.${route}`)}</Badge>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </Answer>
    </>
  );
}
