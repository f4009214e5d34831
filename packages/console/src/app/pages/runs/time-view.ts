/**
 * The part of a stretch of time that is looked at: zoomed and moved, always within the whole.
 *
 * @module
 */

export interface TimeView {
  /** Milliseconds. */
  readonly start: number;
  readonly end: number;
}

/** By what one zooms, and by which share of what is shown one moves. */
export const nearer = 0.7;
export const aside = 0.25;
/** As near as one can look, milliseconds. */
const nearest = 0.05;

/** Zooms by `factor` (below 1: nearer) around a moment, which stays where it is. */
export function zoomed(view: TimeView, whole: TimeView, factor: number, around?: number): TimeView {
  const at = around ?? (view.start + view.end) / 2;
  const length = Math.min(
    whole.end - whole.start,
    Math.max(Math.min(nearest, whole.end - whole.start), (view.end - view.start) * factor),
  );
  const share = (at - view.start) / (view.end - view.start);
  return placed(at - share * length, length, whole);
}

/** Moved by a share of what is shown; to the right where it is above 0. */
export function moved(view: TimeView, whole: TimeView, share: number): TimeView {
  const length = view.end - view.start;
  return placed(view.start + length * share, length, whole);
}

/** What a key does, around a moment where there is one: nearer, away, everything. Undefined for any other key. */
export function afterKey(
  key: string,
  view: TimeView,
  whole: TimeView,
  around?: number,
): TimeView | undefined {
  switch (key) {
    case '+':
    case '=':
      return zoomed(view, whole, nearer, around);
    case '-':
      return zoomed(view, whole, 1 / nearer, around);
    case '0':
      return whole;
    default:
      return undefined;
  }
}

/** Moved no further than it takes to show a stretch of time, with a little around it; its beginning where it's longer. */
export function showing({ start, end }: TimeView, view: TimeView, whole: TimeView): TimeView {
  const length = view.end - view.start;
  const margin = Math.max(0, Math.min(length * 0.05, (length - (end - start)) / 2));
  const latest = start - margin;
  if (latest < view.start) return placed(latest, length, whole);
  const earliest = Math.min(latest, end + margin - length);
  return earliest > view.start ? placed(earliest, length, whole) : view;
}

/** So long, from `start` on or as near to it as the whole lets it be. */
function placed(start: number, length: number, whole: TimeView): TimeView {
  const fitting = Math.min(length, whole.end - whole.start);
  const from = Math.min(Math.max(start, whole.start), whole.end - fitting);
  return { start: from, end: from + fitting };
}
