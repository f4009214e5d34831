/**
 * Progress as those see it who report it; `create-progress.ts` makes one.
 *
 * @module
 */

export interface Phase {
  /** `done` of the phase's total; `detail` is a few words such as `loss 0.31`. */
  update(done: number, detail?: string): void;
  /** Ends the phase with one sentence that says what it found. */
  done(sentence: string): void;
  /** Ends the phase without a word, for instance because something failed: the error speaks. */
  stop(): void;
}

export interface Progress {
  /** Announces a phase. Without `total` its length is not known. A phase still open is stopped. */
  phase(title: string, total?: number, unit?: string): Phase;
  /** A remark that stays in view. */
  say(sentence: string): void;
  /** Leaves the terminal tidy, whatever was going on. */
  close(): void;
}
