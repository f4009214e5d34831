/**
 * Finds in a text what can't be seen.
 *
 * @module
 */

export interface Piece {
  /** Where it begins in the text. */
  at: number;
  text: string;
  /** Of a hidden character, its code point: `U+202E`. */
  code?: string;
}

/**
 * Control and format characters of Unicode (categories Cc, Cf), separators of lines that no editor shows, and fillers.
 * Not tab and line feed, which are seen, a return before a line feed, nor what holds the parts of an emoji together.
 */
const hidden =
  /\r(?!\n)|(?![\t\n\r])\p{Cc}|(?!\u200d)\p{Cf}|(?<!\p{Extended_Pictographic}[\ufe0f\u{1f3fb}-\u{1f3ff}]?)\u200d|[\u2028\u2029\u115f\u1160\u3164\uffa0]|\p{Cs}/gu;

export function splitHidden(text: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const { 0: sign, index } of text.matchAll(hidden)) {
    if (index > from) pieces.push({ at: from, text: text.slice(from, index) });
    const code = `U+${sign.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
    pieces.push({ at: index, text: sign, code });
    from = index + sign.length;
  }
  if (from < text.length) pieces.push({ at: from, text: text.slice(from) });
  return pieces;
}
