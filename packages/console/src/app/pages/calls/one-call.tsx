/**
 * One call: what was asked, who answered and why, what the other said, and what it cost.
 *
 * @module
 */
import { Anchor, Badge, SimpleGrid, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { InferResponseType } from 'hono/client';
import { useTranslations } from 'use-intl';
import { Link, useSearch } from 'wouter';
import { Answer } from '../../components/answer.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Facts, type FactsProps } from '../../components/facts.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { RecordedText } from '../../components/recorded-text.tsx';
import { Section } from '../../components/section.tsx';
import { useFailureText } from '../../components/use-failure-text.ts';
import { api, read } from '../../lib/api.ts';
import { ApiFault } from '../../lib/api-fault.ts';
import { useFormats } from '../../lib/use-formats.ts';
import { StudentLink } from '../students/student-name.tsx';
import { reasons } from './filter-form.tsx';

type OneAnswer = InferResponseType<(typeof api.calls.one)[':id']['$get'], 200>;
export type WholeCall = OneAnswer['call'];

export function OneCall({ id }: { id: string }) {
  const t = useTranslations('calls');
  const search = useSearch();
  const query = useQuery({
    queryKey: ['calls', 'one', id],
    queryFn: () => read(api.calls.one[':id'].$get({ param: { id } })),
  });
  const isMissing = query.error instanceof ApiFault && query.error.status === 404;
  return (
    <>
      <PageHeader title={t('one.title')}>
        <Anchor component={Link} href={`/${search && `?${search}`}`}>
          {t('back')}
        </Anchor>
      </PageHeader>
      {isMissing ? (
        <EmptyState title={t('one.none')}>{t('one.noneHint')}</EmptyState>
      ) : (
        <Answer query={query}>
          {({ call, decision, names }) => (
            <Stack>
              <CallFacts
                call={call}
                names={names}
                decided={decision && `${t(`right.${decision.verdict}`)}${decision.answer ? ':' : ''}`}
                answer={decision?.answer ?? null}
              />
              <Words call={call} />
            </Stack>
          )}
        </Answer>
      )}
    </>
  );
}

function CallFacts({
  call,
  names,
  decided,
  answer,
}: {
  call: WholeCall;
  names: OneAnswer['names'];
  decided: string | null;
  answer: string | null;
}) {
  const t = useTranslations('calls');
  const common = useTranslations('common');
  const formats = useFormats();
  const failure = useFailureText();
  const reason = reasons.find((one) => one === call.reason);
  const hasFailed = call.status === 'error';
  const rows: FactsProps['rows'] = [
    [t('at'), formats.dateTime(call.at)],
    [t('task'), call.task ?? '–'],
    [t('route'), common(`route.${call.route}`)],
    [t('status'), t(`statuses.${call.status}`)],
    ...(call.error === null ? [] : ([[t('one.failure'), failure(call.error)]] as const)),
    [t('answeredBy'), hasFailed ? t('one.nobody') : t(`by.${call.answeredBy}`)],
    [t(hasFailed ? 'one.whyAsked' : 'reason'), reason ? t(`reasons.${reason}`) : t('unknownReason')],
    ...(call.model === null
      ? []
      : ([[t(hasFailed ? 'one.lastAsked' : 'model'), <RecordedText key="m" text={call.model} />]] as const)),
    ...(call.student === null
      ? []
      : ([
          [
            t('by.student'),
            names.student === null ? (
              call.student.id
            ) : (
              <StudentLink key="s" id={call.student.id} digest={names.student} />
            ),
          ],
          [
            t('confidence'),
            `${formats.confidence(call.student.confidence)} – ${t(call.student.certified ? 'one.certified' : 'one.uncertified')}`,
          ],
        ] as const)),
    [t('latency'), formats.duration(Math.round(call.latencyMs))],
    ...(call.ttftMs === null
      ? []
      : ([[t('one.firstToken'), formats.duration(Math.round(call.ttftMs))]] as const)),
    [
      t('one.tokens'),
      `${t('one.tokensOf', {
        prompt: formats.number(call.usage.promptTokens),
        completion: formats.number(call.usage.completionTokens),
      })}${call.usage.estimated ? ` (${t('one.estimated')})` : ''}`,
    ],
    [t('cost'), formats.money(call.cost)],
    [t('one.teacherCost'), formats.money(call.teacherCost)],
    [t('key'), call.keyId === null ? '–' : <RecordedText key="k" text={names.key ?? call.keyId} isShort />],
    [t('one.id'), call.id],
    ...(decided === null
      ? []
      : ([
          [
            t('one.decided'),
            <span key="d">
              {decided} {answer !== null && <RecordedText text={answer} />}
            </span>,
          ],
        ] as const)),
  ];
  return (
    <>
      <Facts rows={rows} />
      {hasFailed && call.model !== null && <Text size="sm">{t('one.attempts')}</Text>}
    </>
  );
}

/** What was said, side by side where both were asked. */
export function Words({ call }: { call: WholeCall }) {
  const t = useTranslations('calls');
  if (!call.hasWords) return <Text c="dimmed">{t('deleted')}</Text>;
  const both = call.student !== null && call.teacherAnswer !== null;
  return (
    <>
      <Section title={t('one.asked')}>
        {call.messages.map(({ role, text }, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: messages of a recorded call never change
          <div key={i}>
            <Badge variant="outline" color="gray" tt="none">
              {t.has(`roles.${role as 'user'}`) ? t(`roles.${role as 'user'}`) : role}
            </Badge>
            <RecordedText text={text} mt={4} />
          </div>
        ))}
      </Section>
      {both && call.agreed !== null && (
        <Text role="note">{t('one.both', { agreed: String(call.agreed) })}</Text>
      )}
      <SimpleGrid cols={{ base: 1, sm: both ? 2 : 1 }}>
        {call.student?.answer != null && (
          <Section title={t('one.student')}>
            <RecordedText text={call.student.answer} />
          </Section>
        )}
        {call.teacherAnswer !== null && (
          <Section title={t('one.teacher')}>
            <RecordedText text={call.teacherAnswer} />
          </Section>
        )}
        {call.given !== null && call.student === null && call.teacherAnswer === null && (
          <Section title={t('one.given')}>
            <RecordedText text={call.given} />
          </Section>
        )}
        {call.errorMessage !== null && (
          <Section title={t('one.refused')}>
            <RecordedText text={call.errorMessage} />
          </Section>
        )}
      </SimpleGrid>
    </>
  );
}
