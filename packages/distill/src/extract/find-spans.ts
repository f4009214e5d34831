/**
 * Finds the spans of a text that a reader turns into a value.
 *
 * @module
 */
import type { Json } from './json.ts';
import { couldRead, type ReaderName, readers } from './readers.ts';
import type { Place } from './words.ts';

/** Words, the end exclusive. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Longest span of a number or a date in words. */
const longestParsed = 10;

const folded = (text: string) => text.normalize('NFC').toLowerCase().replace(/\s+/gu, '');

/** A text with its words: made once, asked often. */
export interface WordedText {
  readonly text: string;
  readonly words: readonly Place[];
}

export function spanText({ text, words }: WordedText, { from, to }: Span): string {
  return text.slice(words[from].start, words[to - 1].end);
}

/**
 * Every span that the reader reads as the value, in the order of the text. Of those that lie in one another, the longest
 * alone: "12" of "12,00" is no span for 12.
 */
export function findSpans(worded: WordedText, reader: ReaderName, value: Json): readonly Span[] {
  if (!couldRead(reader, value)) return [];
  const known = found.get(worded) ?? new Map<string, readonly Span[]>();
  found.set(worded, known);
  const key = `${reader} ${JSON.stringify(value)}`;
  const spans = known.get(key) ?? search(worded, reader, value);
  known.set(key, spans);
  return spans;
}

/** The same values are looked for several times while examples are analysed. */
const found = new WeakMap<WordedText, Map<string, readonly Span[]>>();

function search(worded: WordedText, reader: ReaderName, value: Json): readonly Span[] {
  const read = readers[reader];
  return candidates(worded, reader, String(value)).filter((span, i, all) => {
    if (read(spanText(worded, span)) !== value) return false;
    return !all.some(
      (other, j) =>
        j !== i &&
        other.from <= span.from &&
        other.to >= span.to &&
        other.to - other.from > span.to - span.from &&
        read(spanText(worded, other)) === value,
    );
  });
}

function candidates(worded: WordedText, reader: ReaderName, value: string): Span[] {
  const { words } = worded;
  const spans: Span[] = [];
  if (reader === 'numeral' || reader.startsWith('number.') || reader.startsWith('date.')) {
    // A value begins and ends with what it is read from; the unit behind it is none of its words.
    const edge = words.map((_, i) => /\d/.test(spanText(worded, { from: i, to: i + 1 })));
    const may = (i: number) => edge[i] || reader.startsWith('date.');
    words.forEach((_, from) => {
      spans.push({ from, to: from + 1 });
      const sign = /^[-−]$/.test(spanText(worded, { from, to: from + 1 }));
      if (!may(from) && !sign) return;
      for (let to = from + 2; to <= Math.min(words.length, from + longestParsed); to++)
        if (may(to - 1)) spans.push({ from, to });
    });
    return spans;
  }
  // The same letters without white space, whatever their case.
  const wanted = folded(value);
  if (wanted === '') return [];
  words.forEach((_, from) => {
    for (let to = from + 1; to <= words.length; to++) {
      const found = folded(spanText(worded, { from, to }));
      if (found === wanted) spans.push({ from, to });
      if (found.length >= wanted.length || !wanted.startsWith(found)) break;
    }
  });
  return spans;
}
