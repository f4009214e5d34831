/**
 * A few shares side by side, each with its name above its bar and its value behind it.
 *
 * @module
 */
import { percent } from '../../progress/words.ts';
import { html, type Markup } from '../html.ts';

export interface Bar {
  label: string;
  /** 0 to 1. */
  share: number;
  shade: string;
}

const rowHeight = 52;

export function bars(id: string, title: string, rows: readonly Bar[]): Markup {
  const drawn = rows.map(({ label, share, shade }, i) => {
    const y = i * rowHeight;
    return html`<text x="0" y="${y + 14}">${label}</text>
      <text class="strong" x="100%" y="${y + 14}" text-anchor="end">${percent(share)}</text>
      <rect class="wash" x="0" y="${y + 22}" width="100%" height="12" rx="3"/>
      <rect class="${shade}" x="0" y="${y + 22}" width="${(Math.max(0, Math.min(1, share)) * 100).toFixed(2)}%" height="12" rx="3"/>`;
  });
  const told = rows.map(({ label, share }) => `${label}: ${percent(share)}`).join('; ');
  return html`<svg width="100%" height="${rows.length * rowHeight - 14}" role="img" aria-labelledby="${id}-title ${id}-desc">
    <title id="${id}-title">${title}</title><desc id="${id}-desc">${told}</desc>${drawn}
  </svg>`;
}
