/**
 * The base's own tokenizer: texts to token numbers, cut to what the encoder reads.
 *
 * @module
 */
import { Tokenizer } from '@huggingface/tokenizers';
import { KolbenError } from '@kolben/engine';
import { addedAround, type EncodeText } from '../../tokenizers/added-around.ts';

/** At most `maxTokens` numbers for a text, with those that begin and end it. */
export type TextTokens = (text: string) => number[];

/** A tokenizer that cannot be run, or that is another model's. */
export class TokenizerError extends KolbenError {}

/**
 * What comes after `maxTokens` is cut off, but not what the tokenizer puts at the end.
 *
 * @param tokenizer the object in `tokenizer.json`
 * @param config that in `tokenizer_config.json`
 * @throws TokenizerError (`tokenizer_unreadable`) for what isn't a tokenizer that can be run, (`tokenizer_vocabulary`)
 * for one with more tokens than the encoder's table has rows
 */
export function loadTokenizer(
  tokenizer: unknown,
  config: unknown,
  { maxTokens, vocabulary }: { readonly maxTokens: number; readonly vocabulary: number },
): TextTokens {
  let encode: EncodeText;
  let largest = 0;
  try {
    const loaded = new Tokenizer(tokenizer as object, config as object);
    encode = (text, options) => loaded.encode(text, options).ids;
    for (const id of loaded.get_vocab(true).values()) largest = Math.max(largest, id);
    encode('a text');
  } catch (error) {
    throw new TokenizerError(
      'tokenizer_unreadable',
      `The base's tokenizer cannot be run (${error instanceof Error ? error.message : String(error)}); take another base, or its tokenizer.json as \`tokenizers\` writes it.`,
      { cause: error },
    );
  }
  if (largest >= vocabulary)
    throw new TokenizerError(
      'tokenizer_vocabulary',
      `The base's tokenizer knows the token ${largest} and its encoder ${vocabulary} tokens; take tokenizer and weights of one model.`,
    );
  const { before, after } = addedAround(encode);
  return (text) => {
    const ids = encode(text);
    if (ids.length <= maxTokens) return ids.length > 0 ? ids : [0];
    const end = ids.length - after.length;
    return [
      ...ids.slice(0, Math.min(end, Math.max(before.length, maxTokens - after.length))),
      ...ids.slice(end),
    ].slice(0, maxTokens);
  };
}
