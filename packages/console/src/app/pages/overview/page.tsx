/**
 * Overview: what is true of the whole installation, live.
 *
 * @module
 */
import { SimpleGrid, Stack } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { Answer } from '../../components/answer.tsx';
import { LiveMark } from '../../components/live-mark.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { useLive } from '../../lib/use-live.ts';
import { Alarms } from './alarms.tsx';
import { CallsChart } from './calls-chart.tsx';
import { Figures } from './figures.tsx';
import { askOverview, type OverviewData } from './overview-data.ts';
import { type SpanName, SpanSelect } from './span-select.tsx';
import { Tasks } from './tasks.tsx';

export default function OverviewPage() {
  const t = useTranslations('overview');
  const [span, setSpan] = useState<SpanName>('week');
  const offset = String(new Date().getTimezoneOffset());
  const query = useQuery({
    queryKey: ['overview', span, offset],
    queryFn: () => askOverview(span, offset),
    placeholderData: keepPreviousData,
  });
  const live = useLive<OverviewData>(`/console/api/overview/live?span=${span}&offset=${offset}`);
  return (
    <>
      <PageHeader title={t('title')} lead={t('lead')}>
        <SpanSelect value={span} onChange={setSpan} />
      </PageHeader>
      <LiveMark live={live} />
      <Answer query={live.state ? { ...query, data: live.state, error: null } : query}>
        {(data) => (
          <Stack gap="xl">
            <Alarms alarms={data.alarms} />
            <SimpleGrid cols={{ base: 1, sm: 3 }}>
              <Figures sums={data.sums} />
            </SimpleGrid>
            <CallsChart data={data} span={span} />
            <Tasks tasks={data.tasks} />
          </Stack>
        )}
      </Answer>
    </>
  );
}
