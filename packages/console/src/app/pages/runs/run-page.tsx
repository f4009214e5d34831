/**
 * One run, live: how far it is, its curves, what its chips do, its plan.
 *
 * @module
 */
import { Anchor, Group, Stack, Text, Title } from '@mantine/core';
import { useTranslations } from 'use-intl';
import { Link } from 'wouter';
import { Answer } from '../../components/answer.tsx';
import { Charts } from '../../components/charts.tsx';
import { LiveMark } from '../../components/live-mark.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { useFormats } from '../../lib/use-formats.ts';
import { PlanTable } from './plan-table.tsx';
import { RunActs } from './run-acts.tsx';
import { RunCurves } from './run-curves.tsx';
import { RunFacts } from './run-facts.tsx';
import { RunProgress, RunState } from './run-state.tsx';
import { useRun } from './runs-data.ts';
import { TimelinePanel } from './timeline-panel.tsx';

export function RunPage({ id }: { id: string }) {
  const t = useTranslations('runs');
  const formats = useFormats();
  const { query, live } = useRun(id);
  return (
    <>
      <Anchor component={Link} href="/" size="sm" underline="always">
        {t('back')}
      </Anchor>
      <PageHeader title={query.data ? t('runOf', { task: query.data.run.task }) : t('title')} />
      <LiveMark live={live} />
      <Answer query={query}>
        {({ run, points, canResume }) => (
          <Charts>
            <Group mb="sm">
              <RunState run={run} />
              <Text size="sm">{formats.dateTime(run.begunAt)}</Text>
            </Group>
            <RunProgress run={run} />
            <RunFacts run={run} />
            <RunActs run={run} canResume={canResume} />
            <Stack gap="xl">
              <RunCurves points={points} steps={run.progress?.steps ?? 1} />
              <section aria-labelledby="timeline">
                <Title order={2} size="h3" id="timeline" mb="xs">
                  {t('timeline')}
                </Title>
                <TimelinePanel id={id} step={run.timelineStep} />
              </section>
              <section aria-labelledby="plan">
                <Title order={2} size="h3" id="plan" mb="xs">
                  {t('plan')}
                </Title>
                <PlanTable plan={run.plan} />
              </section>
            </Stack>
          </Charts>
        )}
      </Answer>
    </>
  );
}
