/**
 * Measurements over the steps of a run, which may still go on: one line or several on one scale.
 *
 * @module
 */
import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';
import { Nothing } from './axes.tsx';
import { Stretched, span } from './chart-frame.tsx';
import { finite } from './finite.ts';
import { dashOf } from './key.tsx';
import { LineFrame } from './line-frame.tsx';
import { useChart } from './settings.tsx';
import { type Shade, stroke } from './shade.ts';

export interface StepPoint {
  readonly step: number;
  readonly value: number;
}

export interface StepCurvesProps {
  readonly title: string;
  readonly description: string;
  readonly lines: readonly {
    readonly label: string;
    readonly shade: Shade;
    /** In order of steps. */
    readonly points: readonly StepPoint[];
  }[];
  /** The last step that there will be, so that curves of one run share their scale across. */
  readonly steps: number;
  readonly format: (value: number) => string;
  /** Values of the axis that are always shown. Default: from 0. */
  readonly domain?: readonly [number, number];
}

const height = 200;
const top = 20;
const bottom = 28;
/** Rows of the table; of more points every so many are told. */
const mostRows = 60;

/** @throws RangeError where a value is none */
export function StepCurves({ title, description, lines, steps, format, domain = [0, 0] }: StepCurvesProps) {
  const { numbers, words } = useChart();
  const points = lines.flatMap((one) => one.points);
  for (const { step, value } of points) finite('a step or a value', step, value);
  finite('an axis', steps, ...domain);
  if (points.length < 2) return <Nothing>{words.nothing}</Nothing>;
  const end = Math.max(1, steps, ...points.map(({ step }) => step));
  const x = scaleLinear([0, end], [0, span]);
  const values = points.map(({ value }) => value);
  const [lowest, highest] = [Math.min(...domain, ...values), Math.max(...domain, ...values)];
  const y = scaleLinear([lowest, highest > lowest ? highest : lowest + 1], [height - bottom, top]);
  const along = line<StepPoint>(
    ({ step }) => x(step),
    ({ value }) => y(value),
  );
  const marks = x
    .ticks(4)
    .filter((step) => step > 0 && Number.isInteger(step))
    .map((step) => ({ percent: (step / end) * 100, label: numbers.count(step) }));
  return (
    <LineFrame
      {...{ title, description, height, lines, y, format, marks }}
      along={words.step}
      rows={rowsOf(lines).map(({ step, cells }) => ({
        name: numbers.count(step),
        cells: cells.map((cell) => (cell === undefined ? undefined : format(cell))),
      }))}
    >
      <Stretched height={height}>
        {lines.map(({ label, shade, points: own }, i) => (
          <path
            key={label}
            className={`k-curve ${stroke(shade)} ${dashOf(i)}`}
            vectorEffect="non-scaling-stroke"
            d={along([...own]) ?? ''}
          />
        ))}
      </Stretched>
    </LineFrame>
  );
}

function rowsOf(lines: StepCurvesProps['lines']): { step: number; cells: (number | undefined)[] }[] {
  const bySteps = new Map<number, (number | undefined)[]>();
  for (const [i, { points }] of lines.entries()) {
    const every = Math.ceil(points.length / mostRows);
    for (const [k, { step, value }] of points.entries()) {
      if (k % every !== 0 && k !== points.length - 1) continue;
      const cells = bySteps.get(step) ?? lines.map(() => undefined);
      cells[i] = value;
      bySteps.set(step, cells);
    }
  }
  return [...bySteps].sort(([a], [b]) => a - b).map(([step, cells]) => ({ step, cells }));
}
