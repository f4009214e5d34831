/**
 * Whether confidence means what it says: of answers of one confidence, the share with which the teacher agrees.
 *
 * @module
 */
import { scaleLinear } from 'd3-scale';
import { Across, across, down, Grid, GridNumbers, Nothing } from './axes.tsx';
import { ChartFrame } from './chart-frame.tsx';
import { finite, shares } from './finite.ts';
import { Point } from './point.tsx';
import { useChart } from './settings.tsx';
import { fill } from './shade.ts';

/** The answers of one stretch of confidence; all but `n` are shares from 0 to 1. */
export interface ReliabilityBar {
  readonly low: number;
  readonly high: number;
  /** On how many of them the teacher agrees. */
  readonly accuracy: number;
  readonly meanConfidence: number;
  readonly n: number;
}

const height = 240;
const top = 20;
const bottom = 28;

/** @throws RangeError where a share isn't one */
export function ReliabilityDiagram({ bins }: { readonly bins: readonly ReliabilityBar[] }) {
  const { numbers, words } = useChart();
  for (const { low, high, accuracy, meanConfidence, n } of bins) {
    shares('confidence and agreement', low, high, accuracy, meanConfidence);
    finite('the number of answers', n);
  }
  if (bins.length === 0) return <Nothing>{words.nothing}</Nothing>;
  const y = scaleLinear([0, 1], [height - bottom, top]);
  const { percent } = numbers;
  return (
    <ChartFrame
      title={words.reliabilityTitle}
      description={bins
        .map(({ meanConfidence, accuracy }) =>
          words.reliabilityTold({ confidence: percent(meanConfidence), agreement: percent(accuracy) }),
        )
        .join('; ')}
      height={height}
      focusable
      table={{
        caption: words.reliabilityTitle,
        columns: [words.confidence, words.answers, words.agreement],
        rows: bins.map(({ meanConfidence, n, accuracy }) => [
          percent(meanConfidence),
          numbers.count(n),
          percent(accuracy),
        ]),
      }}
    >
      <Grid y={y} />
      {bins.map(({ low, high, accuracy }) => {
        const width = (high - low) * 100;
        return (
          <rect
            key={low}
            className={fill('student')}
            x={across(low * 100 + width * 0.08)}
            width={across(width * 0.84)}
            y={down(y(accuracy))}
            height={down(y(0) - y(accuracy))}
          />
        );
      })}
      <GridNumbers y={y} format={numbers.plainPercent} />
      {bins.map(({ low, high, accuracy, meanConfidence, n }) => (
        <Point
          key={low}
          percent={meanConfidence * 100}
          y={y(meanConfidence)}
          shade="wrong"
          label={words.reliabilityBar({
            low: percent(low),
            high: percent(high),
            agreement: percent(accuracy),
            n: numbers.count(n),
          })}
        />
      ))}
      <Across
        marks={[0, 0.5, 1].map((value) => ({ percent: value * 100, label: numbers.plainPercent(value) }))}
        y={height - 8}
      />
    </ChartFrame>
  );
}
