/**
 * A stretch of a text that is to be taken out of it.
 *
 * @module
 */

export interface Span {
  /** What it is: `mail`, `phone`, `iban`, `card`, `id`, or the name of a pattern of one's own. */
  readonly kind: string;
  /** In UTF-16 units of the text as it was. */
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

const NEAR = 40;

/**
 * Whether one of these words stands within the forty characters before `start`. What was redacted before says nothing:
 * `[phone]` is no hint at another number.
 */
export function wordsBefore(text: string, start: number, words: RegExp): boolean {
  return words.test(text.slice(Math.max(0, start - NEAR), start).replaceAll(/\[[\p{L}\p{N} _-]*\]?/gu, ' '));
}
