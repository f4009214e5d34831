/**
 * How long an answer takes, on a scale of powers of ten: a line from the median to the 99th percentile.
 *
 * @module
 */
import { scaleLog } from 'd3-scale';
import { milliseconds } from '../../progress/words.ts';
import type { Latency } from '../data.ts';
import { html, type Markup } from '../html.ts';

const rowHeight = 46;

export function latencyChart(rows: readonly { label: string; latency: Latency; shade: string }[]): Markup {
  const values = rows.flatMap(({ latency }) => [latency.p50, latency.p99]).map((ms) => Math.max(ms, 0.01));
  const low = 10 ** Math.floor(Math.log10(Math.min(...values)));
  const high = 10 ** Math.ceil(Math.log10(Math.max(...values) * 1.001));
  const x = scaleLog([low, high], [0, 100]);
  const height = rows.length * rowHeight;
  const powers: number[] = [];
  for (let power = low; power <= high * 1.0001; power *= 10) powers.push(power);
  const grid = powers.map((power, i) => {
    const anchor = i === 0 ? 'start' : i === powers.length - 1 ? 'end' : 'middle';
    return html`<line class="line" x1="${x(power)}%" x2="${x(power)}%" y1="0" y2="${height}"/>
      <text x="${x(power)}%" y="${height + 18}" text-anchor="${anchor}">${milliseconds(power).replace('.00', '').replace('.0', '')}</text>`;
  });
  const drawn = rows.map(({ label, latency, shade }, i) => {
    const y = i * rowHeight + 30;
    const from = x(Math.max(latency.p50, low));
    const to = x(Math.max(latency.p99, low));
    return html`<text x="${from.toFixed(2)}%" y="${y - 12}" ${from > 60 ? html`text-anchor="end" dx="6"` : html`dx="-6"`}>${label}</text>
      <rect class="${shade}" x="${from.toFixed(2)}%" y="${y - 1.5}" width="${Math.max(0, to - from).toFixed(2)}%" height="3"/>
      <circle class="${shade}" cx="${from.toFixed(2)}%" cy="${y}" r="6"/>
      <circle class="${shade}" cx="${to.toFixed(2)}%" cy="${y}" r="3.5"/>`;
  });
  const told = rows
    .map(
      ({ label, latency }) =>
        `${label}: median ${milliseconds(latency.p50)}, 99th percentile ${milliseconds(latency.p99)}`,
    )
    .join('; ');
  return html`<svg width="100%" height="${height + 24}" role="img" aria-labelledby="latency-title latency-desc">
    <title id="latency-title">Time to answer, on a scale of powers of ten</title><desc id="latency-desc">${told}</desc>${grid}${drawn}
  </svg>`;
}
