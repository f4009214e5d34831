/**
 * Puts inputs to a teacher, many at once, under a price cap, and pays for none of them twice.
 *
 * Every call is noted in the work file before it is asked and after it was answered; whatever ends the process, the
 * next one begins with what stands there. Asking is the caller's: this file knows neither gateway nor provider.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Drawn, Example } from '@kolben/store';
import { normaliseAnswer } from '../datasets/normalise.ts';
import type { Ask, ChatRequest, TeacherPrice } from './ask.ts';
import { combineVotes, type Labelled } from './combine-votes.ts';
import { LabellingError } from './labelling-error.ts';
import { priceBound, priceOf } from './price-bound.ts';
import { Purse } from './purse.ts';
import {
  type GivenAnswer,
  judgeAnswer,
  type RejectedAnswer,
  type RejectionReason,
  readAnswer,
} from './read-answer.ts';
import { Teacher, type Try } from './teacher.ts';
import { questionKey, unitOf } from './unit-key.ts';
import type { WorkFile } from './work-file.ts';

export interface LabelSettings {
  /** As `provider/model`. */
  readonly teacher: string;
  readonly price: TeacherPrice;
  /** A system message for inputs that have none. */
  readonly prompt?: string | undefined;
  /** The closed set of answers; anything else is set apart. Default: any text will do. */
  readonly labels?: readonly string[] | undefined;
  /** How often each input is asked. Default 1. */
  readonly votes?: number;
  /** Default: 0 for one vote, 1 for several. */
  readonly temperature?: number | undefined;
  /** The most tokens of an answer, hidden reasoning included. Default 2,048 under a price cap, else the teacher's. */
  readonly maxTokens?: number | undefined;
}

export interface LabelExamplesOptions extends LabelSettings {
  /** Those that have an answer are passed over. */
  readonly examples: AsyncIterable<Example> | Iterable<Example>;
  readonly ask: Ask;
  /** How these were found among others, if they were picked: it is recorded with their calls. */
  readonly drawn?: Drawn | undefined;
  readonly work: WorkFile;
  /** The price cap in USD, what earlier processes spent on the same work included. Default: none. */
  readonly budget?: number | undefined;
  /** Calls under way at once. Default 16. */
  readonly concurrency?: number;
  /** After so many calls in a row without a usable answer the teacher is given up. Default 25. */
  readonly failuresInARow?: number;
  /** How often a call is put, when the teacher is busy or out of order. Default 6. */
  readonly attempts?: number;
  /** Calls of the task recorded since then: answers that arrived when this process's forerunner was gone. */
  readonly recorded?: (since: Date) => AsyncIterable<RecordedCall>;
  /** Aborted, nothing more is asked; answers under way are waited for, for `graceMs`. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds, default 20,000. */
  readonly graceMs?: number;
  /** Told of every input as soon as its label is safe, in no order. */
  readonly onOutcome?: (example: Example, outcome: Labelled | RejectedAnswer) => void;
  readonly onProgress?: (progress: LabelProgress) => void;
  /** For tests: the clock and chance. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly random?: () => number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

export interface RecordedCall {
  readonly id: string;
  /** What it was asked with, as in `CallMarks`. */
  readonly requestId: string;
  readonly response: Readonly<Record<string, unknown>> | null;
  /** USD. */
  readonly cost: number;
}

export interface LabelProgress {
  /** Inputs that are through, with an answer or without. */
  readonly done: number;
  readonly labelled: number;
  readonly rejected: number;
  /** USD, earlier processes included. */
  readonly spent: number;
}

export interface LabelReport {
  /** Lines read. */
  readonly read: number;
  /** Of these: had an answer already. */
  readonly answered: number;
  /** Got one, inputs that stand there twice each time. */
  readonly labelled: number;
  /** Set apart, by reason. */
  readonly rejected: Readonly<Partial<Record<RejectionReason, number>>>;
  /** Without an answer for now: the teacher was out of order, or the money at its end. */
  readonly unanswered: number;
  /** Calls put to the teacher by this process, repetitions included. */
  readonly calls: number;
  /** Inputs whose answer an earlier process had paid for. */
  readonly reused: number;
  /** USD, earlier processes included. */
  readonly spent: number;
  readonly stoppedBy: 'budget' | null;
}

/** Under a price cap an answer must have an end. */
export const cappedAnswerTokens = 2_048;

/** The request that an input is put with. */
export function requestFor(example: Example, settings: LabelSettings): ChatRequest {
  const { prompt, votes = 1 } = settings;
  const instructed = example.messages.some(({ role }) => role === 'system' || role === 'developer');
  return {
    messages:
      prompt === undefined || instructed
        ? example.messages
        : [{ role: 'system', content: prompt }, ...example.messages],
    temperature: settings.temperature ?? (votes === 1 ? 0 : 1),
  };
}

/** Whether the work file has all votes on an input. */
export function isAsked(work: WorkFile, example: Example, settings: LabelSettings): boolean {
  const key = questionKey(requestFor(example, settings), settings.teacher);
  return Array.from({ length: settings.votes ?? 1 }, (_, vote) => unitOf(key, vote)).every((unit) =>
    work.has(unit),
  );
}

/** The label of an input as far as the work file has it; undefined where votes are missing. */
export async function labelFrom(
  work: WorkFile,
  example: Example,
  settings: LabelSettings,
  labels = labelSet(settings.labels),
): Promise<Labelled | RejectedAnswer | undefined> {
  const key = questionKey(requestFor(example, settings), settings.teacher);
  const outcomes: (GivenAnswer | RejectedAnswer)[] = [];
  for (let vote = 0; vote < (settings.votes ?? 1); vote++) {
    const unit = unitOf(key, vote);
    if (!work.has(unit)) return undefined;
    outcomes.push(judgeAnswer((await work.read(unit)).outcome, labels));
  }
  return combineVotes(outcomes);
}

export function labelSet(labels: readonly string[] | undefined): ReadonlySet<string> | undefined {
  return labels && new Set(labels.map(normaliseAnswer));
}

/**
 * Asks for whatever has no answer in the work file.
 *
 * @throws LabellingError where the teacher cannot be asked at all or gave nothing usable for a long while, or where the
 *   work file cannot be written; the signal's reason when aborted. What was answered until then is in the work file.
 */
export async function labelExamples(options: LabelExamplesOptions): Promise<LabelReport> {
  const { work, votes = 1, concurrency = 16, budget, attempts = 6, failuresInARow = 25, price } = options;
  const { sleep = wait, random = Math.random, now = Date.now, graceMs = 20_000 } = options;
  const labels = labelSet(options.labels);
  const purse = new Purse(budget);
  purse.spend(work.spent);
  await settleOpenCalls(options, purse);

  const stopping = new AbortController();
  const givingUp = new AbortController();
  // Every call under way listens to them: as many as go on at once are no leak, and nobody is to be warned of one.
  setMaxListeners(0, stopping.signal, givingUp.signal);
  const abort = () => {
    stopping.abort(options.signal!.reason);
    const late = setTimeout(() => givingUp.abort(options.signal!.reason), graceMs);
    late.unref();
  };
  if (options.signal?.aborted) abort();
  options.signal?.addEventListener('abort', abort, { once: true });
  const signal = stopping.signal;
  const teacher = new Teacher({
    ask: options.ask,
    drawn: options.drawn,
    name: options.teacher,
    attempts,
    signal,
    giveUp: givingUp.signal,
    sleep,
    random,
    now,
  });
  const maxTokens = options.maxTokens ?? (purse.isCapped ? cappedAnswerTokens : undefined);

  const tally = { read: 0, answered: 0, labelled: 0, unanswered: 0, calls: 0, reused: 0 };
  const rejected: Partial<Record<RejectionReason, number>> = {};
  let stoppedBy: 'budget' | null = null;
  let failures = 0;
  const fail = (what: string) => {
    failures++;
    if (failures < failuresInARow || signal.aborted) return;
    stopping.abort(
      new LabellingError(
        'labelling_failures',
        `The teacher ${options.teacher} gave nothing usable in ${failures} calls in a row, of the last: ${what.replace(/[.\s]+$/, '')}. What it has answered is kept; set it right and run the same command again.`,
      ),
    );
  };

  /** One call for an input; undefined where there is no answer for now. */
  const vote = async (
    unit: string,
    request: ChatRequest,
  ): Promise<GivenAnswer | RejectedAnswer | undefined> => {
    const most = priceBound(request, maxTokens ?? 0, price);
    const begin = async (): Promise<Try | undefined> => {
      if (stoppedBy) return undefined;
      const reservation = await purse.reserve(most, signal);
      if (!reservation) {
        stoppedBy = 'budget';
        return undefined;
      }
      const requestId = randomUUID();
      await work.asked(unit, requestId, reservation.most);
      tally.calls++;
      return {
        requestId,
        async ended(cost) {
          purse.settle(reservation, cost);
          await work.failed(unit, cost ?? reservation.most);
        },
        answered(cost) {
          purse.settle(reservation, cost);
        },
      };
    };
    const asked = await teacher.ask({ ...request, logprobs: true, top_logprobs: 5, maxTokens }, begin);
    if (asked.kind === 'unaffordable') return undefined;
    if (asked.kind === 'failed') {
      fail(asked.said);
      return undefined;
    }
    const { reply } = asked;
    if (reply.answeredBy !== undefined && reply.answeredBy !== 'teacher') {
      if (asked.kind === 'reply') await asked.trial.ended(reply.cost ?? 0);
      throw new LabellingError(
        'labelling_not_the_teacher',
        "The gateway's student answered instead of the teacher, and a student is not to learn from itself; switch the task's route to teacher, for instance with: kolben route <task> teacher.",
      );
    }
    let outcome: GivenAnswer | RejectedAnswer;
    let cost = 0;
    if (asked.kind === 'reply') {
      outcome = readAnswer(reply.body);
      const usage = (reply.body as { usage?: unknown } | undefined)?.usage;
      cost =
        reply.cost ?? priceOf(usage, request, Buffer.byteLength(JSON.stringify(reply.body ?? '')), price);
      asked.trial.answered(cost);
    } else {
      outcome = { rejected: 'request_refused', said: asked.said };
    }
    await work.answered(unit, { outcome, cost, ...(reply.call === undefined ? {} : { call: reply.call }) });
    const judged = judgeAnswer(outcome, labels);
    if ('rejected' in judged)
      fail(`${judged.rejected.replaceAll('_', ' ')}${judged.said ? `, "${cut(judged.said)}"` : ''}`);
    else failures = 0;
    return judged;
  };

  const label = async (key: string, request: ChatRequest): Promise<Labelled | RejectedAnswer | undefined> => {
    const outcomes: (GivenAnswer | RejectedAnswer)[] = [];
    let paid = 0;
    for (let n = 0; n < votes; n++) {
      const unit = unitOf(key, n);
      const known = work.has(unit);
      const outcome = known
        ? judgeAnswer((await work.read(unit)).outcome, labels)
        : await vote(unit, request);
      if (outcome === undefined) return undefined;
      if (!known) paid++;
      outcomes.push(outcome);
    }
    if (paid === 0) tally.reused++;
    return combineVotes(outcomes);
  };

  /** Inputs being asked, so that one that stands there twice is asked once. */
  const underWay = new Map<string, Promise<Labelled | RejectedAnswer | undefined>>();
  const take = async (example: Example): Promise<void> => {
    tally.read++;
    if (example.answer !== undefined) {
      tally.answered++;
      return;
    }
    const request = requestFor(example, options);
    const key = questionKey(request, options.teacher);
    let asking = underWay.get(key);
    if (!asking) {
      asking = label(key, request).finally(() => underWay.delete(key));
      underWay.set(key, asking);
    }
    const outcome = await asking;
    if (outcome === undefined) tally.unanswered++;
    else if ('rejected' in outcome) rejected[outcome.rejected] = (rejected[outcome.rejected] ?? 0) + 1;
    else tally.labelled++;
    if (outcome !== undefined) options.onOutcome?.(example, outcome);
    const setApart = sum(rejected);
    options.onProgress?.({
      done: tally.labelled + setApart + tally.unanswered,
      labelled: tally.labelled,
      rejected: setApart,
      spent: purse.spent,
    });
  };

  const source = iterate(options.examples);
  const workers = Array.from({ length: concurrency }, async () => {
    try {
      for (let next = await source.next(); !next.done; next = await source.next()) {
        signal.throwIfAborted();
        await take(next.value);
      }
    } catch (error) {
      // The first fault stops the others; what they have under way is waited for, since it will have to be paid.
      stopping.abort(error);
    }
  });
  try {
    await Promise.all(workers);
    signal.throwIfAborted();
  } finally {
    options.signal?.removeEventListener('abort', abort);
    await source.return?.();
  }
  return { ...tally, rejected, spent: purse.spent, stoppedBy };
}

/**
 * Calls that a forerunner of this process asked and did not live to see answered: where the gateway has recorded one,
 * its answer is taken; the others may have cost what they could.
 */
async function settleOpenCalls(options: LabelExamplesOptions, purse: Purse): Promise<void> {
  const { work, recorded } = options;
  const open = [...work.open.values()];
  if (open.length === 0) return;
  // By an id of its own, for the words of a recorded call are redacted.
  const units = new Map(open.map(({ requestId, unit }) => [requestId, unit]));
  if (recorded) {
    const since = new Date(
      open.reduce((least, { at }) => Math.min(least, at), Number.POSITIVE_INFINITY) - 1000,
    );
    for await (const { id, requestId, response, cost } of recorded(since)) {
      const unit = units.get(requestId);
      if (unit === undefined || !response) continue;
      units.delete(requestId);
      await work.answered(unit, { outcome: readAnswer(response), cost, call: id });
      purse.spend(cost);
    }
  }
  for (const { unit, most } of [...work.open.values()]) {
    await work.failed(unit, most);
    purse.spend(most);
  }
}

function iterate<T>(source: AsyncIterable<T> | Iterable<T>): AsyncIterator<T> {
  // A generator of our own takes calls of `next` that come before the last one is answered, in order.
  return (async function* () {
    yield* source;
  })();
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw error;
  });
}

function sum(counts: Readonly<Partial<Record<string, number>>>): number {
  return Object.values(counts).reduce<number>((total, n) => total + (n ?? 0), 0);
}

function cut(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
