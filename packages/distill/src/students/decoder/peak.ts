/**
 * What tells texts that are no case of the task: how badly the tokenizer fits them (`certificates/novelty.ts`).
 *
 * Byte pairs are joined to long tokens where the examples often had them, so strange words fall into many short ones. It
 * costs nothing, and knows the prompt, of which a decoder that was taught answers says little.
 *
 * @module
 */
import type { TextTokenizer } from '../../tokenizers/text-tokenizer.ts';

/** Bytes of a text, as UTF-8, for each of its tokens; 0 for one of none. */
export function peakOf(text: string, tokenizer: Pick<TextTokenizer, 'encode'>): number {
  const tokens = tokenizer.encode(text).length;
  return tokens === 0 ? 0 : Buffer.byteLength(text) / tokens;
}
