/**
 * Whether confidence means what it says: of answers of one confidence, the share with which the teacher agrees.
 *
 * @module
 */
import type { ReliabilityBin } from '@kolben/distill';
import { scaleLinear } from 'd3-scale';
import { count, percent } from '../../progress/words.ts';
import { html, type Markup } from '../html.ts';

const height = 240;
const top = 12;
const bottom = 28;

export function reliabilityDiagram(bins: readonly ReliabilityBin[]): Markup {
  const y = scaleLinear([0, 1], [height - bottom, top]);
  const grid = [0, 0.5, 1].map(
    (value) => html`<line class="line" x1="0" x2="100%" y1="${y(value)}" y2="${y(value)}"/>`,
  );
  const drawn = bins.map(({ low, high, accuracy, meanConfidence, n }) => {
    const width = (high - low) * 100;
    const label = `Confidence ${percent(low)} to ${percent(high)}: agreement ${percent(accuracy)} of ${count(n)}`;
    return html`<rect class="student" x="${(low * 100 + width * 0.08).toFixed(2)}%" width="${(width * 0.84).toFixed(2)}%" y="${y(accuracy).toFixed(1)}" height="${(y(0) - y(accuracy)).toFixed(1)}"><title>${label}</title></rect>
      <circle class="wrong" cx="${(meanConfidence * 100).toFixed(2)}%" cy="${y(meanConfidence).toFixed(1)}" r="3.5"/>`;
  });
  const marks = [0, 0.5, 1].map(
    (value) =>
      html`<text x="${value * 100}%" y="${height - 8}" text-anchor="${value === 0 ? 'start' : value === 1 ? 'end' : 'middle'}">${percent(value)}</text>`,
  );
  return html`<svg width="100%" height="${height}" role="img" aria-labelledby="reliability-title reliability-desc">
    <title id="reliability-title">Agreement by confidence</title>
    <desc id="reliability-desc">${bins.map(({ meanConfidence, accuracy }) => `${percent(meanConfidence)} sure, ${percent(accuracy)} agreed`).join('; ')}</desc>
    ${grid}${drawn}${marks}
  </svg>`;
}
