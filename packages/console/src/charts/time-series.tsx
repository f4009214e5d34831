/**
 * One or several measurements over time: lines, with the interval that each is sure of as an area around it.
 *
 * @module
 */
import { scaleLinear, scaleTime, scaleUtc } from 'd3-scale';
import { area, line } from 'd3-shape';
import { Limit, Nothing } from './axes.tsx';
import { BandedCurve } from './banded-curve.tsx';
import { Stretched, span } from './chart-frame.tsx';
import { finite } from './finite.ts';
import { LineFrame } from './line-frame.tsx';
import { mostStops, Point } from './point.tsx';
import { useChart } from './settings.tsx';
import type { Shade } from './shade.ts';

export interface TimePoint {
  /** Milliseconds since 1970, UTC. */
  readonly at: number;
  readonly value: number;
  /** Both or none: what the value is sure to lie between. */
  readonly low?: number;
  readonly high?: number;
}

export interface TimeLine {
  readonly label: string;
  readonly shade: Shade;
  /** In order of time. */
  readonly points: readonly TimePoint[];
}

export interface TimeSeriesProps {
  readonly title: string;
  readonly description: string;
  readonly lines: readonly TimeLine[];
  /** A value as people read it, with its unit. */
  readonly format: (value: number) => string;
  /** Values that mean something by themselves: alpha, a budget. */
  readonly limits?: readonly { readonly label: string; readonly value: number }[];
  /** Values of the axis that are always shown; default: from 0. */
  readonly domain?: readonly [number, number];
  /** Pixels. */
  readonly height?: number;
  /** Days begin at midnight UTC instead of the reader's. */
  readonly utc?: boolean;
}

const top = 20;
const bottom = 28;
const day = 86_400_000;

/** @throws RangeError where a time or a value is none */
export function TimeSeries(props: TimeSeriesProps) {
  const {
    title,
    description,
    lines,
    format,
    limits = [],
    domain = [0, 0],
    height = 220,
    utc = false,
  } = props;
  const { numbers, words } = useChart();
  const points = lines.flatMap((one) => one.points);
  for (const { at, value, low = value, high = value } of points)
    finite('a time or value', at, value, low, high);
  finite('a limit', ...limits.map(({ value }) => value), ...domain);
  if (points.length === 0) return <Nothing>{words.nothing}</Nothing>;
  const times = points.map(({ at }) => at);
  const [first, last] = [Math.min(...times), Math.max(...times)];
  // One moment alone stands in the middle of its day.
  const x = (utc ? scaleUtc : scaleTime)(first < last ? [first, last] : [first - day / 2, last + day / 2], [
    0,
    span,
  ]);
  const values = points.flatMap(({ value, low = value, high = value }) => [value, low, high]);
  const [lowest, highest] = [
    Math.min(...domain, ...values, ...limits.map(({ value }) => value)),
    Math.max(...domain, ...values, ...limits.map(({ value }) => value)),
  ];
  const y = scaleLinear([lowest, highest > lowest ? highest : lowest + 1], [height - bottom, top]).nice(4);
  const written = last - first > 2 * day ? numbers.day : numbers.moment;
  const marks = x.ticks(4).map((at) => ({ percent: (x(at) / span) * 100, label: written(at) }));
  const focusable = points.length <= mostStops;
  const around = area<TimePoint>()
    .x(({ at }) => x(at))
    .y0(({ low, value }) => y(low ?? value))
    .y1(({ high, value }) => y(high ?? value));
  const along = line<TimePoint>(
    ({ at }) => x(at),
    ({ value }) => y(value),
  );
  const tell = ({ value, low, high }: TimePoint) =>
    low === undefined || high === undefined
      ? format(value)
      : `${format(value)} (${words.interval({ low: format(low), high: format(high) })})`;
  return (
    <LineFrame
      {...{ title, description, height, focusable, lines, y, format, marks }}
      along={words.time}
      points={
        focusable &&
        lines.flatMap(({ label, shade, points: own }) =>
          own.map((point) => (
            <Point
              key={`${label} ${point.at}`}
              percent={(x(point.at) / span) * 100}
              y={y(point.value)}
              shade={shade}
              label={`${lines.length > 1 ? `${label}, ` : ''}${written(new Date(point.at))}: ${tell(point)}`}
            />
          )),
        )
      }
      rows={rowsOf(lines).map(({ at, cells }) => ({
        name: numbers.moment(new Date(at)),
        cells: cells.map((cell) => cell && tell(cell)),
      }))}
    >
      <Stretched height={height}>
        {lines.map(({ label, shade, points: own }, i) => (
          <BandedCurve
            key={label}
            {...{ shade, place: i, curve: along([...own]) }}
            band={own.some(({ low }) => low !== undefined) ? around([...own]) : null}
          />
        ))}
      </Stretched>
      {limits.map(({ label, value }) => (
        <Limit key={label} y={y(value)} label={label} />
      ))}
    </LineFrame>
  );
}

/** By time, with the point of each line at that time, if it has one. */
function rowsOf(lines: readonly TimeLine[]): { at: number; cells: (TimePoint | undefined)[] }[] {
  const byTime = new Map<number, (TimePoint | undefined)[]>();
  lines.forEach(({ points }, i) => {
    for (const point of points) {
      const cells = byTime.get(point.at) ?? lines.map(() => undefined);
      cells[i] = point;
      byTime.set(point.at, cells);
    }
  });
  return [...byTime].sort(([one], [other]) => one - other).map(([at, cells]) => ({ at, cells }));
}
