/**
 * What every chart stands in: a drawing with a name and a description for those who don't see it, and its figures as a
 * table for whoever wants to read them.
 *
 * Positions across are percentages, so that a chart fills a wide page and keeps its words readable on a phone.
 *
 * @module
 */
import { type ReactNode, useId } from 'react';
import { type DataTable, Figures } from './data-table.tsx';

export interface ChartFrameProps {
  readonly title: string;
  /** What the chart shows, in one or two sentences. */
  readonly description: string;
  /** Pixels. */
  readonly height: number;
  /** Whether points within can be reached with the keyboard. */
  readonly focusable?: boolean;
  /** Left out where the page shows the same figures beside the chart. */
  readonly table?: DataTable | undefined;
  readonly children: ReactNode;
}

export function ChartFrame({ title, description, height, focusable, table, children }: ChartFrameProps) {
  const id = useId();
  return (
    <>
      {/* What is in an image can't be reached; what can be reached must not be in one. */}
      <svg
        className="k-chart"
        width="100%"
        height={height}
        role={focusable ? 'group' : 'img'}
        aria-labelledby={`${id}title ${id}desc`}
      >
        <title id={`${id}title`}>{title}</title>
        <desc id={`${id}desc`}>{description}</desc>
        {children}
      </svg>
      {table && <Figures table={table} />}
    </>
  );
}

/** The width of `Stretched`, in its own units. */
export const span = 1000;

/** Curves that stretch with the page, while their strokes don't: `span` units wide, `height` pixels high. */
export function Stretched({ height, children }: { readonly height: number; readonly children: ReactNode }) {
  return (
    <svg
      x="0"
      y="0"
      width="100%"
      height={height}
      viewBox={`0 0 ${span} ${height}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}
