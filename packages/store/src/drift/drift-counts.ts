/**
 * How inputs are distributed, day by day, as small histograms. The shapes only; the work is in `stored-drift.ts`.
 *
 * @module
 */

/** Counts by bin, of each measure. */
export type Histograms = Readonly<Record<string, readonly number[]>>;

export interface DriftDay {
  /** Days since 1970, UTC. */
  day: number;
  histograms: Record<string, number[]>;
}

export interface DriftCounts {
  /**
   * Adds counts to those that are there.
   *
   * @param day days since 1970, UTC
   * @param histograms whole numbers ≥ 0
   */
  add(task: string, digest: string, day: number, histograms: Histograms): Promise<void>;
  /** The days of which there are counts, oldest first. */
  list(task: string, digest: string, filter?: { since?: number }): Promise<DriftDay[]>;
}
