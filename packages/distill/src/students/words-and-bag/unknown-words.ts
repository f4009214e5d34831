/**
 * How many of the words and n-grams that a model reads it has no vector for.
 *
 * @module
 */
import type { SpelledTexts } from './spell-texts.ts';
import { noRow, unknownWord, type Vocabulary } from './vocabulary.ts';

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

/** Of each text the share of its words and their n-grams, in [0, 1]; null where it has none. */
export function unknownGramShares(
  { types, texts }: Pick<SpelledTexts, 'types' | 'texts'>,
  { wordRows, gramRows }: Pick<Vocabulary, 'wordRows' | 'gramRows'>,
): (number | null)[] {
  return texts.map(({ words }) => {
    let [all, unknown] = [0, 0];
    for (const word of words) {
      const { bucket, grams } = types[word];
      all += 1 + grams.length;
      unknown += Number(wordRows[bucket] === unknownWord);
      for (const gram of grams) unknown += Number(gramRows[gram] === noRow);
    }
    return all === 0 ? null : unknown / all;
  });
}
