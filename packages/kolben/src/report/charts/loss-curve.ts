/**
 * A loss over the steps of a run.
 *
 * Positions across are percentages and the curve stretches, while words keep their size: it reads on a phone.
 *
 * @module
 */
import { scaleLinear } from 'd3-scale';
import { curveMonotoneX, line } from 'd3-shape';
import { count } from '../../progress/words.ts';
import type { LossPoint } from '../data.ts';
import { html, type Markup } from '../html.ts';
import { smooth } from './smooth.ts';

const height = 200;
const top = 20;
const bottom = 28;
const span = 1000;
/** More points than this are averaged in groups: a curve that can be read, in a file that stays small. */
const mostPoints = 120;
/** So few are measurements of their own, and shown as dots. */
const mostDots = 30;

export interface LossCurveOptions {
  /** Unique on the page. */
  id: string;
  title: string;
  points: readonly LossPoint[];
  /** The last step of the run, so that curves of one run share their scale across. */
  steps: number;
  kind: 'train' | 'validation';
}

export function lossCurve({ id, title, points, steps, kind }: LossCurveOptions): Markup {
  const calm = smooth(points, Math.ceil(points.length / mostPoints));
  if (calm.length < 2) return html`<p>The run was too short for a curve.</p>`;
  const x = scaleLinear([0, steps], [0, span]);
  const y = scaleLinear([0, Math.max(...calm.map(({ loss }) => loss))], [height - bottom, top]).nice(4);
  const path = line<LossPoint>(
    ({ step }) => x(step),
    ({ loss }) => y(loss),
  ).curve(curveMonotoneX);
  const grid = y.ticks(4).map(
    (value) => html`<line class="line" x1="0" x2="100%" y1="${y(value)}" y2="${y(value)}"/>
      <text x="0" y="${y(value) - 5}">${value}</text>`,
  );
  const marks = scaleLinear([0, steps], [0, 100])
    .ticks(4)
    .filter((step) => step > 0 && step <= steps)
    .map((step) => {
      const anchor = step > steps * 0.95 ? 'end' : 'middle';
      return html`<text x="${(step / steps) * 100}%" y="${height - 8}" text-anchor="${anchor}">${count(step)}</text>`;
    });
  const dots =
    calm.length <= mostDots &&
    calm.map(
      ({ step, loss }) =>
        html`<circle class="dot" cx="${((step / steps) * 100).toFixed(2)}%" cy="${y(loss).toFixed(1)}" r="3.5"/>`,
    );
  const told = `From ${calm[0]!.loss.toPrecision(2)} to ${calm.at(-1)!.loss.toPrecision(2)} in ${count(steps)} steps.`;
  return html`<svg width="100%" height="${height}" role="img" aria-labelledby="${id}-title ${id}-desc">
    <title id="${id}-title">${title}</title>
    <desc id="${id}-desc">${told}</desc>
    ${grid}${marks}
    <svg x="0" y="0" width="100%" height="${height}" viewBox="0 0 ${span} ${height}" preserveAspectRatio="none">
      <path class="curve ${kind}" vector-effect="non-scaling-stroke" d="${path(calm) ?? ''}"/>
    </svg>
    ${dots}
  </svg>`;
}
