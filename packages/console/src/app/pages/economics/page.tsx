/**
 * Economics: the three ways beside each other, when a student has paid for itself, prices, and every assumption.
 *
 * What is chosen and typed stands in the address, so that it can be kept and handed on.
 *
 * @module
 */
import { Alert, NativeSelect, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { useSearchParams } from 'wouter';
import { Answer } from '../../components/answer.tsx';
import { Charts } from '../../components/charts.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { useFormats } from '../../lib/use-formats.ts';
import { type Asked, askEconomics, type EconomicsState, hostings } from './ask-economics.ts';
import { Assumptions } from './assumptions.tsx';
import { ModelPrices } from './model-prices.tsx';
import { Result } from './result.tsx';

export default function EconomicsPage() {
  const t = useTranslations('economics');
  const { list, date } = useFormats();
  const [params, setParams] = useSearchParams();
  const asked: Asked = {};
  for (const name of ['task', 'hosting', 'teacher', 'figures'] as const) {
    const value = params.get(name);
    if (value !== null) asked[name] = value;
  }
  const query = useQuery({
    queryKey: ['economics', asked],
    queryFn: () => askEconomics(asked),
    placeholderData: (before) => before,
  });
  const change = (changes: { [Name in keyof Asked]?: string | null }) =>
    setParams(
      (before) => {
        const after = new URLSearchParams(before);
        for (const [name, value] of Object.entries(changes))
          if (value === null) after.delete(name);
          else after.set(name, value);
        return after;
      },
      { replace: true },
    );
  return (
    <Charts>
      <PageHeader title={t('title')} lead={t('lead')} />
      <Answer query={query}>
        {({ tasks, kinds, answer }) =>
          answer.task === null ? (
            <EmptyState title={t('noTasks')}>{t('noTasksHint')}</EmptyState>
          ) : (
            <Stack gap="xl">
              <Stack gap="sm" maw="24rem">
                <NativeSelect
                  label={t('task')}
                  value={answer.task}
                  // Another task has a teacher of its own.
                  onChange={({ currentTarget: { value } }) => change({ task: value, teacher: null })}
                  data={tasks}
                />
                <NativeSelect
                  label={t('hosting')}
                  value={asked.hosting ?? 'own'}
                  onChange={({ currentTarget: { value } }) => change({ hosting: value })}
                  data={hostings.map((value) => ({ value, label: t(`hostings.${value}`) }))}
                />
                <NativeSelect
                  label={t('teacher')}
                  value={answer.teacher ?? ''}
                  onChange={({ currentTarget: { value } }) => change({ teacher: value })}
                  data={teachersIn(answer)}
                />
              </Stack>
              {answer.calls && (
                <Text size="sm" c="dimmed">
                  {t('from', {
                    ...{ n: answer.calls.n, first: date(answer.calls.first), last: date(answer.calls.last) },
                    teacher: answer.teacher ?? '–',
                  })}
                </Text>
              )}
              {answer.result ? (
                <Result result={answer.result} />
              ) : answer.contradicts !== null ? (
                <Alert color="red" variant="outline" title={t('contradicts')}>
                  {t('contradictsHint', { name: t(`figure.${answer.contradicts}`) })}
                </Alert>
              ) : (
                <Alert color="gray" variant="outline" title={t('missing')}>
                  {t('missingHint', { names: list(answer.missing.map((name) => t(`figure.${name}`))) })}
                </Alert>
              )}
              <ModelPrices prices={answer.prices} />
              <Assumptions
                kinds={kinds}
                figures={answer.figures}
                given={asked.figures}
                contradicts={answer.contradicts}
                onChange={(figures) => change({ figures })}
              />
            </Stack>
          )
        }
      </Answer>
    </Charts>
  );
}

/** Those of whom somebody knows what they cost, and the one that is reckoned with. */
function teachersIn({ teacher, prices }: EconomicsState['answer']): string[] {
  const priced = prices.map(({ provider, model }) => `${provider}/${model}`);
  return [...new Set([...(teacher === null ? [] : [teacher]), ...priced])].sort();
}
