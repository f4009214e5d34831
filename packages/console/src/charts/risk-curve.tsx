/**
 * Disagreement against coverage: the less a student answers, the surer it is. The certified point stands on it.
 *
 * @module
 */
import { scaleLinear } from 'd3-scale';
import { curveStepBefore, line } from 'd3-shape';
import { Across, Grid, GridNumbers, Limit, Nothing } from './axes.tsx';
import { ChartFrame, Stretched, span } from './chart-frame.tsx';
import { shares } from './finite.ts';
import { Point } from './point.tsx';
import { useChart } from './settings.tsx';
import { stroke } from './shade.ts';

/** Shares from 0 to 1: of the examples that are answered, and of these on how many student and teacher disagree. */
export interface CoverageRisk {
  readonly coverage: number;
  readonly disagreement: number;
}

export interface RiskCurveProps {
  readonly points: readonly CoverageRisk[];
  /** Where the certificate stands. */
  readonly certified: CoverageRisk | null;
  /** The largest disagreement that is certified. */
  readonly alpha: number | null;
  /** Another alpha that is tried out, and where its certificate would stand: shown in place of the alpha that is certified. */
  readonly tried?: { readonly alpha: number; readonly point: CoverageRisk | null } | null;
}

const height = 240;
const top = 20;
const bottom = 28;
/** In the table; the curve shows all. */
const mostRows = 20;

/** @throws RangeError where a share isn't one */
export function RiskCurve({ points, certified, alpha, tried = null }: RiskCurveProps) {
  const { numbers, words } = useChart();
  const { percent, plainPercent } = numbers;
  const point = tried?.point ?? null;
  for (const { coverage, disagreement } of [...points, certified, point].filter((one) => one !== null))
    shares('coverage and disagreement', coverage, disagreement);
  const limit = tried?.alpha ?? alpha;
  if (limit !== null) shares('alpha', limit);
  if (points.length === 0) return <Nothing>{words.nothing}</Nothing>;
  const highest = Math.max(0.01, limit ?? 0, ...points.map(({ disagreement }) => disagreement));
  const x = scaleLinear([0, 1], [0, span]);
  const y = scaleLinear([0, highest], [height - bottom, top]).nice(4);
  const path = line<CoverageRisk>(
    ({ coverage }) => x(coverage),
    ({ disagreement }) => y(disagreement),
  ).curve(curveStepBefore)([...points]);
  const every = Math.ceil(points.length / mostRows);
  const label = ({ coverage, disagreement }: CoverageRisk) =>
    words.riskPoint({ coverage: percent(coverage), disagreement: percent(disagreement, 2) });
  return (
    <ChartFrame
      title={words.riskTitle}
      description={
        certified === null
          ? words.riskUncertified
          : words.riskTold({
              coverage: percent(certified.coverage),
              disagreement: percent(certified.disagreement, 2),
            })
      }
      height={height}
      focusable={certified !== null || point !== null}
      table={{
        caption: words.riskTitle,
        columns: [words.coverage, words.disagreement],
        rows: points
          .filter((_, i) => i === points.length - 1 || i % every === 0)
          .map(({ coverage, disagreement }) => [percent(coverage), percent(disagreement, 2)]),
      }}
    >
      <Grid y={y} />
      <Across
        marks={[0.25, 0.5, 0.75, 1].map((share) => ({ percent: share * 100, label: plainPercent(share) }))}
        y={height - 8}
      />
      <Stretched height={height}>
        <path className={`k-curve ${stroke('student')}`} vectorEffect="non-scaling-stroke" d={path ?? ''} />
      </Stretched>
      {limit !== null && (
        <Limit
          y={y(limit)}
          label={words[tried ? 'riskTried' : 'riskLimit']({ alpha: plainPercent(limit) })}
        />
      )}
      <GridNumbers y={y} format={plainPercent} />
      {certified && (
        <Point
          percent={certified.coverage * 100}
          y={y(certified.disagreement)}
          shade="student"
          radius={5}
          label={label(certified)}
        />
      )}
      {point && (
        <Point
          percent={point.coverage * 100}
          y={y(point.disagreement)}
          shade="first"
          radius={5}
          label={label(point)}
        />
      )}
    </ChartFrame>
  );
}
