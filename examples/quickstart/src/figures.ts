/**
 * What happened behind the gateway, worked out from the recorded calls alone.
 *
 * @module
 */
import {
  answerText,
  type Call,
  type Confusion,
  type Latency,
  lastUserText,
  type ServiceFacts,
  type Store,
  shareInterval,
} from 'kolben';

/** All calls of a task that were answered, newest first. */
async function* answeredCalls(store: Store, task: string): AsyncGenerator<Call> {
  let before: Call | undefined;
  for (;;) {
    const page = await store.calls.list({ task, limit: 1000, ...(before && { before }) });
    for (const call of page) if (call.status === 'ok') yield call;
    before = page.at(-1);
    if (before === undefined) return;
  }
}

/** How often each text was asked on this task, on one of these routes. */
export async function askedTexts(
  store: Store,
  task: string,
  routes: readonly string[],
): Promise<Map<string, number>> {
  const asked = new Map<string, number>();
  for await (const call of answeredCalls(store, task)) {
    if (!routes.includes(call.route)) continue;
    const text = lastUserText(call.request) ?? '';
    asked.set(text, (asked.get(text) ?? 0) + 1);
  }
  return asked;
}

/** Nearest-rank percentiles; null where there is nothing to rank. */
export function latencyOf(values: readonly number[]): Latency | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const rank = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
  return { n: sorted.length, p50: rank(0.5), p99: rank(0.99) };
}

export function confusionOf(pairs: readonly { teacher: string; student: string }[]): Confusion {
  const labels = [...new Set(pairs.flatMap(({ teacher, student }) => [teacher, student]))].sort();
  const counts = labels.map((teacher) =>
    labels.map(
      (student) => pairs.filter((pair) => pair.teacher === teacher && pair.student === student).length,
    ),
  );
  return { labels, counts };
}

/** The texts that the student answered on the cascade, each once. */
export async function answeredByStudent(store: Store, task: string): Promise<Set<string>> {
  const texts = new Set<string>();
  for await (const call of answeredCalls(store, task)) {
    if (call.route === 'cascade' && call.answeredBy === 'student')
      texts.add(lastUserText(call.request) ?? '');
  }
  return texts;
}

export interface FiguresOptions {
  store: Store;
  task: string;
  checkTask: string;
  seconds: number;
  aboutLatency: string;
}

export async function serviceFacts({
  store,
  task,
  checkTask,
  seconds,
  aboutLatency,
}: FiguresOptions): Promise<ServiceFacts> {
  const teacherSays = new Map<string, string>();
  const teacherMs: number[] = [];
  const escalatedMs: number[] = [];
  let checking = 0;
  for await (const call of answeredCalls(store, checkTask)) {
    teacherSays.set(lastUserText(call.request) ?? '', (answerText(call.response) ?? '').trim());
    teacherMs.push(call.latencyMs);
    checking += call.cost;
  }
  const pairs: { teacher: string; student: string }[] = [];
  const studentMs: number[] = [];
  const cost = { paid: 0, teacherAlone: 0, recording: 0, checking };
  let asked = 0;
  for await (const call of answeredCalls(store, task)) {
    if (call.route !== 'cascade') {
      cost.recording += call.cost;
      continue;
    }
    asked += 1;
    cost.paid += call.cost;
    cost.teacherAlone += call.teacherCost;
    if (call.answeredBy !== 'student') {
      escalatedMs.push(call.latencyMs);
      continue;
    }
    studentMs.push(call.latencyMs);
    const teacher = teacherSays.get(lastUserText(call.request) ?? '');
    if (teacher !== undefined) pairs.push({ teacher, student: (answerText(call.response) ?? '').trim() });
  }
  const agreed = pairs.filter(({ teacher, student }) => teacher === student).length;
  return {
    noun: { one: 'mail', many: 'mails' },
    asked,
    answeredByStudent: studentMs.length,
    checked: pairs.length,
    agreed,
    interval: shareInterval(agreed, pairs.length),
    confusion: confusionOf(pairs),
    latency: {
      student: latencyOf(studentMs),
      teacher: latencyOf(teacherMs.length > 0 ? teacherMs : escalatedMs),
      about: aboutLatency,
    },
    cost,
    seconds,
  };
}
