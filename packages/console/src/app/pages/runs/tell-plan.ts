/**
 * Why a plan was chosen, in the page's language.
 *
 * @module
 */
import type { useTranslations } from 'use-intl';
import type { WholeRun } from './runs-data.ts';

export interface PlanWords {
  t: ReturnType<typeof useTranslations<'reasons.plan'>>;
  /** What a schedule is called. */
  nameOf(schedule: string): string;
  mebibytes(bytes: number): string;
}

export function tellPlan(
  why: NonNullable<NonNullable<WholeRun['plan']>['why']>,
  { t, nameOf, mebibytes }: PlanWords,
): string {
  switch (why.code) {
    case 'memory':
    case 'memory_recompute': {
      const { schedule, limitBytes, neededBytes, ...values } = why.values;
      const sizes = { limit: mebibytes(limitBytes), needed: mebibytes(neededBytes) };
      return t(why.code, { ...values, ...sizes, schedule: nameOf(schedule) });
    }
    case 'run_short':
    case 'one_core':
      return t(why.code, why.values);
    default: {
      const { code, values, rival } = why;
      const said = t(code, 'schedule' in values ? { ...values, schedule: nameOf(values.schedule) } : values);
      return rival === null ? said : `${said} ${t('beside', { ...rival, schedule: nameOf(rival.schedule) })}`;
    }
  }
}
