/**
 * A table of any length: only the rows in view are in the page.
 *
 * It has the roles of a table, or, where its rows can be opened, of a grid: then the arrow keys go from row to row, and
 * Enter opens one. Its columns share the width as CSS grid tracks; where they don't fit, the table scrolls sideways
 * within itself.
 *
 * @module
 */
import {
  type CSSProperties,
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useId,
  useRef,
  useState,
} from 'react';
import classes from './data-table.module.css';
import { useRowsInView } from './use-rows-in-view.ts';

export interface Column<Row> {
  id: string;
  header: ReactNode;
  /** A track of CSS grid, `minmax(8rem, 1fr)` where left out. */
  width?: string;
  /** Numbers stand at the end. */
  align?: 'start' | 'end';
  /** What doesn't fit goes on below it, as far as the row is high; left out: it is cut off at its end. */
  wraps?: boolean;
  cell: (row: Row) => ReactNode;
}

export interface DataTableProps<Row> {
  /** What the table is of, for who can't see it. */
  label: string;
  columns: readonly Column<Row>[];
  /** An array, or something like it whose rows come as they are looked at: those that aren't there yet are undefined. */
  rows: { readonly length: number; at(index: number): Row | undefined };
  /** Left out: a row is known by its place. */
  rowKey?: (row: Row) => string;
  /** Told which rows are in view. */
  onView?: (first: number, last: number) => void;
  /** Makes rows that can be opened, by click or Enter. */
  onOpen?: (row: Row) => void;
  /** Called when the last row comes into view: there may be more to fetch. */
  onEnd?: () => void;
  /** How high a row is, px; all are of the same height. */
  rowHeight?: number;
  /** The most that it takes of the page, a CSS length. */
  maxHeight?: string;
  /** How many rows there are in all, where more can be fetched; -1: nobody knows. */
  total?: number;
}

/** Of cells that wrap, px, with a little room. */
const lineHeight = 20;

export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, columns, rows, rowKey, onOpen, onEnd, onView, total } = props;
  const { rowHeight = 44, maxHeight = '60vh' } = props;
  const id = useId();
  const scroll = useRef<HTMLDivElement>(null);
  const head = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const count = rows.length;
  const hasOpened = useRef(false);
  const drawn = useRowsInView({
    ...{ scroll, head, count, rowHeight },
    onShown() {
      // Of a table that was hidden while one of its rows was open, a browser may forget that it had the keyboard.
      if (hasOpened.current) scroll.current?.focus({ preventScroll: true });
      hasOpened.current = false;
    },
  });
  const indices = Array.from({ length: drawn.end - drawn.first }, (_, i) => drawn.first + i);
  const firstSeen = indices[0] ?? -1;
  const lastSeen = indices.at(-1) ?? -1;
  const inView = useRef(onView);
  inView.current = onView;
  // biome-ignore lint/correctness/useExhaustiveDependencies: other rows in the same places are looked at anew
  useEffect(() => {
    if (lastSeen >= 0) inView.current?.(firstSeen, lastSeen);
  }, [firstSeen, lastSeen, rows]);
  const seesEnd = count > 0 && lastSeen >= count - 1;
  // The function is another one at every rendering; what counts is that there are new rows and their end is seen.
  const atEnd = useRef(onEnd);
  atEnd.current = onEnd;
  // biome-ignore lint/correctness/useExhaustiveDependencies: more rows whose end is in view too want more again
  useEffect(() => {
    if (seesEnd) atEnd.current?.();
  }, [seesEnd, rows.length]);

  const isGrid = onOpen !== undefined;
  const current = Math.min(active, count - 1);
  const template = {
    gridTemplateColumns: columns.map(({ width }) => width ?? 'minmax(8rem, 1fr)').join(' '),
  };
  const cellRole = isGrid ? 'gridcell' : 'cell';
  const idOf = (index: number) => `${id}-${index}`;

  const open = (index: number) => {
    const row = rows.at(index);
    if (row === undefined || !onOpen) return;
    hasOpened.current = true;
    onOpen(row);
  };
  const go = (index: number) => {
    const next = Math.max(0, Math.min(count - 1, index));
    setActive(next);
    drawn.show(next);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    const page = Math.max(1, Math.floor((scroll.current?.clientHeight ?? rowHeight) / rowHeight) - 2);
    if (event.key === 'Enter') {
      open(current);
      return;
    }
    const next = rowFor(event.key, { current, page, last: count - 1 });
    if (next === undefined) return;
    event.preventDefault();
    go(next);
  };

  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: the role is table or grid, and both have these
    <div
      ref={scroll}
      className={classes.scroll}
      style={{ maxHeight, '--lines': Math.floor(rowHeight / lineHeight) } as CSSProperties}
      role={isGrid ? 'grid' : 'table'}
      aria-label={label}
      aria-rowcount={total === undefined ? rows.length + 1 : total < 0 ? -1 : total + 1}
      tabIndex={0}
      {...(isGrid && {
        onKeyDown,
        ...(indices.includes(current) && { 'aria-activedescendant': idOf(current) }),
      })}
    >
      <div className={classes.whole}>
        <div ref={head} role="rowgroup" className={classes.head}>
          <div role="row" className={classes.row} style={template} aria-rowindex={1}>
            {columns.map(({ id: column, header, align }) => (
              <div key={column} role="columnheader" className={classes.cell} data-align={align}>
                {header}
              </div>
            ))}
          </div>
        </div>
        <div role="rowgroup" className={classes.body} style={{ height: drawn.height }}>
          {indices.map((index) => {
            const row = rows.at(index);
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the grid takes the keys for its rows
              <div
                key={row && rowKey ? rowKey(row) : index}
                id={idOf(index)}
                role="row"
                aria-rowindex={index + 2}
                aria-busy={row === undefined || undefined}
                {...(isGrid && { 'aria-selected': index === current })}
                className={classes.row}
                data-can-open={isGrid || undefined}
                style={{ ...template, height: rowHeight, transform: `translateY(${drawn.startOf(index)}px)` }}
                onClick={
                  onOpen &&
                  (() => {
                    setActive(index);
                    open(index);
                  })
                }
              >
                {columns.map(({ id: column, cell, align, wraps }) => (
                  <div
                    key={column}
                    role={cellRole}
                    className={classes.cell}
                    data-align={align}
                    data-wraps={wraps || undefined}
                  >
                    {row === undefined ? '…' : cell(row)}
                  </div>
                ))}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

/** The row that a key leads to; undefined for another key. */
function rowFor(key: string, { current, page, last }: { current: number; page: number; last: number }) {
  switch (key) {
    case 'ArrowDown':
      return current + 1;
    case 'ArrowUp':
      return current - 1;
    case 'PageDown':
      return current + page;
    case 'PageUp':
      return current - page;
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return undefined;
  }
}
