/**
 * Asks the teacher, in the background, about calls that a student has answered, and withdraws a student that keeps its
 * promise no longer.
 *
 * The client has its answer and waits for nothing of this. What the teacher says is recorded with its cost, compared with
 * the student's answer as the certificate compared them, and handed to the test that watches the student's risk. An audit
 * that can't be carried out is told and forgotten: it is a gap in a random sample, and no harm to a call.
 *
 * @module
 */
import { setMaxListeners } from 'node:events';
import { afterAudit, alarmOf, beginWatch, readWatch } from '@kolben/distill';
import type { Advanced, NewAudit, Store } from '@kolben/store';
import type { JsonObject } from '../json.ts';
import { type Log, reasonOf } from '../log/log.ts';
import type { CallRedactor } from '../redaction/redact-call.ts';
import type { Ending, OpenCall } from '../server/open-call.ts';
import type { StudentWord } from '../students/ask-student.ts';
import type { Task } from '../tasks/task.ts';
import { answerTextOf } from './answer-text.ts';

/** What a teacher said to a call in the background. */
export interface QuietAnswer
  extends Pick<Ending, 'status' | 'response' | 'charge' | 'error' | 'failedBefore'> {
  provider: string;
  model: string;
}

/** A call that a student has answered, and that the lot fell on. */
export interface AuditedCall {
  call: OpenCall;
  task: Task;
  word: StudentWord;
  /** Resolves when the call itself is recorded, or known not to be. */
  recorded: Promise<unknown>;
}

export interface AuditDeskOptions {
  store: Pick<Store, 'watches'>;
  log: Log;
  /** How the texts of a task's calls are redacted. */
  redactorOf: (task: string) => CallRedactor;
  /**
   * Asks the call's teacher once more, with a request of its own and nobody at the other end. Rejects only by a fault of
   * the gateway's own.
   */
  askQuietly: (call: OpenCall, request: JsonObject, signal: AbortSignal) => Promise<QuietAnswer>;
  /** Sets free what was set aside for the audit of this call: its cost is recorded, or there is none. */
  release: (callId: string) => Promise<void>;
  /** Told of each when its answer is there, or known not to come. `cost` in USD. */
  onAudit: (audit: { task: string; agreed: boolean | null; cost: number }) => void;
  /** Told at once when a student is withdrawn. */
  onWithdrawn: (task: string, digest: string) => void;
  /** Audits under way at once; beyond it they are left out. Default 64. */
  atOnce?: number;
}

export class AuditDesk {
  readonly #options: Required<AuditDeskOptions>;
  readonly #underWay = new Set<Promise<void>>();
  readonly #stop = new AbortController();

  constructor(options: AuditDeskOptions) {
    this.#options = { atOnce: 64, ...options };
    // One for each request under way, and they are bounded here.
    setMaxListeners(0, this.#stop.signal);
  }

  /** Takes on a call that the student has answered. Never throws, and nobody waits for it. */
  take(audited: AuditedCall): void {
    const { log, atOnce } = this.#options;
    const { call, task } = audited;
    const { id } = call.arrival;
    if (this.#stop.signal.aborted) return;
    if (this.#underWay.size >= atOnce) {
      log.warn('audit_left_out', { id, task: task.name, underWay: this.#underWay.size });
      return;
    }
    const audit = this.#audit(audited)
      .catch((error: unknown) => log.error('audit_failed', { id, task: task.name, reason: reasonOf(error) }))
      .then(() => this.#options.release(id))
      .finally(() => this.#underWay.delete(audit));
    this.#underWay.add(audit);
  }

  /** Waits for the audits under way. */
  async flush(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  /** Gives up what the teacher has not answered yet, and records the rest. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.flush();
  }

  async #audit({ call, task, word, recorded }: AuditedCall): Promise<void> {
    const { store, log, askQuietly, onAudit, onWithdrawn } = this.#options;
    const { id, request } = call.arrival;
    // A stream would be of no use to anybody here.
    const { stream: _, stream_options: __, ...quiet } = request;
    const said = await askQuietly(call, quiet, this.#stop.signal);
    const answer = said.status === 'ok' ? answerTextOf(said.response) : undefined;
    const agreed = answer === undefined ? null : word.agrees(answer);
    const audit: NewAudit = {
      callId: id,
      task: task.name,
      student: { id: word.id, digest: word.digest },
      agreed,
      provider: said.provider,
      model: said.model,
      // Of an answer that was cut short nothing may be learnt.
      response: answer === undefined ? null : await this.#redacted(call, task.name, said.response),
      errorCode: said.error?.code ?? null,
      promptTokens: said.charge.usage.promptTokens,
      completionTokens: said.charge.usage.completionTokens,
      cost: said.charge.cost,
      ...(said.failedBefore && { failedBefore: said.failedBefore }),
    };
    onAudit({ task: task.name, agreed, cost: audit.cost });
    await recorded;
    const levels = { alpha: word.alpha, delta: task.config.falseAlarm };
    const withdrew = await store.watches.record(audit, (state, agrees) => advance(state, agrees, levels));
    log.info('audit', { id, task: task.name, student: word.id, agreed });
    if (!withdrew) return;
    onWithdrawn(task.name, word.digest);
    log.error('student_withdrawn', { task: task.name, student: word.id, reason: 'risk_not_kept' });
  }

  /** Null where it can't be redacted: agreement and figures are kept, and no words. */
  async #redacted(call: OpenCall, task: string, response: JsonObject | null): Promise<object | null> {
    const { log, redactorOf } = this.#options;
    const { id, request } = call.arrival;
    try {
      return (await redactorOf(task)({ request, response })).call.response;
    } catch (error) {
      log.error('redaction_failed', { id, task, reason: reasonOf(error) });
      return null;
    }
  }
}

/** The next step of the test of a student's risk; a state of other levels begins anew. */
export function advance(state: unknown, agrees: boolean, levels: { alpha: number; delta: number }): Advanced {
  const last = state === null ? beginWatch(levels) : readWatch(state);
  const next = afterAudit(last, agrees ? 0 : 1);
  const { rung, wealth, threshold } = alarmOf(next);
  const { alpha, delta, audits, losses } = next;
  return { state: next, rung, figures: { alpha, delta, audits, disagreements: losses, wealth, threshold } };
}
