/**
 * What ways of answering cost, by how much there is to answer or how long one does; and where one becomes cheaper than
 * the other, with the interval that this is sure of.
 *
 * @module
 */
import { scaleLinear } from 'd3-scale';
import { area, line } from 'd3-shape';
import { Across, across, anchorAt, down, Grid, GridNumbers, Nothing } from './axes.tsx';
import { BandedCurve } from './banded-curve.tsx';
import { ChartFrame, Stretched, span } from './chart-frame.tsx';
import { finite } from './finite.ts';
import { dashOf, Key } from './key.tsx';
import { Point } from './point.tsx';
import { useChart } from './settings.tsx';
import type { Shade } from './shade.ts';

export interface CostPoint {
  /** Calls a day, months, …: as `formatAcross` reads it. */
  readonly x: number;
  /** As `format` reads it: US dollars. */
  readonly value: number;
  readonly low?: number;
  readonly high?: number;
}

export interface BreakEvenProps {
  readonly title: string;
  readonly lines: readonly {
    readonly label: string;
    readonly shade: Shade;
    readonly points: readonly CostPoint[];
  }[];
  /** Where the lines meet; null: nowhere in what is shown. An end of the interval may lie beyond what is shown. */
  readonly breakEven: { readonly x: number; readonly low?: number; readonly high?: number } | null;
  readonly format: (value: number) => string;
  readonly formatAcross: (x: number) => string;
  /** Of what lies across. */
  readonly across: string;
  /** Pixels. */
  readonly height?: number;
}

const top = 28;
const bottom = 28;

/** @throws RangeError where a value is none, or the lines meet outside of what they cover */
export function BreakEven(props: BreakEvenProps) {
  const { title, lines, breakEven, format, formatAcross, height = 240 } = props;
  const { words } = useChart();
  const points = lines.flatMap((one) => one.points);
  for (const { x, value, low = value, high = value } of points) finite('a value', x, value, low, high);
  if (points.length === 0) return <Nothing>{words.nothing}</Nothing>;
  const [first, last] = [Math.min(...points.map((p) => p.x)), Math.max(...points.map((p) => p.x))];
  if (breakEven) {
    finite('the break-even', breakEven.x);
    if (breakEven.x < first || breakEven.x > last)
      throw new RangeError('The lines of a chart can only meet where they are drawn.');
  }
  const x = scaleLinear(first < last ? [first, last] : [first - 1, last + 1], [0, span]);
  const values = points.flatMap(({ value, low = value, high = value }) => [value, low, high]);
  const [lowest, highest] = [Math.min(0, ...values), Math.max(...values)];
  const y = scaleLinear([lowest, highest > lowest ? highest : lowest + 1], [height - bottom, top]).nice(4);
  const percentAt = (value: number) => Math.max(0, Math.min(100, (x(value) / span) * 100));
  const told = tellBreakEven(breakEven, formatAcross, words);
  const around = area<CostPoint>()
    .x((point) => x(point.x))
    .y0(({ low, value }) => y(low ?? value))
    .y1(({ high, value }) => y(high ?? value));
  const along = line<CostPoint>(
    (point) => x(point.x),
    ({ value }) => y(value),
  );
  const xs = [...new Set(points.map((point) => point.x))].sort((one, other) => one - other);
  const low = percentAt(breakEven?.low ?? breakEven?.x ?? 0);
  const high = percentAt(breakEven?.high ?? breakEven?.x ?? 0);
  return (
    <>
      <Key entries={lines.map(({ label, shade }, i) => ({ label, shade, dash: dashOf(i) }))} />
      <ChartFrame
        title={title}
        description={told}
        height={height}
        focusable={breakEven !== null}
        table={{
          caption: `${title} ${told}`,
          columns: [props.across, ...lines.map(({ label }) => label)],
          rows: xs.map((at) => [
            formatAcross(at),
            ...lines.map(({ points: own }) => {
              const found = own.find((point) => point.x === at);
              if (!found) return '–';
              return found.low === undefined || found.high === undefined
                ? format(found.value)
                : `${format(found.value)} (${words.interval({ low: format(found.low), high: format(found.high) })})`;
            }),
          ]),
        }}
      >
        {breakEven && high > low && (
          <rect
            className="k-wash"
            x={across(low)}
            width={across(high - low)}
            y={top}
            height={height - bottom - top}
          />
        )}
        <Grid y={y} />
        <Across
          marks={x.ticks(4).map((value) => ({ percent: percentAt(value), label: formatAcross(value) }))}
          y={height - 8}
        />
        <Stretched height={height}>
          {lines.map(({ label, shade, points: own }, i) => (
            <BandedCurve
              key={label}
              {...{ shade, place: i, curve: along([...own]) }}
              band={own.some((point) => point.low !== undefined) ? around([...own]) : null}
            />
          ))}
        </Stretched>
        <GridNumbers y={y} format={format} />
        {breakEven && (
          <>
            <line
              className="k-limit"
              x1={across(percentAt(breakEven.x))}
              x2={across(percentAt(breakEven.x))}
              y1={top}
              y2={height - bottom}
            />
            <text
              className="k-strong"
              x={across(percentAt(breakEven.x))}
              y={top - 10}
              textAnchor={anchorAt(percentAt(breakEven.x), 30)}
            >
              {told}
            </text>
            <Point
              percent={percentAt(breakEven.x)}
              y={down(y(valueAt(lines[0]!.points, breakEven.x)))}
              shade="quiet"
              radius={5}
              label={told}
            />
          </>
        )}
      </ChartFrame>
    </>
  );
}

function tellBreakEven(
  breakEven: BreakEvenProps['breakEven'],
  format: (x: number) => string,
  words: ReturnType<typeof useChart>['words'],
): string {
  if (breakEven === null) return words.breakEvenNever;
  const { x, low, high } = breakEven;
  if (low === undefined && high === undefined) return words.breakEvenAt({ where: format(x) });
  const written = (end: number | undefined, without: string) =>
    end === undefined || !Number.isFinite(end) ? without : format(end);
  return words.breakEvenWithin({ where: format(x), low: written(low, '0'), high: written(high, '∞') });
}

/** On the line, between its points. */
export function valueAt(points: readonly CostPoint[], x: number): number {
  const after = points.findIndex((point) => point.x >= x);
  if (after < 0) return points.at(-1)!.value;
  const [one, other] = [points[after - 1], points[after]!];
  if (!one || other.x === one.x) return other.value;
  return one.value + ((other.value - one.value) * (x - one.x)) / (other.x - one.x);
}
