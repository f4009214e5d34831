/**
 * Markup that escapes by itself: in `html\`<p>${text}</p>\`` every value is text unless it is markup already.
 *
 * What comes out is well-formed XML too, so that it can be checked by machine. Attributes must be quoted.
 *
 * @module
 */

/** A piece of markup, made only by `html` and `trusted`. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Value = Markup | string | number | undefined | null | false | readonly Value[];

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
// Characters that neither HTML nor XML may hold (half surrogates among them), and the marks that reorder what stands around them.
const forbidden = /[^\P{Cc}\t\n\r]|[\p{Cs}\u202A-\u202E\u2066-\u2069\uFFFE\uFFFF]/gu;

/** `text` as it may stand in an element or a quoted attribute; a percentage stays on one line. */
export function escapeText(text: string): string {
  return text
    .replace(forbidden, '\uFFFD')
    .replace(/(\d) %/g, '$1\u00A0%')
    .replace(/[&<>"']/g, (character) => entities[character]!);
}

function render(value: Value): string {
  if (value === undefined || value === null || value === false) return '';
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return (value as readonly Value[]).map(render).join('');
  return escapeText(String(value));
}

export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return new Markup(
    strings.map((string, i) => (i < values.length ? string + render(values[i]) : string)).join(''),
  );
}

/** Takes `text` for markup as it is: only for text that this program wrote. */
export function trusted(text: string): Markup {
  return new Markup(text);
}
