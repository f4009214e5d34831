/**
 * What lines over one axis stand in: the key where there are several, the grid, what is written below it, and all of them
 * as a table.
 *
 * @module
 */
import type { ReactNode } from 'react';
import { Across, type AcrossMark, Grid, GridNumbers } from './axes.tsx';
import { ChartFrame, type ChartFrameProps } from './chart-frame.tsx';
import { dashOf, Key } from './key.tsx';
import type { Shade } from './shade.ts';

export interface LineFrameProps extends Omit<ChartFrameProps, 'table'> {
  readonly lines: readonly { readonly label: string; readonly shade: Shade }[];
  /** What the table's first column is called, which names its rows. */
  readonly along: string;
  /** The place on the axis, and what each line is there; undefined where it has no point. */
  readonly rows: readonly { readonly name: string; readonly cells: readonly (string | undefined)[] }[];
  readonly y: Parameters<typeof Grid>[0]['y'];
  readonly format: (value: number) => string;
  readonly marks: readonly AcrossMark[];
  /** What tells its value when it is pointed at, in front of all else. */
  readonly points?: ReactNode;
}

export function LineFrame(props: LineFrameProps): ReactNode {
  const { lines, along, rows, y, format, marks, points, children, ...frame } = props;
  return (
    <>
      {lines.length > 1 && (
        <Key entries={lines.map(({ label, shade }, i) => ({ label, shade, dash: dashOf(i) }))} />
      )}
      <ChartFrame
        {...frame}
        table={{
          caption: frame.title,
          columns: [along, ...lines.map(({ label }) => label)],
          rows: rows.map(({ name, cells }) => [name, ...cells.map((cell) => cell ?? '–')]),
        }}
      >
        <Grid y={y} />
        <Across marks={marks} y={frame.height - 8} />
        {children}
        <GridNumbers y={y} format={format} />
        {points}
      </ChartFrame>
    </>
  );
}
