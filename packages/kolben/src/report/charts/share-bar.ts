/**
 * One whole, cut into its parts: a bar, and a key that names every part with its count.
 *
 * @module
 */
import { count, percent } from '../../progress/words.ts';
import { html, type Markup } from '../html.ts';

export interface Part {
  label: string;
  value: number;
  /** A class of the style sheet that gives its colour. */
  shade: string;
}

export function shareBar(id: string, title: string, parts: readonly Part[]): Markup {
  const whole = parts.reduce((sum, { value }) => sum + value, 0);
  const share = (value: number) => (whole > 0 ? value / whole : 0);
  let from = 0;
  const rects = parts.map(({ value, shade }) => {
    const x = from;
    from += share(value) * 100;
    return html`<rect class="${shade}" x="${x.toFixed(3)}%" y="0" width="${(share(value) * 100).toFixed(3)}%" height="30"/>`;
  });
  const told = parts.map(({ label, value }) => `${label}: ${count(value)}`).join('; ');
  const key = parts.map(
    ({ label, value, shade }) =>
      html`<li><svg viewBox="0 0 10 10" aria-hidden="true"><rect class="${shade}" width="10" height="10" rx="2"/></svg>${label}: ${count(value)} (${percent(share(value))})</li>`,
  );
  return html`<figure>
    <ul class="key">${key}</ul>
    <svg width="100%" height="30" role="img" aria-labelledby="${id}-title ${id}-desc">
      <title id="${id}-title">${title}</title><desc id="${id}-desc">${told}</desc>${rects}
    </svg>
  </figure>`;
}
