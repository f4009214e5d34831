/**
 * How long an answer takes, on a scale of powers of ten: a line from the median to the 99th percentile.
 *
 * @module
 */
import { scaleLog } from 'd3-scale';
import { across, Nothing } from './axes.tsx';
import { ChartFrame } from './chart-frame.tsx';
import { finite } from './finite.ts';
import { useChart } from './settings.tsx';
import { fill, type Shade } from './shade.ts';

export interface LatencyRow {
  readonly label: string;
  /** Milliseconds. */
  readonly p50: number;
  /** Milliseconds. */
  readonly p99: number;
  readonly shade: Shade;
}

const rowHeight = 46;
/** Milliseconds; nothing shorter is told apart. */
const shortest = 0.01;

/** @throws RangeError where a time is none */
export function LatencyChart({ rows }: { readonly rows: readonly LatencyRow[] }) {
  const { numbers, words } = useChart();
  const values = rows.flatMap(({ p50, p99 }) => [p50, p99]);
  finite('a time', ...values);
  if (rows.length === 0) return <Nothing>{words.nothing}</Nothing>;
  const long = values.map((ms) => Math.max(ms, shortest));
  const low = 10 ** Math.floor(Math.log10(Math.min(...long)));
  const high = 10 ** Math.ceil(Math.log10(Math.max(...long) * 1.001));
  const x = scaleLog([low, high], [0, 100]);
  const height = rows.length * rowHeight;
  const powers = Array.from({ length: Math.round(Math.log10(high / low)) + 1 }, (_, i) => low * 10 ** i);
  const told = rows
    .map(
      ({ label, p50, p99 }) =>
        `${label}: ${words.latencyTold({ median: numbers.milliseconds(p50), percentile99: numbers.milliseconds(p99) })}`,
    )
    .join('; ');
  return (
    <ChartFrame title={words.latencyTitle} description={told} height={height + 24}>
      {powers.map((power, i) => (
        <g key={power}>
          <line className="k-line" x1={across(x(power))} x2={across(x(power))} y1="0" y2={height} />
          <text
            x={across(x(power))}
            y={height + 18}
            textAnchor={i === 0 ? 'start' : i === powers.length - 1 ? 'end' : 'middle'}
          >
            {numbers.milliseconds(power).replace(/[.,]0+(?= )/, '')}
          </text>
        </g>
      ))}
      {rows.map(({ label, p50, p99, shade }, i) => {
        const y = i * rowHeight + 30;
        const from = x(Math.max(p50, low));
        const to = x(Math.max(p99, low));
        const right = from > 60;
        return (
          <g key={label}>
            <text
              x={across(from)}
              y={y - 12}
              textAnchor={right ? 'end' : 'start'}
              dx={right ? 6 : from < 2 ? 0 : -6}
            >
              {label}
            </text>
            <rect
              className={fill(shade)}
              x={across(from)}
              y={y - 1.5}
              width={across(Math.max(0, to - from))}
              height="3"
            />
            <circle className={fill(shade)} cx={across(from)} cy={y} r="6" />
            <circle className={fill(shade)} cx={across(to)} cy={y} r="3.5" />
          </g>
        );
      })}
    </ChartFrame>
  );
}
