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
  return within({ start: at - share * length, end: at + (1 - share) * length }, whole);
}

/** Moved by a share of what is shown; to the right where it is above 0. */
export function moved(view: TimeView, whole: TimeView, share: number): TimeView {
  const by = (view.end - view.start) * share;
  return within({ start: view.start + by, end: view.end + by }, whole);
}

/** The same length, pushed into the whole. */
function within({ start, end }: TimeView, whole: TimeView): TimeView {
  const length = Math.min(end - start, whole.end - whole.start);
  const from = Math.min(Math.max(start, whole.start), whole.end - length);
  return { start: from, end: from + length };
}
