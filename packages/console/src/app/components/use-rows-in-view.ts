/**
 * Which rows of a long table are to be drawn, and where: those that are seen, and a few beyond.
 *
 * @module
 */
import { type RefObject, useLayoutEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { drawnHeight, type Place, placeAt, placeOf } from './long-scroll.ts';

/** Drawn on either side of those that are seen. */
const beyond = 8;

export interface TableBox {
  /** What scrolls: the head, which stays in view, and the rows below it. */
  scroll: RefObject<HTMLElement | null>;
  head: RefObject<HTMLElement | null>;
  /** Of the rows, all of the same height. */
  count: number;
  rowHeight: number;
  /** Called when a table that was hidden is shown again, as it was. */
  onShown: () => void;
}

export interface RowsInView {
  /** The first row to be drawn, and the one after the last. */
  first: number;
  end: number;
  /** How high what the rows are drawn in is, px. */
  height: number;
  /** Where a row lies therein, px. */
  startOf(index: number): number;
  /** Scrolls no further than needed for a row to be seen wholly. */
  show(index: number): void;
}

export function useRowsInView({ scroll, head, count, rowHeight, onShown }: TableBox): RowsInView {
  const height = count * rowHeight;
  const place = useRef<Place>({ top: 0, scrolled: 0 });
  const [view, setView] = useState({ row: 0, rows: 0, shift: 0 });
  const extentOf = (box: HTMLElement) => ({
    height,
    seen: box.clientHeight - (head.current?.offsetHeight ?? 0),
  });
  const look = (box: HTMLElement) => {
    const extent = extentOf(box);
    place.current = placeOf(box.scrollTop, place.current, extent);
    const { top, scrolled } = place.current;
    const next = {
      row: Math.floor(top / rowHeight),
      rows: Math.ceil(extent.seen / rowHeight) + 1,
      shift: top - scrolled,
    };
    // Drawn anew when other rows come into view, and not at each pixel.
    setView((before) =>
      before.row === next.row && before.rows === next.rows && before.shift === next.shift ? before : next,
    );
  };
  // Those of the last rendering.
  const latest = useRef({ look, onShown });
  latest.current = { look, onShown };
  useLayoutEffect(() => {
    const box = scroll.current;
    if (!box) return;
    let isShown = box.clientHeight > 0;
    // At once: what comes into view has to be there in the same picture.
    const onScroll = () => isShown && flushSync(() => latest.current.look(box));
    const sizes = new ResizeObserver(() => {
      const wasShown = isShown;
      isShown = box.clientHeight > 0;
      if (!isShown) return;
      if (!wasShown) {
        // A browser may forget it of what is hidden.
        box.scrollTop = place.current.scrolled;
        latest.current.onShown();
      }
      latest.current.look(box);
    });
    box.addEventListener('scroll', onScroll, { passive: true });
    sizes.observe(box);
    latest.current.look(box);
    return () => {
      sizes.disconnect();
      box.removeEventListener('scroll', onScroll);
    };
  }, [scroll]);
  return {
    first: Math.max(0, view.row - beyond),
    end: Math.min(count, view.row + view.rows + beyond),
    height: drawnHeight(height),
    startOf: (index) => index * rowHeight - view.shift,
    show(index) {
      const box = scroll.current;
      if (!box) return;
      const extent = extentOf(box);
      const top = index * rowHeight;
      const wanted = Math.min(top, Math.max(top + rowHeight - extent.seen, place.current.top));
      const { top: reached, scrolled } = placeAt(wanted, place.current, extent);
      box.scrollTop = scrolled;
      // As the browser rounds it.
      place.current = { top: reached, scrolled: box.scrollTop };
      look(box);
    },
  };
}
