/**
 * Where the rows of a timeline of chips lie: pixels from the top.
 *
 * @module
 */
import type { ChipRecord } from './chip-work.ts';

/** Of the bars of a row. */
export const barHeight = 22;
const head = 26;
/** The chip's name stands above its bars, so that it hides none of them. */
const name = 16;
const gap = 6;
/** For the times below all rows. */
const foot = 24;

export interface ChipRow {
  readonly timeline: number;
  readonly chip: number;
  /** Where its bars begin. */
  readonly top: number;
}

export interface ChipRows {
  /** From the top: the chips of the first timeline, then those of the next. */
  readonly rows: readonly ChipRow[];
  /** Base lines of the timelines' labels. */
  readonly heads: readonly number[];
  /** Where the rows end. */
  readonly bottom: number;
  readonly height: number;
}

export function chipRows(timelines: readonly Pick<ChipRecord, 'chips'>[]): ChipRows {
  const rows: ChipRow[] = [];
  const heads: number[] = [];
  let at = 0;
  for (const [timeline, { chips }] of timelines.entries()) {
    heads.push(at + 15);
    at += head;
    for (let chip = 0; chip < chips; chip++) {
      rows.push({ timeline, chip, top: at + name });
      at += name + barHeight + gap;
    }
  }
  return { rows, heads, bottom: at, height: at + foot };
}

/** Which timeline and chip has its bars at a height; undefined between rows. */
export function rowAt(timelines: readonly Pick<ChipRecord, 'chips'>[], y: number): ChipRow | undefined {
  return chipRows(timelines).rows.find(({ top }) => y >= top && y < top + barHeight);
}
