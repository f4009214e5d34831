/**
 * What labelling has to know of a task's teacher: from the configuration, and what was recorded of it.
 *
 * @module
 */

import type { LabelSettings, RecordedCall } from '@kolben/distill';
import { KolbenError } from '@kolben/engine/error';
import { type Config, priceOf, splitTeacher } from '@kolben/gateway/config';
import type { Store } from '@kolben/store';

/** @throws KolbenError where the configuration has no such task */
export function teacherOf(
  config: Config,
  task: string,
): Pick<LabelSettings, 'teacher' | 'price' | 'prompt' | 'labels'> {
  const settings = Object.hasOwn(config.tasks, task) ? config.tasks[task] : undefined;
  if (!settings) {
    const known = Object.keys(config.tasks).join(', ') || 'none';
    throw new KolbenError(
      'task_unknown',
      `The configuration has no task '${task}' (it has: ${known}): correct --task, or add it under tasks.`,
    );
  }
  const [provider, model] = splitTeacher(settings.teacher);
  const { price } = priceOf(config.providers[provider]!, model)!;
  return { teacher: settings.teacher, price, prompt: settings.prompt, labels: settings.labels };
}

const page = 500;

/** The task's calls that the teacher answered in full since then, newest first. */
export async function* recordedCalls(
  store: Store,
  task: string,
  since: Date,
): AsyncGenerator<RecordedCall, void, undefined> {
  let before: { at: Date; id: string } | undefined;
  for (;;) {
    const calls = await store.calls.list({ task, since, limit: page, ...(before && { before }) });
    for (const { id, clientRequestId, answeredBy, status, response, cost } of calls) {
      // Of a call whose client had gone the answer is as good as any, if it is there to its end.
      if (clientRequestId !== null && answeredBy === 'teacher' && status !== 'error' && isWhole(response))
        yield { id, requestId: clientRequestId, response, cost };
    }
    before = calls.at(-1);
    if (calls.length < page) return;
  }
}

function isWhole(response: Record<string, unknown> | null): boolean {
  const choices = response?.choices;
  return (
    Array.isArray(choices) && choices.length > 0 && choices.every((choice) => choice?.finish_reason != null)
  );
}
