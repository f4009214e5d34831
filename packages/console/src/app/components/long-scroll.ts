/**
 * How a box that scrolls shows more than browsers draw: what is in it is drawn lower than it is high.
 *
 * Short ways (a wheel, a finger, a key) are as long as ever, so that no row is jumped over; a long one (the thumb) goes to
 * the same share of the whole. Where the box meets its end, so does what is in it.
 *
 * @module
 */

/**
 * Pixels. Browsers draw nothing that is higher than some 17 million, and place what lies beyond 8 million to whole pixels
 * only.
 */
export const mostDrawn = 8_000_000;

export interface Place {
  /** How far from the beginning of what is in the box its upper edge lies, px. */
  readonly top: number;
  /** How far the box has been scrolled for that, px. */
  readonly scrolled: number;
}

export interface Extent {
  /** Of what is in the box, px. */
  readonly height: number;
  /** Of the part of it that is seen, px. */
  readonly seen: number;
}

export const drawnHeight = (height: number) => Math.min(height, mostDrawn);

/** Where a box is that was scrolled by somebody. */
export function placeOf(scrolled: number, before: Place, extent: Extent): Place {
  if (scrolled === before.scrolled) return before;
  const [furthest, end] = furthestOf(extent);
  if (furthest === end) return { top: scrolled, scrolled };
  if (scrolled <= 0) return { top: 0, scrolled };
  // A browser may stop a fraction of a pixel before the end.
  if (scrolled > furthest - 1) return { top: end, scrolled };
  const moved = scrolled - before.scrolled;
  const top = Math.abs(moved) <= extent.seen ? before.top + moved : Math.round((scrolled / furthest) * end);
  return { top: Math.max(0, Math.min(end, top)), scrolled };
}

/** How far a box is to be scrolled, so that what is in it is seen from `top` on. */
export function placeAt(top: number, before: Place, extent: Extent): Place {
  const [furthest, end] = furthestOf(extent);
  const wanted = Math.max(0, Math.min(end, top));
  const near = before.scrolled + wanted - before.top;
  if (Math.abs(wanted - before.top) <= extent.seen && near > 0 && near < furthest)
    return { top: wanted, scrolled: near };
  return { top: wanted, scrolled: end > 0 ? Math.round((wanted / end) * furthest) : 0 };
}

/** The largest that `scrolled` and `top` can be. */
function furthestOf({ height, seen }: Extent): [number, number] {
  const end = Math.max(0, height - seen);
  return [Math.max(0, Math.min(end, mostDrawn - seen)), end];
}
