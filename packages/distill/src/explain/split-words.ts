/**
 * A text as the parts whose weight in an answer is asked for, and what is left of it without some of them.
 *
 * @module
 */

/** A word, a mark of punctuation, or a run of them; offsets in UTF-16 units of the text. */
export interface TextPart {
  readonly start: number;
  readonly end: number;
}

const segmenter = new Intl.Segmenter('und', { granularity: 'word' });

/** The words of a text in order, without the space between them; of a long text, runs of words, `most` at the most. */
export function splitWords(text: string, most: number): TextPart[] {
  const words: TextPart[] = [];
  for (const { segment, index } of segmenter.segment(text))
    if (/[^\s\p{Cc}]/u.test(segment)) words.push({ start: index, end: index + segment.length });
  if (words.length <= most) return words;
  return Array.from({ length: most }, (_, i) => {
    const from = Math.floor((i * words.length) / most);
    const to = Math.floor(((i + 1) * words.length) / most);
    return { start: words[from].start, end: words[to - 1].end };
  });
}

/** The text with a space in place of each part that isn't kept, so that what stood beside it doesn't grow together. */
export function keepParts(text: string, parts: readonly TextPart[], kept: readonly boolean[]): string {
  let left = '';
  let from = 0;
  parts.forEach(({ start, end }, i) => {
    left += text.slice(from, start) + (kept[i] ? text.slice(start, end) : ' ');
    from = end;
  });
  return left + text.slice(from);
}
