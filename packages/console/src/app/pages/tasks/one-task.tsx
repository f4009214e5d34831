/**
 * One task: its route, its student and how that keeps its promise, what it might promise instead, and who was right.
 *
 * @module
 */
import { Alert, Anchor, Button, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { Link } from 'wouter';
import { TimeSeries } from '../../../charts/index.ts';
import { Answer } from '../../components/answer.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Facts } from '../../components/facts.tsx';
import { LiveMark } from '../../components/live-mark.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { Section } from '../../components/section.tsx';
import { useErrorText } from '../../components/use-error-text.ts';
import { api, read } from '../../lib/api.ts';
import { ApiFault, type FaultValues } from '../../lib/api-fault.ts';
import { useFormats } from '../../lib/use-formats.ts';
import { useLiveQuery } from '../../lib/use-live-query.ts';
import { StudentLink } from '../students/student-name.tsx';
import { AlphaChoice } from './alpha-choice.tsx';
import { Disagreements } from './disagreements.tsx';
import { RouteSwitch } from './route-switch.tsx';
import type { Task } from './task.ts';

export function OneTask({ task: name }: { task: string }) {
  const t = useTranslations('tasks');
  const { query, live } = useLiveQuery(
    ['tasks', 'one', name],
    () => read(api.tasks.one[':task'].$get({ param: { task: name } })),
    `/console/api/tasks/one/${encodeURIComponent(name)}/live`,
  );
  const isMissing = query.error instanceof ApiFault && query.error.status === 404;
  return (
    <>
      <PageHeader title={name}>
        <Anchor component={Link} href="/">
          {t('back')}
        </Anchor>
      </PageHeader>
      <LiveMark live={live} />
      {isMissing ? (
        <EmptyState title={t('missing')} />
      ) : (
        <Answer query={query}>
          {(task) => (
            <Stack>
              {task.next?.refusal && <Forbidden terms={task.next.refusal} />}
              {task.student?.withdrawnAt && (
                <Withdrawn at={task.student.withdrawnAt} isForced={task.student.state === 'forced'} />
              )}
              <SimpleGrid cols={{ base: 1, lg: 2 }}>
                <RouteSwitch task={task} />
                <Student task={task} />
              </SimpleGrid>
              {task.student && <AlphaChoice task={task} />}
              <SimpleGrid cols={{ base: 1, lg: 2 }}>
                <LiveAgreement task={task} />
                <Stack>
                  <Drift task={task} />
                  {task.next && <Next task={task} />}
                  <Budget task={task} />
                </Stack>
              </SimpleGrid>
              <Disagreements task={name} counts={task.disagreements} />
            </Stack>
          )}
        </Answer>
      )}
    </>
  );
}

function Forbidden({ terms }: { terms: FaultValues }) {
  const textOf = useErrorText();
  return (
    <Alert color="yellow" variant="outline">
      {textOf(new ApiFault(0, 'terms_forbidden', '', terms))}
    </Alert>
  );
}

function Withdrawn({ at, isForced }: { at: string; isForced: boolean }) {
  const t = useTranslations('tasks');
  const formats = useFormats();
  return (
    <Alert color="red" variant="outline" role="alert">
      {t(isForced ? 'watch.forced' : 'watch.withdrawn', { at: formats.dateTime(at) })}
    </Alert>
  );
}

function Student({ task: { student, kind, teacher } }: { task: Task }) {
  const t = useTranslations('tasks');
  const formats = useFormats();
  const about = [
    [t('kind'), t(`kinds.${kind ?? 'auto'}`)],
    [t('teacher'), teacher],
  ] as const;
  if (!student)
    return (
      <Section title={t('student.title')}>
        <Facts label={t('student.title')} rows={about} />
        <Text>{t('student.none')}</Text>
      </Section>
    );
  const { certificate } = student;
  return (
    <Section title={t('student.title')}>
      {!student.isWhole && (
        <Alert color="red" variant="outline">
          {t('student.gone')}
        </Alert>
      )}
      <Facts
        label={t('student.title')}
        rows={[
          ...about,
          [
            t('student.id'),
            // A folder of the configuration that can't be read has no name but its path.
            student.isWhole || student.isRegistered ? (
              <StudentLink key="s" id={student.id} digest={student.digest} />
            ) : (
              student.id
            ),
          ],
          ...(student.createdAt ? [[t('student.since'), formats.dateTime(student.createdAt)] as const] : []),
          [
            t('certificate'),
            certificate
              ? t('certified', {
                  coverage: formats.percent(certificate.coverage),
                  alpha: formats.percent(certificate.alpha),
                })
              : t('uncertified'),
          ],
          ...(certificate
            ? [[t('student.threshold'), formats.confidence(certificate.threshold)] as const]
            : []),
        ]}
      />
    </Section>
  );
}

function LiveAgreement({ task: { name, student, audit } }: { task: Task }) {
  const t = useTranslations('tasks');
  const formats = useFormats();
  const risk = student?.risk;
  const wealthOf = useQuery({
    // Asked for anew with each audit; the course so far is shown until it is there.
    queryKey: ['tasks', 'wealth', name, student?.digest, risk?.audits],
    queryFn: () => read(api.tasks.wealth[':task'].$get({ param: { task: name } })),
    enabled: risk !== undefined && risk !== null,
    placeholderData: (before, query) => (query?.queryKey[3] === student?.digest ? before : undefined),
  });
  if (!risk)
    return (
      <Section title={t('watch.title')}>
        <Text>{t('watch.none', { audit: formats.percent(audit) })}</Text>
      </Section>
    );
  const { audits, disagreements, wealth, threshold } = risk;
  const course = wealthOf.data?.course ?? [];
  return (
    <Section title={t('watch.title')}>
      <Facts
        label={t('watch.title')}
        rows={[
          [t('watch.audits'), formats.number(audits)],
          [t('watch.disagreements'), formats.number(disagreements)],
          [t('watch.wealth'), formats.number(wealth, 3)],
        ]}
      />
      <Text size="sm">{t('watch.rings', { threshold: formats.number(threshold, 1) })}</Text>
      {course.length > 1 && (
        <TimeSeries
          title={t('watch.chart')}
          description={t('watch.chartTold')}
          lines={[
            {
              label: t('watch.line'),
              shade: 'student',
              points: course.map(({ at, wealth: value }) => ({ at, value })),
            },
          ]}
          limits={[{ label: t('watch.limit'), value: threshold }]}
          format={(value) => formats.number(value, 2)}
        />
      )}
    </Section>
  );
}

function Drift({ task: { drift } }: { task: Task }) {
  const t = useTranslations('tasks');
  const formats = useFormats();
  const measures = (['confidence', 'unknownGrams'] as const).flatMap((name) => {
    const found = drift?.[name];
    return found ? [{ name, found }] : [];
  });
  if (!drift || measures.length === 0)
    return (
      <Section title={t('drift.title')}>
        <Text>{t('drift.none')}</Text>
      </Section>
    );
  return (
    <Section title={t('drift.title')}>
      <Facts
        label={t('drift.title')}
        rows={measures.map(({ name, found }) => {
          const verdict = !found.drifted
            ? 'steady'
            : found.divergence > drift.threshold
              ? 'drifted'
              : 'changed';
          const means = t('drift.means', {
            before: formats.percent(found.means.before),
            now: formats.percent(found.means.now),
            n: formats.number(found.n),
            days: drift.days,
          });
          return [t(`drift.${name}`), `${t(`drift.${verdict}`)}: ${means}`] as const;
        })}
      />
    </Section>
  );
}

function Next({ task: { name, next } }: { task: Task }) {
  const t = useTranslations('tasks');
  const reasons = useTranslations('reasons.watch');
  const common = useTranslations('common');
  const client = useQueryClient();
  const undo = useMutation({
    mutationFn: () => read(api.tasks.undo[':task'].$post({ param: { task: name } })),
    onSuccess: () => {
      notifications.show({ message: t('next.undone') });
      return client.invalidateQueries({ queryKey: ['tasks'] });
    },
  });
  if (!next) return null;
  const to = (['teacher', 'shadow', 'cascade', 'student'] as const).find((route) => route === next.to);
  return (
    <Section title={t('next.title')}>
      <Text fw={600}>
        {next.kind === 'route'
          ? t('next.route', { to: to ? common(`route.${to}`) : '' })
          : t(`next.${next.reason.code === 'terms_forbidden' ? 'forbidden' : next.kind}`)}
      </Text>
      <Text size="sm">{reasons(next.reason.code, next.reason.values)}</Text>
      {undo.error && <ErrorNotice error={undo.error} />}
      {next.canUndo && (
        <Group>
          <Button size="compact-sm" variant="default" loading={undo.isPending} onClick={() => undo.mutate()}>
            {t('next.undo')}
          </Button>
        </Group>
      )}
    </Section>
  );
}

function Budget({ task: { budget } }: { task: Task }) {
  const t = useTranslations('tasks');
  const formats = useFormats();
  const { spent, usdPerMonth } = budget;
  return (
    <Section title={t('budget.title')}>
      <Text>
        {t('budget.spent')} {formats.money(spent)}{' '}
        {usdPerMonth === null ? '' : t('budget.of', { limit: formats.money(usdPerMonth) })}
      </Text>
      {usdPerMonth === null && <Text size="sm">{t('budget.none')}</Text>}
    </Section>
  );
}
