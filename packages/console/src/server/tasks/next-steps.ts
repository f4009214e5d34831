/**
 * What the watch would do next, kept until something has happened to the task.
 *
 * The watch counts the calls that a student could learn from, which reads all calls of the task. A page that looks on is
 * no reason to do that again and again.
 *
 * @module
 */
import type { ConsoleServices, NextStep } from '../services.ts';

interface Kept {
  /** What acts and steps have made of the task. */
  acts: string;
  calls: number;
  /** On the monotonic clock: when it was asked, and how long that took. Milliseconds. */
  at: number;
  tookMs: number;
  step: Promise<NextStep>;
}

/** Where nothing but calls came in, it holds so long, and so many times as long as it took. */
const keptMs = 5_000;
const keptTimes = 50;

export class NextSteps {
  readonly #services: ConsoleServices;
  readonly #kept = new Map<string, Kept>();

  constructor(services: ConsoleServices) {
    this.#services = services;
  }

  /** @param standing the task's route and student, in any words: another standing is asked about at once */
  async of(task: string, standing: string): Promise<NextStep | null> {
    const { store, watch } = this.#services;
    if (!watch) return null;
    const [latest] = await store.events.list({ task, limit: 1 });
    // From the counters, whatever their number of calls.
    const { calls } = await store.ledger.totals({ task });
    const acts = `${standing} ${latest?.id}`;
    const kept = this.#kept.get(task);
    const holdsMs = kept && Math.max(keptMs, keptTimes * kept.tookMs);
    if (kept?.acts === acts && (kept.calls === calls || performance.now() - kept.at < holdsMs!))
      return kept.step;
    const asked: Kept = { acts, calls, at: performance.now(), tookMs: 0, step: watch.next(task) };
    this.#kept.set(task, asked);
    try {
      const step = await asked.step;
      asked.tookMs = performance.now() - asked.at;
      return step;
    } catch (error) {
      this.#kept.delete(task);
      throw error;
    }
  }
}
