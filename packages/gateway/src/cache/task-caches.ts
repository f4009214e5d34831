/**
 * The caches of those tasks that have one: which answers are kept, and who gets them again.
 *
 * @module
 */
import type { NewCall, Store, Usage } from '@kolben/store';
import { isObject, type JsonObject } from '../json.ts';
import { costOf } from '../ledger/cost.ts';
import { type Log, reasonOf } from '../log/log.ts';
import type { Arrival } from '../server/open-call.ts';
import type { Task } from '../tasks/task.ts';
import type { Teacher } from '../upstream/provider.ts';
import { AnswerCache, type CachedAnswer } from './answer-cache.ts';
import { questionDigest } from './canonical-request.ts';

export interface KeptAnswer extends CachedAnswer {
  /** Who gave it. */
  teacher: Teacher;
  usage: Usage;
  /** What it cost, and would cost again, USD. */
  teacherCost: number;
}

/** Answers that ended so are what the teacher meant to say. */
const complete = new Set(['stop', 'tool_calls', 'function_call']);

export class TaskCaches {
  readonly #calls: Pick<Store['calls'], 'hasText'>;
  readonly #log: Log;
  readonly #caches = new Map<string, AnswerCache<KeptAnswer>>();

  constructor(calls: Pick<Store['calls'], 'hasText'>, log: Log) {
    this.#calls = calls;
    this.#log = log;
  }

  /** An answer to the very same question, unless its words have been deleted from the store by now. */
  async find(arrival: Arrival, task: Task): Promise<KeptAnswer | undefined> {
    if (task.config.cache === undefined || arrival.cacheUse !== 'read-write') return undefined;
    const cache = this.#caches.get(task.name);
    if (cache === undefined || cache.size === 0) return undefined;
    const digest = digestOf(arrival, task);
    const answer = cache.get(digest);
    if (answer === undefined) return undefined;
    try {
      if (await this.#calls.hasText(answer.callId)) return answer;
      cache.delete(digest);
    } catch (error) {
      this.#log.error('cache_not_read', { task: task.name, reason: reasonOf(error) });
    }
    return undefined;
  }

  /** Keeps the answer of a call that has been recorded, if it is a teacher's, whole and good. */
  keep(arrival: Arrival, call: NewCall): void {
    const { task, teachers } = arrival.target;
    if (task?.config.cache === undefined || arrival.cacheUse === 'none') return;
    if (arrival.endpoint !== 'chat' || call.status !== 'ok' || call.answeredBy !== 'teacher') return;
    const teacher = teachers.find(
      ({ provider, model }) => provider.name === call.provider && model === call.model,
    );
    if (!teacher || call.response === null || !isWhole(call.response as JsonObject)) return;
    let cache = this.#caches.get(task.name);
    if (cache === undefined) {
      cache = new AnswerCache(task.config.cache);
      this.#caches.set(task.name, cache);
    }
    const { usage } = call;
    cache.set(digestOf(arrival, task), {
      callId: arrival.id,
      body: JSON.stringify(call.response),
      teacher,
      usage,
      teacherCost: costOf({ cachedTokens: 0, ...usage }, teacher.price),
    });
  }
}

/** Whoever the task may ask, under whose law, is a part of the question: an answer outlives no change of it. */
function digestOf({ request, target, key }: Arrival, task: Task): string {
  const { cache, jurisdictions } = task.config;
  const teachers = target.teachers.map(({ provider, model }) => [
    provider.name,
    provider.urls.chat.href,
    model,
  ]);
  return questionDigest(request, [task.name, teachers, jurisdictions ?? null, cache?.shared ? null : key.id]);
}

function isWhole({ choices }: JsonObject): boolean {
  if (!Array.isArray(choices) || choices.length === 0) return false;
  return choices.every((choice) => {
    if (!isObject(choice) || !isObject(choice.message) || !complete.has(String(choice.finish_reason)))
      return false;
    const { content, tool_calls, function_call } = choice.message;
    const hasContent = (typeof content === 'string' || Array.isArray(content)) && content.length > 0;
    return hasContent || (Array.isArray(tool_calls) && tool_calls.length > 0) || isObject(function_call);
  });
}
