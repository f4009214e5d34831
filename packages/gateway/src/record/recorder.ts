/**
 * Records calls: redacted, safe on the disk before the end of the answer goes out, and in the database behind it.
 *
 * A client that has the end of its answer may rely on the call being in the ledger, whatever happens to the gateway in
 * the next moment; so the end waits until the journal has the call (decision 0220). What goes into the database goes
 * there while nobody waits.
 *
 * A disk that is slower than the calls must not fill the memory with what is still to be written, and no call may
 * go unrecorded because it was answered quickly. So there is a limit to what may wait, and beyond it no new call is
 * begun; nor where the disk takes nothing at all. Calls that were answered by then wait until it does again.
 *
 * @module
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { AcceptedCall, CallJournal, LaterFacts, NewCall } from '@kolben/store';
import { type Log, reasonOf } from '../log/log.ts';
import {
  asItIs,
  type CallRedactor,
  type RedactedCall,
  withoutWord,
  withoutWords,
} from '../redaction/redact-call.ts';
import { passingFaults } from './passing-faults.ts';

export interface Backlog {
  calls: number;
  bytes: number;
}

/** A call under way, as the recorder sees it. */
export interface CallToRecord {
  id: string;
  /** Resolves when its answer is complete, as far as it goes. */
  complete: Promise<NewCall>;
  /** Resolves when its client has taken the answer, or has gone, and the student has said its word. */
  later: Promise<LaterFacts>;
}

export interface Recording {
  /** Resolves when no killed process can lose the call any more, or it's known that one could; never rejects. */
  accepted: Promise<void>;
  /** Resolves when it's in the database, or known not to get there; never rejects. */
  recorded: Promise<void>;
}

export interface RecorderOptions {
  journal: Pick<CallJournal, 'accept'>;
  /** How the texts of a task's calls are redacted. */
  redactorOf?: (task: string | null) => CallRedactor;
  log: Log;
  limit: Backlog;
  /** How long to wait before a disk that took nothing is tried again, milliseconds. */
  pauseMs?: number;
}

/** A call that is safe, with what came out after its answer. */
interface Accepted {
  accepted: AcceptedCall;
  facts: LaterFacts;
}

export class Recorder {
  readonly #options: RecorderOptions;
  readonly #waiting: Backlog = { calls: 0, bytes: 0 };
  readonly #pending = new Set<Promise<void>>();
  /** Calls that could not be written when they were last tried. */
  #failing = 0;
  #isClosing = false;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** So much waits to be written down that no further call should be begun. Calls under way count as waiting. */
  get isBehind(): boolean {
    const { limit } = this.#options;
    return this.#waiting.calls >= limit.calls || this.#waiting.bytes >= limit.bytes;
  }

  /** The disk takes nothing, so no further call should be begun. */
  get isFailing(): boolean {
    return this.#failing > 0;
  }

  /** Calls taken on and not in the database yet, those under way included. */
  get waiting(): Readonly<Backlog> {
    return this.#waiting;
  }

  /**
   * Takes on a call that will be complete in a moment. One that can't be written down is told to the operator.
   *
   * @param bytes how large its request is
   */
  take(call: CallToRecord, bytes: number): Recording {
    this.#waiting.calls += 1;
    this.#waiting.bytes += bytes;
    let accept = () => {};
    const accepted = new Promise<void>((resolve) => {
      accept = resolve;
    });
    return { accepted, recorded: this.#watch(call.id, bytes, this.#record(call, accept), accept) };
  }

  /** Sees a call through to its end. It holds nothing of the call, which waits for the database. */
  #watch(id: string, bytes: number, recording: Promise<void>, accept: () => void): Promise<void> {
    const end = () => {
      accept();
      this.#waiting.calls -= 1;
      this.#waiting.bytes -= bytes;
      this.#pending.delete(recorded);
    };
    const recorded = recording.then(end, (error: unknown) => {
      this.#options.log.error('call_not_recorded', { id, reason: reasonOf(error) });
      end();
    });
    this.#pending.add(recorded);
    return recorded;
  }

  /** Waits until every call taken on so far is recorded. */
  async flush(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  /** The same, but a disk that takes nothing is tried once more only. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await this.flush();
  }

  /** In two steps that share no variables: nothing of the call's words is held while it waits for the database. */
  #record(call: CallToRecord, accept: () => void): Promise<void> {
    return this.#accept(call, accept).then((done) => this.#settle(done, accept));
  }

  async #accept(call: CallToRecord, accept: () => void): Promise<Accepted> {
    const { call: redacted, word } = await this.#redact(await call.complete);
    const { journal } = this.#options;
    const accepted = await this.#persist(() => journal.accept(redacted), accept);
    accept();
    const later = await call.later;
    const { student } = later;
    return { accepted, facts: student === undefined ? later : { ...later, student: await word(student) } };
  }

  #settle({ accepted, facts }: Accepted, accept: () => void): Promise<void> {
    return this.#persist(() => accepted.settle(facts), accept);
  }

  /** Where redaction fails the figures are kept and the words are not. */
  async #redact(call: NewCall): Promise<RedactedCall<NewCall>> {
    const redactCall = this.#options.redactorOf?.(call.task) ?? asItIs;
    const failed = (error: unknown) =>
      this.#options.log.error('redaction_failed', { id: call.id, task: call.task, reason: reasonOf(error) });
    try {
      const { call: redacted, word } = await redactCall(call);
      return {
        call: redacted,
        word: (student) =>
          word(student).catch((error: unknown) => {
            failed(error);
            return withoutWord(student);
          }),
      };
    } catch (error) {
      failed(error);
      return { call: withoutWords(call), word: async (student) => withoutWord(student) };
    }
  }

  /** Tries until the disk takes it. From the first failure on nobody is kept waiting. */
  async #persist<T>(work: () => Promise<T>, accept: () => void): Promise<T> {
    let isFailing = false;
    try {
      for (;;) {
        try {
          return await work();
        } catch (error) {
          if (this.#isClosing || !passingFaults.has(reasonOf(error))) throw error;
          if (!isFailing) {
            isFailing = true;
            this.#failing += 1;
            if (this.#failing === 1)
              this.#options.log.error('recording_stalled', { reason: reasonOf(error) });
            accept();
          }
          await wait(this.#options.pauseMs ?? 1_000, undefined, { ref: false });
        }
      }
    } finally {
      if (isFailing) this.#failing -= 1;
    }
  }
}
