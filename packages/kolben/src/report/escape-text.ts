/**
 * Text as it may stand in a page, whatever it holds.
 *
 * @module
 */

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
// Characters that neither HTML nor XML may hold (half surrogates among them), and the marks that reorder what stands around them.
const forbidden = /[^\P{Cc}\t\n\r]|[\p{Cs}\u202A-\u202E\u2066-\u2069\uFFFE\uFFFF]/gu;

/** Markup or text without characters that no page may hold; a percentage stays on one line. */
export function legible(text: string): string {
  return text.replace(forbidden, '\uFFFD').replace(/(\d) %/g, '$1\u00A0%');
}

/** `text` as it may stand in an element or a quoted attribute. */
export function escapeText(text: string): string {
  return legible(text).replace(/[&<>"']/g, (character) => entities[character]!);
}
