/**
 * What a whole consists of, from one stretch of time to the next: a column for each, its parts upon each other.
 *
 * @module
 */
import { scaleBand, scaleLinear } from 'd3-scale';
import { Across, across, anchorAt, down, Grid, GridNumbers, Nothing } from './axes.tsx';
import { ChartFrame } from './chart-frame.tsx';
import { finite } from './finite.ts';
import { Key } from './key.tsx';
import { mostStops } from './point.tsx';
import { useChart } from './settings.tsx';
import { fill, type Shade } from './shade.ts';

export interface StackedColumnsProps {
  readonly title: string;
  readonly description: string;
  /** From the bottom up. */
  readonly parts: readonly { readonly label: string; readonly shade: Shade }[];
  /** In order of time; `values` in the order of `parts`, none negative. */
  readonly columns: readonly {
    readonly label: string;
    /** What is written below it, where its label is too long for a phone. */
    readonly mark?: string;
    readonly values: readonly number[];
  }[];
  /** A value as people read it, with its unit. */
  readonly format: (value: number) => string;
  /** Pixels. */
  readonly height?: number;
}

const top = 20;
const bottom = 28;
const mostLabels = 4;

/** @throws RangeError where a value is negative or none, or a column has another number of values than there are parts */
export function StackedColumns(props: StackedColumnsProps) {
  const { title, description, parts, columns, format, height = 220 } = props;
  const { words } = useChart();
  for (const { values } of columns) {
    finite('a value', ...values.map((value) => (value < 0 ? Number.NaN : value)));
    if (values.length !== parts.length) throw new RangeError('A column has one value for each part.');
  }
  if (columns.length === 0 || parts.length === 0) return <Nothing>{words.nothing}</Nothing>;
  const totals = columns.map(({ values }) => values.reduce((sum, value) => sum + value, 0));
  const highest = Math.max(...totals);
  const y = scaleLinear([0, highest > 0 ? highest : 1], [height - bottom, top]).nice(4);
  const x = scaleBand<number>(columns.keys(), [0, 100]).paddingInner(0.2);
  const every = Math.ceil(columns.length / mostLabels);
  const focusable = columns.length <= mostStops;
  const told = columns.map(
    ({ label, values }) =>
      `${label}: ${parts.map((part, i) => `${part.label} ${format(values[i]!)}`).join(', ')}`,
  );
  return (
    <>
      <Key entries={parts} />
      <ChartFrame
        title={title}
        description={description}
        height={height}
        focusable={focusable}
        table={{
          caption: title,
          columns: [words.time, ...parts.map(({ label }) => label)],
          rows: columns.map(({ label, values }) => [label, ...values.map(format)]),
        }}
      >
        <Grid y={y} />
        <Across
          marks={columns
            .map(({ label, mark = label }, i) => ({ percent: x(i)! + x.bandwidth() / 2, label: mark }))
            .filter((_, i) => i % every === 0)}
          y={height - 8}
        />
        {columns.map(({ label, values }, i) => {
          const middle = x(i)! + x.bandwidth() / 2;
          return (
            <g
              key={label}
              className="k-point"
              {...(focusable && { role: 'img', 'aria-label': told[i], tabIndex: 0 })}
            >
              {parts.map((part, p) => {
                const below = values.slice(0, p).reduce((sum, value) => sum + value, 0);
                return (
                  <rect
                    key={part.label}
                    className={`k-mark ${fill(part.shade)}`}
                    x={across(x(i)!)}
                    width={across(x.bandwidth())}
                    y={down(y(below + values[p]!))}
                    height={down(y(below) - y(below + values[p]!))}
                  />
                );
              })}
              <text
                className="k-value"
                x={across(middle)}
                y={down(y(totals[i]!) - 6)}
                textAnchor={anchorAt(middle, 30)}
              >
                {told[i]}
              </text>
            </g>
          );
        })}
        <GridNumbers y={y} format={format} />
      </ChartFrame>
    </>
  );
}
