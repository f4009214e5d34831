/**
 * A table of any length: only the rows in view are in the page.
 *
 * It has the roles of a table, or, where its rows can be opened, of a grid: then the arrow keys go from row to row, and
 * Enter opens one. Its columns share the width as CSS grid tracks; where they don't fit, the table scrolls sideways
 * within itself.
 *
 * @module
 */
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import classes from './data-table.module.css';

export interface Column<Row> {
  id: string;
  header: ReactNode;
  /** A track of CSS grid, `minmax(8rem, 1fr)` where left out. */
  width?: string;
  /** Numbers stand at the end. */
  align?: 'start' | 'end';
  cell: (row: Row) => ReactNode;
}

export interface DataTableProps<Row> {
  /** What the table is of, for who can't see it. */
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
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

export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, columns, rows, rowKey, onOpen, onEnd, rowHeight = 44, maxHeight = '60vh', total } = props;
  const id = useId();
  const scroll = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowHeight,
    overscan: 8,
    getItemKey: (index) => rowKey(rows[index]!),
  });
  const items = virtual.getVirtualItems();
  const lastSeen = items.at(-1)?.index ?? -1;
  const seesEnd = rows.length > 0 && lastSeen >= rows.length - 1;
  // The function is another one at every rendering; what counts is that there are new rows and their end is seen.
  const atEnd = useRef(onEnd);
  atEnd.current = onEnd;
  // biome-ignore lint/correctness/useExhaustiveDependencies: more rows whose end is in view too want more again
  useEffect(() => {
    if (seesEnd) atEnd.current?.();
  }, [seesEnd, rows.length]);

  const isGrid = onOpen !== undefined;
  const current = Math.min(active, rows.length - 1);
  const template = {
    gridTemplateColumns: columns.map(({ width }) => width ?? 'minmax(8rem, 1fr)').join(' '),
  };
  const cellRole = isGrid ? 'gridcell' : 'cell';
  const idOf = (index: number) => `${id}-${index}`;

  const go = (index: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, index));
    setActive(next);
    virtual.scrollToIndex(next);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    const page = Math.max(1, Math.floor((scroll.current?.clientHeight ?? rowHeight) / rowHeight) - 2);
    if (event.key === 'Enter') {
      const row = rows[current];
      if (row !== undefined) onOpen?.(row);
      return;
    }
    const next = rowFor(event.key, { current, page, last: rows.length - 1 });
    if (next === undefined) return;
    event.preventDefault();
    go(next);
  };

  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: the role is table or grid, and both have these
    <div
      ref={scroll}
      className={classes.scroll}
      style={{ maxHeight }}
      role={isGrid ? 'grid' : 'table'}
      aria-label={label}
      aria-rowcount={total === undefined ? rows.length + 1 : total < 0 ? -1 : total + 1}
      tabIndex={0}
      {...(isGrid && {
        onKeyDown,
        ...(items.some(({ index }) => index === current) && { 'aria-activedescendant': idOf(current) }),
      })}
    >
      <div role="rowgroup" className={classes.head}>
        <div role="row" className={classes.row} style={template} aria-rowindex={1}>
          {columns.map(({ id: column, header, align }) => (
            <div key={column} role="columnheader" className={classes.cell} data-align={align}>
              {header}
            </div>
          ))}
        </div>
      </div>
      <div role="rowgroup" className={classes.body} style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const row = rows[item.index]!;
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the grid takes the keys for its rows
            <div
              key={item.key}
              id={idOf(item.index)}
              role="row"
              aria-rowindex={item.index + 2}
              {...(isGrid && { 'aria-selected': item.index === current })}
              className={classes.row}
              data-can-open={isGrid || undefined}
              style={{ ...template, height: rowHeight, transform: `translateY(${item.start}px)` }}
              onClick={
                onOpen &&
                (() => {
                  setActive(item.index);
                  onOpen(row);
                })
              }
            >
              {columns.map(({ id: column, cell, align }) => (
                <div key={column} role={cellRole} className={classes.cell} data-align={align}>
                  {cell(row)}
                </div>
              ))}
            </div>
          );
        })}
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
