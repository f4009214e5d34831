/**
 * What chips did and when, several timelines under one another on one time axis: each chip a row, each kind of work a
 * colour, and where nothing is drawn the chip waited.
 *
 * A page with scripts may make it a grid whose bars are gone through with the keyboard; then one of them is active, and
 * stands in the page as a cell. All others are drawn only: there may be thousands.
 *
 * @module
 */
import { scaleLinear } from 'd3-scale';
import { type ComponentPropsWithRef, useMemo } from 'react';
import { Across, across, Nothing } from './axes.tsx';
import { ChartFrame } from './chart-frame.tsx';
import { ChipBars } from './chip-bars.tsx';
import { barHeight, type ChipRow, chipRows } from './chip-rows.ts';
import { type ChipRecord, type ChipSpan, chipWork, tellSpan, workOf } from './chip-work.ts';
import type { DataTable } from './data-table.tsx';
import { finite } from './finite.ts';
import { Key } from './key.tsx';
import { useChart } from './settings.tsx';
import { fill } from './shade.ts';

export interface ChipTimelineProps {
  readonly title: string;
  readonly description: string;
  /** Under one another, from the top. */
  readonly timelines: readonly ChipRecord[];
  /** The part that is shown, milliseconds. */
  readonly window: { readonly start: number; readonly end: number };
  /** What the drawing says, as a table; left out where the page shows it beside the chart. */
  readonly table?: DataTable;
  /** Whether each bar says what it is while it is pointed at, by itself: for pages without scripts, and some bars. */
  readonly tellsEach?: boolean;
  readonly grid?: ChipGrid;
}

/** What makes the drawing a grid. */
export interface ChipGrid extends ComponentPropsWithRef<'div'> {
  /** The bar that the focus is at. */
  readonly active: {
    readonly id: string;
    /** From the top, over all timelines. */
    readonly row: number;
    /** Among the bars of its row. */
    readonly index: number;
    readonly span: ChipSpan;
  } | null;
}

/** @throws RangeError where the window is none */
export function ChipTimeline(props: ChipTimelineProps) {
  const { title, description, timelines, window, table, tellsEach = false, grid } = props;
  const { numbers, words } = useChart();
  finite('a window', window.start, window.end);
  const layout = useMemo(() => chipRows(timelines), [timelines]);
  const rowsOf = useMemo(
    () => timelines.map((_, i) => layout.rows.filter(({ timeline }) => timeline === i)),
    [timelines, layout],
  );
  const key = useMemo(
    () =>
      chipWork
        .filter((work) => timelines.some(({ spans }) => spans.some((span) => workOf(span) === work)))
        .map(({ word, shade }) => ({ label: words[word], shade })),
    [timelines, words],
  );
  if (!(window.end > window.start)) return <Nothing>{words.nothing}</Nothing>;
  const { heads, rows, bottom, height } = layout;
  const marks = timeMarks(window, numbers);
  const drawing = (
    <>
      {rows.map(({ timeline, chip, top }) => (
        <g key={`${timeline} ${chip}`}>
          <text x="0" y={top - 4}>
            {words.chip({ n: numbers.count(chip + 1) })}
          </text>
          <rect className="k-wash" x="0" width="100%" y={top} height={barHeight} />
        </g>
      ))}
      {marks.map(({ percent }) => (
        <line
          key={percent}
          className="k-line"
          x1={across(percent)}
          x2={across(percent)}
          y1={rows[0]?.top ?? 0}
          y2={bottom}
        />
      ))}
      {timelines.map(({ label, spans }, i) => (
        <g key={label}>
          <text className="k-strong" x="0" y={heads[i]!}>
            {label}
          </text>
          <ChipBars
            {...{ spans, height, tellsEach, rows: rowsOf[i]! }}
            start={window.start}
            end={window.end}
          />
        </g>
      ))}
      <Across marks={marks} y={height - 6} />
    </>
  );
  if (!grid)
    return (
      <>
        <Key entries={key} />
        <ChartFrame {...{ title, description, height, table }}>{drawing}</ChartFrame>
      </>
    );
  const { active, ...attributes } = grid;
  return (
    <>
      <Key entries={key} />
      {/* biome-ignore lint/a11y/useSemanticElements: a table of thousands of cells is what this is not */}
      <div
        tabIndex={0}
        {...attributes}
        role="grid"
        className="k-grid"
        aria-label={title}
        aria-readonly="true"
        aria-rowcount={rows.length}
        aria-activedescendant={active?.id}
      >
        <svg className="k-chart" width="100%" height={height} role="presentation">
          {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in a drawing takes the focus */}
          <g aria-hidden="true">{drawing}</g>
          {active && <ActiveBar {...{ active, window, timelines, row: rows[active.row]! }} />}
        </svg>
      </div>
    </>
  );
}

/** The bar that has the focus, within a ring of its own, which shows on any colour and around the thinnest bar. */
function ActiveBar({
  active: { id, row: place, index, span },
  timelines,
  window,
  row: { timeline, top },
}: Pick<ChipTimelineProps, 'timelines' | 'window'> & {
  readonly active: NonNullable<ChipGrid['active']>;
  readonly row: ChipRow;
}) {
  const { numbers, words } = useChart();
  const x = scaleLinear([window.start, window.end], [0, 100]).clamp(true);
  const bar = {
    ...{ x: across(x(span.start)), width: across(x(span.end) - x(span.start)) },
    ...{ y: top, height: barHeight },
  };
  const { label } = timelines[timeline]!;
  const work = workOf(span);
  return (
    // biome-ignore lint/a11y/useSemanticElements: rows of drawings are no rows of tables
    <g role="row" aria-rowindex={place + 1} aria-label={label}>
      {/* biome-ignore lint/a11y/useSemanticElements: as above */}
      <g
        id={id}
        role="gridcell"
        className="k-active"
        aria-colindex={index + 1}
        aria-label={`${label}, ${tellSpan(span, { words, numbers })}`}
      >
        <rect className="k-halo" {...bar} />
        <rect className="k-ring" {...bar} />
        {work && <rect className={fill(work.shade)} {...bar} />}
      </g>
    </g>
  );
}

/** Round times of a window, as precise as they have to be in order to differ. */
function timeMarks(
  { start, end }: ChipTimelineProps['window'],
  numbers: ReturnType<typeof useChart>['numbers'],
) {
  const x = scaleLinear([start, end], [0, 100]);
  const ticks = x.ticks(4);
  const step = ticks.length > 1 ? ticks[1]! - ticks[0]! : end - start;
  const digits = Math.min(20, Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)));
  return ticks.map((at, i) => {
    const time = numbers.fixed(at, digits);
    return { percent: x(at), label: i === ticks.length - 1 ? `${time} ms` : time };
  });
}
