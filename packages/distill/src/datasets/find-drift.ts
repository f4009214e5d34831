/**
 * Whether the teacher changed its mind on some day: the answers to the same inputs differ before and after.
 *
 * A teacher that wavers contradicts itself at any time; one that was exchanged, or whose prompt was, contradicts itself
 * across one date. So inputs that were asked before and after a date are compared with those asked twice on one side
 * of it: with no change, they differ as often.
 *
 * @module
 */
import { hypergeometricTail } from './hypergeometric.ts';

/** An input that was asked more than once. */
export interface Repeated {
  /** In milliseconds: from the last time of the older answer to the first time of the newer one, or from first to last. */
  from: number;
  to: number;
  /** Whether all of the later answers differ from all of the earlier. */
  changed: boolean;
}

export interface Drift {
  /** The change lies between these times, as near as the inputs tell. */
  after: Date;
  before: Date;
  /** Inputs asked on both sides of it, and those of them that were answered differently. */
  asked: number;
  changed: number;
  /** The share of the other repeated inputs that were answered differently, 0 to 1. */
  elsewhere: number;
}

/** Fewer changes than this are no drift. */
const FEWEST = 5;
/** Chance of crying wolf, over all dates tried. */
const ERROR = 0.001;
/** Dates tried, evenly over the changes. */
const DATES = 200;

export function findDrift(repeated: readonly Repeated[]): Drift | undefined {
  const changes = repeated.filter(({ changed }) => changed);
  if (changes.length < FEWEST) return undefined;
  const dates = [...new Set(changes.map(({ to }) => to))].sort((a, b) => a - b);
  const step = Math.max(1, dates.length / DATES);
  const tried = Math.min(DATES, dates.length);
  let best: { date: number; asked: number; changed: number; excess: number } | undefined;
  for (let i = 0; i < tried; i++) {
    // Just before a newer answer was first given: every change over this time contains this moment.
    const date = dates[Math.floor(i * step)]! - 0.5;
    let [asked, changed] = [0, 0];
    for (const one of repeated) {
      if (one.from > date || one.to < date) continue;
      asked++;
      if (one.changed) changed++;
    }
    // Beyond what would be there if changes knew no date.
    const excess = changed - (asked * changes.length) / repeated.length;
    if (best === undefined || excess > best.excess) best = { date, asked, changed, excess };
  }
  if (best === undefined || best.changed < FEWEST || best.excess <= 0) return undefined;
  // As many changes as there are, dealt among all repeated inputs by chance; for each date that was tried.
  const unlikely = hypergeometricTail(best.changed, changes.length, best.asked, repeated.length);
  if (unlikely * tried > ERROR) return undefined;
  const { date, asked, changed } = best;
  const across = changes.filter(({ from, to }) => from <= date && to >= date);
  return {
    after: new Date(Math.max(...across.map(({ from }) => from))),
    before: new Date(Math.min(...across.map(({ to }) => to))),
    asked,
    changed,
    elsewhere: (changes.length - changed) / Math.max(1, repeated.length - asked),
  };
}
