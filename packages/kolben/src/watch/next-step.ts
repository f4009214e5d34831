/**
 * What is to be done next for a task: a function of what is known of it and of the rules of its configuration, and of
 * nothing else.
 *
 * @module
 */
import { binomialTail } from '@kolben/distill';
import type { WatchRules } from '@kolben/gateway/config';
import type { Agreement, Route } from '@kolben/store';

/** What is known of a task. */
export interface WatchedTask {
  route: Route;
  /** The student that would answer; null: there is none. */
  student: WatchedStudent | null;
  /** Calls with a teacher's answer to learn from. */
  calls: number;
  /** Those that came since the last dataset was made of them, or all where there was none. */
  newCalls: number;
  /** A distillation was tried before. */
  distilled: boolean;
  /** When a distillation began that has not come to its end; null: there is none. */
  begun: Date | null;
  /** Where the configuration names the student's folder, there is nothing to put in its place. */
  pinned: boolean;
}

export interface WatchedStudent {
  id: string;
  /** Null: it has no certificate. */
  certificate: { alpha: number; coverage: number } | null;
  withdrawn: boolean;
  /** What it said in the shadow, since it was promoted. */
  shadow: Agreement;
  /** Routes that it is not to be given by itself again: a step to them was undone, or it failed on them. */
  barred: readonly Route[];
}

export type Step =
  /** Nothing now. */
  | { kind: 'wait'; why: string }
  /** Distil a student; `from`: go on with the distillation that began then. */
  | { kind: 'distil'; from: Date | null; why: string }
  /** Give the task another route. `bars`: and don't give its student that route again by itself. */
  | { kind: 'route'; to: Route; bars?: Route; why: string };

/** Fewer disagreements than this would be chance in a hundred of shadows, were the certificate true. */
const unlikely = 0.01;

export function nextStep(task: WatchedTask, rules: WatchRules): Step {
  const { route, student, begun } = task;
  if (begun) return { kind: 'distil', from: begun, why: 'a distillation was interrupted' };
  if (route === 'student') return wait('the route student is an operator’s, and stays');
  return (student && stepOf(student, route, rules)) ?? distilling(task, rules);
}

/** The next step on the student's way into service; undefined: it goes no further by itself. */
function stepOf(student: WatchedStudent, route: Route, rules: WatchRules): Step | undefined {
  const { certificate, withdrawn, shadow, barred } = student;
  const may = (to: Route) => !barred.includes(to);
  if (withdrawn) {
    // So that the student after it comes by way of the shadow too.
    return route === 'teacher'
      ? undefined
      : { kind: 'route', to: 'teacher', why: 'its student kept its promise no longer and is withdrawn' };
  }
  if (certificate === null || certificate.coverage < rules.minimumCoverage) return undefined;
  const covers = `its student is certified for ${percent(certificate.coverage)} of calls`;
  if (route === 'teacher')
    return may('shadow') && may('cascade') ? { kind: 'route', to: 'shadow', why: covers } : undefined;
  if (route !== 'shadow' || !may('cascade')) return undefined;
  const missing = rules.shadowCalls - shadow.calls;
  if (missing > 0) return wait(`its student is to answer ${missing} more calls in the shadow`);
  const seen = `in the shadow it disagreed in ${shadow.disagreed} of ${shadow.compared} calls that it was sure of`;
  const { compared, disagreed } = shadow;
  const asBad = disagreed === 0 ? 1 : 1 - binomialTail(disagreed - 1, compared, certificate.alpha);
  if (asBad < unlikely)
    return {
      ...{ kind: 'route', to: 'teacher', bars: 'cascade' },
      why: `${seen}, more than ${percent(certificate.alpha)} would explain`,
    };
  return { kind: 'route', to: 'cascade', why: seen };
}

function distilling({ calls, newCalls, distilled, student, pinned }: WatchedTask, rules: WatchRules): Step {
  if (pinned) return wait('the configuration names its student, so no other takes its place');
  const isFirst = student === null && !distilled;
  const [have, need] = isFirst ? [calls, rules.calls] : [newCalls, rules.newCalls];
  const what = isFirst ? 'calls' : 'new calls';
  if (have < need || calls < rules.calls) {
    const missing = Math.max(need - have, rules.calls - calls);
    return wait(`${missing} more ${what} with a teacher's answer make the next dataset`);
  }
  return { kind: 'distil', from: null, why: `there are ${have} ${what} with a teacher's answer` };
}

function wait(why: string): Step {
  return { kind: 'wait', why };
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(1))} %`;
}
