/**
 * A loss over the steps of a run.
 *
 * @module
 */
import { scaleLinear } from 'd3-scale';
import { curveMonotoneX, line } from 'd3-shape';
import { Across, Grid, GridNumbers, Nothing } from './axes.tsx';
import { ChartFrame, Stretched, span } from './chart-frame.tsx';
import { Point } from './point.tsx';
import { useChart } from './settings.tsx';
import { stroke } from './shade.ts';
import { type LossPoint, smooth } from './smooth.ts';

const height = 200;
const top = 20;
const bottom = 28;
/** More points than this are averaged in groups. */
const mostPoints = 120;
/** So few are measurements of their own, and shown as dots. */
const mostDots = 30;

export interface LossCurveProps {
  readonly title: string;
  readonly points: readonly LossPoint[];
  /** The last step of the run, so that curves of one run share their scale across. */
  readonly steps: number;
  readonly kind: 'train' | 'validation';
}

export function LossCurve({ title, points, steps, kind }: LossCurveProps) {
  const { numbers, words } = useChart();
  const calm = smooth(points, Math.ceil(points.length / mostPoints));
  const first = calm[0];
  const last = calm.at(-1);
  if (first === undefined || last === undefined || calm.length < 2)
    return <Nothing>{words.tooShort}</Nothing>;
  const end = Math.max(steps, last.step);
  const x = scaleLinear([0, end], [0, span]);
  const highest = Math.max(...calm.map(({ loss }) => loss));
  const lowest = Math.min(0, ...calm.map(({ loss }) => loss));
  const y = scaleLinear([lowest, highest > lowest ? highest : lowest + 1], [height - bottom, top]).nice(4);
  const path = line<LossPoint>(
    ({ step }) => x(step),
    ({ loss }) => y(loss),
  ).curve(curveMonotoneX)(calm);
  const marks = scaleLinear([0, end], [0, 100])
    .ticks(4)
    .filter((step) => step > 0 && step <= end && Number.isInteger(step))
    .map((step) => ({ percent: (step / end) * 100, label: numbers.count(step) }));
  const dotted = calm.length <= mostDots;
  const shown = (loss: number) => numbers.plain(Number(loss.toPrecision(3)));
  return (
    <ChartFrame
      title={title}
      description={words.lossTold({
        first: numbers.plain(Number(first.loss.toPrecision(2))),
        last: numbers.plain(Number(last.loss.toPrecision(2))),
        steps: numbers.count(steps),
      })}
      height={height}
      focusable={dotted}
      table={{
        caption: title,
        columns: [words.step, words.loss],
        rows: calm.map(({ step, loss }) => [numbers.count(step), shown(loss)]),
      }}
    >
      <Grid y={y} />
      <Across marks={marks} y={height - 8} />
      <Stretched height={height}>
        <path
          className={`k-curve ${kind === 'train' ? `${stroke('train')} k-thin` : stroke('student')}`}
          vectorEffect="non-scaling-stroke"
          d={path ?? ''}
        />
      </Stretched>
      <GridNumbers y={y} format={numbers.plain} />
      {dotted &&
        calm.map(({ step, loss }) => (
          <Point
            key={step}
            percent={(step / end) * 100}
            y={y(loss)}
            shade={kind === 'train' ? 'train' : 'student'}
            label={`${words.step} ${numbers.count(step)}: ${shown(loss)}`}
          />
        ))}
    </ChartFrame>
  );
}
