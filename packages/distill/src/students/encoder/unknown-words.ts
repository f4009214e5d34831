/**
 * How many words an encoder's tokenizer has no piece for.
 *
 * @module
 */
import type { TextTokens } from './tokenize.ts';

interface TokenizerJson {
  readonly model?: { readonly unk_token?: string | null; readonly vocab?: unknown };
}

/** In [0, 1]; null where the texts have no word, or the tokenizer has a piece for everything. */
export function unknownShare(
  texts: readonly string[],
  tokenizer: TokenizerJson,
  tokenize: TextTokens,
): number | null {
  const { unk_token: name, vocab } = tokenizer.model ?? {};
  const unknown = name != null ? (vocab as Readonly<Record<string, number>> | undefined)?.[name] : undefined;
  if (unknown === undefined) return null;
  const known = new Map<string, boolean>();
  let [words, missing] = [0, 0];
  for (const text of texts)
    for (const [word] of text.matchAll(/[\p{L}\p{N}_]+/gu)) {
      let has = known.get(word);
      if (has === undefined) {
        has = !tokenize(word).includes(unknown);
        known.set(word, has);
      }
      words++;
      missing += Number(!has);
    }
  return words === 0 ? null : missing / words;
}
