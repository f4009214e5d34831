/**
 * The loss over the steps of a run: the training loss thin, the validation loss in colour with its points.
 *
 * Positions across are percentages and the curves stretch, while words keep their size: it reads on a phone.
 *
 * @module
 */
import { scaleLinear } from 'd3-scale';
import { curveMonotoneX, line } from 'd3-shape';
import { count } from '../../progress/words.ts';
import type { LossPoint } from '../data.ts';
import { html, type Markup } from '../html.ts';
import { smooth } from './smooth.ts';

const height = 250;
const top = 18;
const bottom = 28;
const span = 1000;

export function lossCurve(train: readonly LossPoint[], validation: readonly LossPoint[]): Markup {
  const points = [...train, ...validation].filter(({ loss }) => Number.isFinite(loss));
  if (points.length < 2) return html`<p>The run was too short for a curve.</p>`;
  const last = Math.max(...points.map(({ step }) => step));
  const calm = smooth(train, Math.ceil(train.length / 120));
  // The first steps tower over the rest; the scale is for what the curve becomes.
  const most = Math.max(...calm.map(({ loss }) => loss), ...validation.map(({ loss }) => loss));
  const x = scaleLinear([0, last], [0, span]);
  const y = scaleLinear([0, most], [height - bottom, top]).nice(4);
  const path = line<LossPoint>(
    ({ step }) => x(step),
    ({ loss }) => y(loss),
  ).curve(curveMonotoneX);
  const grid = y.ticks(4).map(
    (value) => html`<line class="line" x1="0" x2="100%" y1="${y(value)}" y2="${y(value)}"/>
      <text x="0" y="${y(value) - 5}">${value}</text>`,
  );
  const steps = scaleLinear([0, last], [0, 100])
    .ticks(4)
    .filter((step) => step > 0 && step <= last);
  const marks = steps.map((step) => {
    const anchor = step > last * 0.95 ? 'end' : 'middle';
    return html`<text x="${(step / last) * 100}%" y="${height - 8}" text-anchor="${anchor}">${count(step)}</text>`;
  });
  const dots = validation.map(
    ({ step, loss }) =>
      html`<circle class="dot" cx="${((step / last) * 100).toFixed(2)}%" cy="${y(loss).toFixed(1)}" r="3.5"/>`,
  );
  const first = validation[0];
  const end = validation.at(-1);
  const told =
    first && end ? ` Validation loss goes from ${first.loss.toFixed(2)} to ${end.loss.toFixed(2)}.` : '';
  return html`<svg width="100%" height="${height}" role="img" aria-labelledby="loss-title loss-desc">
    <title id="loss-title">Loss over the steps of the run</title>
    <desc id="loss-desc">${count(last)} steps.${told}</desc>
    ${grid}${marks}
    <svg x="0" y="0" width="100%" height="${height}" viewBox="0 0 ${span} ${height}" preserveAspectRatio="none">
      <path class="curve train" vector-effect="non-scaling-stroke" d="${path(calm) ?? ''}"/>
      <path class="curve validation" vector-effect="non-scaling-stroke" d="${path(validation) ?? ''}"/>
    </svg>
    ${dots}
  </svg>`;
}
