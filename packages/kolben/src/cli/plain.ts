/**
 * Recorded text on a terminal: control characters would move the cursor, change colours or ring the bell, and
 * direction marks would reorder the line.
 *
 * @module
 */

const unsafe = /[\p{Cc}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]+/gu;

/** `text` on one line and harmless, cut to `most` characters. */
export function plain(text: string, most = Number.POSITIVE_INFINITY): string {
  const line = text.replace(unsafe, ' ').trim();
  const characters = [...line];
  return characters.length <= most ? line : `${characters.slice(0, most - 1).join('')}…`;
}
