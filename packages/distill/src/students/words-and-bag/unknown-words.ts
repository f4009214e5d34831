/**
 * How many of the words that a model reads it has no vector for.
 *
 * @module
 */
import type { SpelledTexts } from './spell-texts.ts';
import { unknownWord, type Vocabulary } from './vocabulary.ts';

/** In [0, 1]; null where there is no word. */
export function unknownShare(
  { types, texts }: Pick<SpelledTexts, 'types' | 'texts'>,
  { wordRows }: Pick<Vocabulary, 'wordRows'>,
): number | null {
  let [words, unknown] = [0, 0];
  for (const text of texts)
    for (const word of text.words) {
      words++;
      unknown += Number(wordRows[types[word].bucket] === unknownWord);
    }
  return words === 0 ? null : unknown / words;
}
