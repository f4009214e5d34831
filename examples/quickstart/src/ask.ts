/**
 * Asks for many mails, a fixed number of them at a time, with the official OpenAI client.
 *
 * @module
 */
import { setMaxListeners } from 'node:events';
import { KolbenError, type Phase } from 'kolben';
import OpenAI from 'openai';
import type { Mail } from './mails.ts';
import { systemPrompt } from './settings.ts';

export interface AskOptions {
  client: OpenAI;
  /** `kolben/<task>`. */
  model: string;
  concurrency: number;
  signal: AbortSignal;
  phase: Phase;
  /** How many were asked before this run was begun; progress counts on from there. */
  before: number;
}

/**
 * The mails that are still to be asked. `asked` says how often each text was asked already: the same mailing
 * may have been sent twice, and counts twice.
 */
export function notYetAsked(mails: readonly Mail[], asked: ReadonlyMap<string, number>): Mail[] {
  const left = new Map(asked);
  return mails.filter(({ text }) => {
    const times = left.get(text) ?? 0;
    if (times > 0) left.set(text, times - 1);
    return times === 0;
  });
}

/** Resolves when every mail has its answer; the answers themselves are recorded by the gateway. */
export async function askAll(mails: readonly Mail[], options: AskOptions): Promise<void> {
  const { client, model, concurrency, phase, before } = options;
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  // Every call under way listens for the stop; Node takes more than ten listeners for a leak and says so.
  setMaxListeners(0, signal);
  const queue = mails.values();
  let done = before;
  const askOne = async (mail: Mail, maxRetries?: number) => {
    const messages = [
      { role: 'system' as const, content: systemPrompt },
      { role: 'user' as const, content: mail.text },
    ];
    const retries = maxRetries === undefined ? {} : { maxRetries };
    await client.chat.completions.create({ model, messages, temperature: 0 }, { signal, ...retries });
    done += 1;
    phase.update(done);
  };
  const worker = async () => {
    for (const mail of queue) {
      signal.throwIfAborted();
      await askOne(mail);
    }
  };
  const workers: Promise<void>[] = [];
  try {
    // The first alone and at one go: a wrong key or address shows at once, not after everybody's patience.
    const first = queue.next();
    if (!first.done) await askOne(first.value, 0);
    for (let i = 0; i < concurrency; i++) workers.push(worker());
    await Promise.all(workers);
  } catch (error) {
    failed.abort();
    await Promise.allSettled(workers);
    options.signal.throwIfAborted();
    if (error instanceof OpenAI.APIError) {
      throw new KolbenError(
        'quickstart_teacher_failed',
        `After ${done} answers the teacher failed (${error.message.replaceAll(/\s+/g, ' ').replace(/\.$/, '')}): mend that and run the quickstart again, it goes on from here.`,
        { cause: error },
      );
    }
    throw error;
  }
}
