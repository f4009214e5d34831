/**
 * Where the words that the model reads stand in a text as it was written.
 *
 * The model reads normalised bytes (`words-and-bag/normalize-text.ts`) and numbers words as they come; this walks
 * through the text in pieces that normalise by themselves, so that each word keeps its place.
 *
 * @module
 */
import { normalizeText } from '../students/words-and-bag/normalize-text.ts';

/** UTF-16 code units, the end exclusive. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

const encoder = new TextEncoder();
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

const isLetter = (byte: number) =>
  byte >= 128 ||
  byte === 95 ||
  (byte >= 48 && byte <= 57) ||
  (byte >= 65 && byte <= 90) ||
  (byte >= 97 && byte <= 122);

/** The words in the first `byteLimit` bytes of the normal form, in order. */
export function wordsOf(text: string, byteLimit: number): Place[] {
  const words: { start: number; end: number }[] = [];
  let bytes = 0;
  let open = false;
  const take = (unit: string, start: number) => {
    const end = start + unit.length;
    const normal =
      unit.length === 1 && unit >= ' ' && unit <= '~' ? unit : normalizeText(unit, { cased: true });
    for (const byte of encoder.encode(normal)) {
      if (bytes++ >= byteLimit) return;
      if (isLetter(byte)) {
        if (open) (words[words.length - 1] as { end: number }).end = end;
        else words.push({ start, end });
        open = true;
      } else {
        open = false;
        if (byte > 32 && byte < 127) words.push({ start, end });
      }
    }
  };
  for (let i = 0; i < text.length && bytes < byteLimit; ) {
    // Plain characters in front of another plain one are units of their own; all else may join with what follows.
    if (plain(text.charCodeAt(i)) && (i + 1 === text.length || plain(text.charCodeAt(i + 1)))) {
      take(text[i], i++);
      continue;
    }
    let end = i + 1;
    while (end < text.length && !(plain(text.charCodeAt(end)) && plain(text.charCodeAt(end - 1)))) end++;
    // A run may be a whole book in another script: no more of it than the bytes that are read.
    const run = text.slice(i, Math.min(end, i + 4 * byteLimit));
    for (const { segment, index } of graphemes.segment(run)) {
      take(segment, i + index);
      if (bytes >= byteLimit) break;
    }
    i += run.length;
  }
  return words;
}

const plain = (code: number) => code >= 32 && code <= 126;
