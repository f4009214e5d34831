/**
 * Recorded calls of a task `mail` whose answers the words decide, for tests that train a student.
 *
 * @module
 */
import type { NewCall, Store } from '@kolben/store';

const topics = {
  billing: ['invoice', 'refund', 'charged', 'payment', 'receipt', 'bank'],
  delivery: ['parcel', 'courier', 'tracking', 'address', 'package', 'doorstep'],
} as const;
const filler = 'the my a please hello it was is today again could you help with about since'.split(' ');
const labels = Object.keys(topics) as (keyof typeof topics)[];

/** The `i`th text, always the same, and its label. */
export function mailText(i: number): { text: string; label: string } {
  const label = labels[i % labels.length]!;
  let state = (i * 2_654_435_761 + 12_345) >>> 0;
  const pick = <T>(list: readonly T[]): T => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return list[(state >>> 8) % list.length]!;
  };
  const words = Array.from({ length: 8 }, (_, place) =>
    place === 2 || place === 5 ? pick(topics[label]) : pick(filler),
  );
  return { text: `${words.join(' ')} ${i}`, label };
}

/** Noon of a day in January 2026. */
export const dayOf = (n: number) => new Date(Date.UTC(2026, 0, n, 12));

export async function recordMails(store: Store, from: number, to: number, at: Date): Promise<void> {
  await Promise.all(
    Array.from({ length: to - from }, (_, i) => {
      const { text, label } = mailText(from + i);
      return store.calls.record(mailCall(text, label, at));
    }),
  );
}

export function mailCall(text: string, answer: string, at: Date): NewCall {
  return {
    at,
    task: 'mail',
    keyId: null,
    route: 'teacher',
    answeredBy: 'teacher',
    provider: 'mock',
    model: 'big-1',
    request: { model: 'kolben/mail', messages: [{ role: 'user', content: text }] },
    response: {
      object: 'chat.completion',
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: answer } }],
    },
    status: 'ok',
    latencyMs: 400,
    usage: { promptTokens: 100, completionTokens: 2, estimated: false },
    cost: 0.001,
    teacherCost: 0.001,
    streamed: false,
  };
}
