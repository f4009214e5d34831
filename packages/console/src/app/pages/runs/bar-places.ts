/**
 * Going through the bars of timelines with the keyboard: along a chip, and from a chip to the next.
 *
 * @module
 */
import { type ChipRecord, type ChipSpan, workOf } from '../../../charts/chip-work.ts';
import type { TimeView } from './time-view.ts';

/** Bars of each row, by start; rows are the chips of the first timeline from the top, then those of the next. */
export type BarRows = readonly (readonly ChipSpan[])[];

export interface BarPlace {
  readonly row: number;
  /** Among the bars of the row. */
  readonly index: number;
}

/** What isn't drawn, or has no length, can't be gone to. */
export function barRows(timelines: readonly ChipRecord[]): BarRows {
  return timelines.flatMap(({ chips, spans }) => {
    const rows: ChipSpan[][] = Array.from({ length: chips }, () => []);
    for (const span of spans) if (span.end > span.start && workOf(span)) rows[span.chip]?.push(span);
    for (const row of rows) row.sort((a, b) => a.start - b.start || a.end - b.end);
    return rows;
  });
}

/** The first place there is; undefined where there are no bars. */
export function firstPlace(rows: BarRows): BarPlace | undefined {
  const row = rows.findIndex((bars) => bars.length > 0);
  return row < 0 ? undefined : { row, index: 0 };
}

/**
 * Where a key leads from a place; undefined where it leads nowhere, and for any other key.
 *
 * To the sides it's the bar before or after; up and down the one of the next chip that is at work then, or was or will be
 * soonest. Home and End lead to the first and last of the chip, with Ctrl of all chips.
 */
export function afterArrow(
  { key, ctrlKey = false }: { readonly key: string; readonly ctrlKey?: boolean },
  rows: BarRows,
  place: BarPlace,
): BarPlace | undefined {
  const { row, index } = place;
  const at = (to: number, which: number) => (rows[to]?.[which] ? { row: to, index: which } : undefined);
  const lastOf = (to: number) => at(to, rows[to]!.length - 1);
  if (ctrlKey) {
    if (key === 'Home') return firstPlace(rows);
    return key === 'End' ? lastOf(rows.findLastIndex((bars) => bars.length > 0)) : undefined;
  }
  switch (key) {
    case 'ArrowLeft':
      return at(row, index - 1);
    case 'ArrowRight':
      return at(row, index + 1);
    case 'Home':
      return at(row, 0);
    case 'End':
      return lastOf(row);
    case 'ArrowUp':
    case 'ArrowDown': {
      const step = key === 'ArrowUp' ? -1 : 1;
      let to = row + step;
      while (rows[to]?.length === 0) to += step;
      return rows[to] && { row: to, index: nearest(rows[to]!, rows[row]![index]!) };
    }
    default:
      return undefined;
  }
}

/** The place itself where it can be seen, else the bar of its row that is nearest to the middle of what can be. */
export function placeInView(rows: BarRows, place: BarPlace, view: TimeView): BarPlace {
  const { start, end } = rows[place.row]![place.index]!;
  if (end > view.start && start < view.end) return place;
  const middle = (view.start + view.end) / 2;
  return { ...place, index: nearest(rows[place.row]!, { start: middle, end: middle }) };
}

/** Of some bars the one that has most time in common with another, or that is nearest to it. */
function nearest(bars: readonly ChipSpan[], { start, end }: TimeView): number {
  let found = 0;
  let most = Number.NEGATIVE_INFINITY;
  for (const [i, bar] of bars.entries()) {
    // Below zero it's what lies between them.
    const common = Math.min(end, bar.end) - Math.max(start, bar.start);
    if (common <= most) continue;
    found = i;
    most = common;
  }
  return found;
}
