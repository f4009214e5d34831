/**
 * Counts, in the background, how sure students are of the calls in service and how much of them they don't know.
 *
 * A few numbers per task and day, added to the store now and then. What a process that is killed had not yet added is
 * lost: a moment's counts of a distribution.
 *
 * @module
 */
import { type Calibrated, driftBin } from '@kolben/distill';
import type { Store } from '@kolben/store';
import { type Log, reasonOf } from '../log/log.ts';
import type { DriftMeasure } from './drift-measure.ts';
import { findDrift, noteDrift } from './find-drift.ts';

/** How often counts are added to the store, milliseconds, and after how many calls at the latest. */
const everyMs = 5_000;
const everyCalls = 2_000;
/** How often inputs are compared with the calibration split's, milliseconds. */
const comparedEveryMs = 10 * 60 * 1000;
const dayMs = 24 * 60 * 60 * 1000;

/** The student that was asked. */
export interface CountedStudent {
  id: string;
  digest: string;
  calibrated: Calibrated | undefined;
}

interface Page {
  task: string;
  student: CountedStudent;
  day: number;
  histograms: Partial<Record<DriftMeasure, number[]>>;
}

export class DriftCounter {
  readonly #store: Pick<Store, 'drift' | 'events'>;
  readonly #thresholdOf: (task: string) => number;
  readonly #comparedAt = new Map<string, number>();
  readonly #log: Log;
  #pages = new Map<string, Page>();
  #counted = 0;
  #clock: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  /** @param thresholdOf how far a task's inputs may be from the calibration split's, in bits */
  constructor(store: Pick<Store, 'drift' | 'events'>, log: Log, thresholdOf: (task: string) => number) {
    this.#store = store;
    this.#thresholdOf = thresholdOf;
    this.#log = log;
  }

  /** @param value in [0, 1] */
  count(task: string, student: CountedStudent, measure: DriftMeasure, value: number, at: Date): void {
    const day = Math.floor(at.getTime() / dayMs);
    const key = `${task}\n${student.digest}\n${day}`;
    let page = this.#pages.get(key);
    if (page === undefined) {
      page = { task, student, day, histograms: {} };
      this.#pages.set(key, page);
    }
    const counts = page.histograms[measure] ?? new Array<number>(10).fill(0);
    page.histograms[measure] = counts;
    counts[driftBin(value)]!++;
    this.#counted++;
    if (this.#counted >= everyCalls) void this.flush();
    else this.#clock ??= setTimeout(() => void this.flush(), everyMs).unref();
  }

  /** Adds what was counted to the store; never rejects. */
  flush(): Promise<void> {
    clearTimeout(this.#clock);
    this.#clock = undefined;
    const pages = this.#pages;
    this.#pages = new Map();
    this.#counted = 0;
    this.#writing = this.#writing.then(async () => {
      for (const { task, student, day, histograms } of pages.values()) {
        try {
          await this.#store.drift.add(task, student.digest, day, { ...histograms });
          await this.#compare(task, student);
        } catch (error) {
          this.#log.warn('drift_not_counted', { task, reason: reasonOf(error) });
        }
      }
    });
    return this.#writing;
  }

  async #compare(task: string, student: CountedStudent): Promise<void> {
    const key = `${task}\n${student.digest}`;
    const now = performance.now();
    if (now - (this.#comparedAt.get(key) ?? Number.NEGATIVE_INFINITY) < comparedEveryMs) return;
    this.#comparedAt.set(key, now);
    const { calibrated } = student;
    const question = { task, student, calibrated, threshold: this.#thresholdOf(task) };
    const found = await findDrift(this.#store, question);
    if (await noteDrift(this.#store, question, found))
      this.#log.warn('inputs_drifted', { task, student: student.id, measures: found.drifted.join(', ') });
  }
}
