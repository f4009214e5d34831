/**
 * Disagreement against coverage: the less a student answers, the surer it is. The certified point stands on it.
 *
 * @module
 */
import type { RiskPoint } from '@kolben/distill';
import { scaleLinear } from 'd3-scale';
import { curveStepBefore, line } from 'd3-shape';
import { percent, plainPercent } from '../../progress/words.ts';
import { html, type Markup } from '../html.ts';

const height = 240;
const top = 20;
const bottom = 28;
const span = 1000;

export interface RiskCurveOptions {
  readonly points: readonly RiskPoint[];
  /** Where the certificate stands: the share that it answers here, and on how much of it they disagree. */
  readonly certified: { readonly coverage: number; readonly disagreement: number } | null;
  /** The largest disagreement that is certified. */
  readonly alpha: number | null;
}

export function riskCurve({ points, certified, alpha }: RiskCurveOptions): Markup {
  const highest = Math.max(0.01, alpha ?? 0, ...points.map(({ disagreement }) => disagreement));
  const x = scaleLinear([0, 1], [0, span]);
  const y = scaleLinear([0, highest], [height - bottom, top]).nice(4);
  const path = line<RiskPoint>(
    ({ coverage }) => x(coverage),
    ({ disagreement }) => y(disagreement),
  ).curve(curveStepBefore);
  const grid = y.ticks(4).map(
    (value) => html`<line class="line" x1="0" x2="100%" y1="${y(value)}" y2="${y(value)}"/>
      <text x="0" y="${y(value) - 5}">${plainPercent(value)}</text>`,
  );
  const marks = [0.25, 0.5, 0.75, 1].map(
    (share) =>
      html`<text x="${share * 100}%" y="${height - 8}" text-anchor="${share === 1 ? 'end' : 'middle'}">${plainPercent(share)}</text>`,
  );
  const limit =
    alpha !== null &&
    html`<line class="curve train" x1="0" x2="100%" y1="${y(alpha)}" y2="${y(alpha)}"/><text x="100%" y="${y(alpha) - 5}" text-anchor="end">certified at most ${plainPercent(alpha)}</text>`;
  const told =
    certified === null
      ? 'There is no certified point.'
      : `The certificate answers ${percent(certified.coverage)} of these examples and disagrees on ${percent(certified.disagreement, 2)} of them.`;
  return html`<svg width="100%" height="${height}" role="img" aria-labelledby="risk-title risk-desc">
    <title id="risk-title">Disagreement by share answered</title>
    <desc id="risk-desc">${told}</desc>
    ${grid}${marks}${limit}
    <svg x="0" y="0" width="100%" height="${height}" viewBox="0 0 ${span} ${height}" preserveAspectRatio="none">
      <path class="curve validation" d="${path([...points])}" vector-effect="non-scaling-stroke"/>
    </svg>
    ${certified && html`<circle class="dot" cx="${(certified.coverage * 100).toFixed(2)}%" cy="${y(certified.disagreement).toFixed(1)}" r="5"/>`}
  </svg>`;
}
