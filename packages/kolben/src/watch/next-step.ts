/**
 * What is to be done next for a task: a function of what is known of it and of the rules of its configuration, and of
 * nothing else.
 *
 * @module
 */
import type { WatchReason } from '@kolben/console';
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
  /** Terms that forbid a student of its calls, in a sentence and as its values; null: none that is known. */
  refusal: { message: string; values: WatchReason['values'] } | null;
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
  | ({ kind: 'wait' } & Why)
  /** Distil a student; `from`: go on with the distillation that began then. */
  | ({ kind: 'distil'; from: Date | null } & Why)
  /** Give the task another route. `bars`: and don't give its student that route again by itself. */
  | ({ kind: 'route'; to: Route; bars?: Route } & Why);

/** Why: what follows “because”, and the same for other languages. */
interface Why {
  why: string;
  reason: WatchReason;
}

/** Fewer disagreements than this would be chance in a hundred of shadows, were the certificate true. */
const unlikely = 0.01;

export function nextStep(task: WatchedTask, rules: WatchRules): Step {
  const { route, student, begun } = task;
  if (begun && !task.refusal) return { kind: 'distil', from: begun, ...because('interrupted') };
  if (route === 'student') return wait('route_student');
  return (student && stepOf(student, route, rules)) ?? distilling(task, rules);
}

/** The next step on the student's way into service; undefined: it goes no further by itself. */
function stepOf(student: WatchedStudent, route: Route, rules: WatchRules): Step | undefined {
  const { certificate, withdrawn, shadow, barred } = student;
  const may = (to: Route) => !barred.includes(to);
  if (withdrawn) {
    // So that the student after it comes by way of the shadow too.
    return route === 'teacher' ? undefined : { kind: 'route', to: 'teacher', ...because('withdrawn') };
  }
  if (certificate === null || certificate.coverage < rules.minimumCoverage) return undefined;
  if (route === 'teacher')
    return may('shadow') && may('cascade')
      ? { kind: 'route', to: 'shadow', ...because('certified', { coverage: certificate.coverage }) }
      : undefined;
  if (route !== 'shadow' || !may('cascade')) return undefined;
  const missing = rules.shadowCalls - shadow.calls;
  if (missing > 0) return wait('shadow_missing', { calls: missing });
  const { compared, disagreed } = shadow;
  const asBad = disagreed === 0 ? 1 : 1 - binomialTail(disagreed - 1, compared, certificate.alpha);
  if (asBad < unlikely)
    return {
      ...{ kind: 'route', to: 'teacher', bars: 'cascade' },
      ...because('shadow_disagreed', { disagreed, compared, alpha: certificate.alpha }),
    };
  return { kind: 'route', to: 'cascade', ...because('shadow_agreed', { disagreed, compared }) };
}

function distilling(task: WatchedTask, rules: WatchRules): Step {
  const { calls, newCalls, distilled, student, pinned, refusal } = task;
  if (pinned) return wait('pinned');
  if (refusal) return { kind: 'wait', ...refused(refusal) };
  const isFirst = student === null && !distilled;
  const [have, need] = isFirst ? [calls, rules.calls] : [newCalls, rules.newCalls];
  if (have < need || calls < rules.calls) {
    const missing = Math.max(need - have, rules.calls - calls);
    return wait(isFirst ? 'calls_missing' : 'new_calls_missing', { calls: missing });
  }
  return {
    ...{ kind: 'distil', from: null },
    ...because(isFirst ? 'calls_enough' : 'new_calls_enough', { calls: have }),
  };
}

type Figured = Exclude<WatchReason['code'], 'terms_forbidden'>;
type Figures = Readonly<Record<string, number>>;

function wait(code: Figured, values?: Figures): Step {
  return { kind: 'wait', ...because(code, values) };
}

function because(code: Figured, values: Figures = {}): Why {
  return { why: sentences[code](values), reason: { code, values } };
}

/** The sentence as it follows “because”. */
function refused({ message, values }: NonNullable<WatchedTask['refusal']>): Why {
  const why = message.replace(/^The/, 'the').replace(/\.$/, '');
  return { why, reason: { code: 'terms_forbidden', values } };
}

const sentences: Record<Figured, (values: Figures) => string> = {
  interrupted: () => 'a distillation was interrupted',
  route_student: () => 'the route student is an operator’s, and stays',
  withdrawn: () => 'its student kept its promise no longer and is withdrawn',
  certified: ({ coverage }) => `its student is certified for ${percent(coverage!)} of calls`,
  shadow_missing: ({ calls }) => `its student is to answer ${calls} more calls in the shadow`,
  shadow_agreed: ({ disagreed, compared }) =>
    `in the shadow it disagreed in ${disagreed} of ${compared} calls that it was sure of`,
  shadow_disagreed: ({ alpha, ...seen }) =>
    `${sentences.shadow_agreed(seen)}, more than ${percent(alpha!)} would explain`,
  pinned: () => 'the configuration names its student, so no other takes its place',
  calls_missing: ({ calls }) => `${calls} more calls with a teacher's answer make the next dataset`,
  new_calls_missing: ({ calls }) => `${calls} more new calls with a teacher's answer make the next dataset`,
  calls_enough: ({ calls }) => `there are ${calls} calls with a teacher's answer`,
  new_calls_enough: ({ calls }) => `there are ${calls} new calls with a teacher's answer`,
};

function percent(share: number): string {
  return `${Number((100 * share).toFixed(1))} %`;
}
