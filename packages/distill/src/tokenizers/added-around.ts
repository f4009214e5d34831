/**
 * What a tokenizer puts around a text.
 *
 * @module
 */

/** The tokens of a text, with or without those that are put before and after it. */
export type EncodeText = (text: string, options?: { readonly add_special_tokens: boolean }) => number[];

/** The tokens that are put before and after each text. */
export function addedAround(encode: EncodeText): {
  readonly before: readonly number[];
  readonly after: readonly number[];
} {
  const sample = 'a text of some words';
  const [whole, bare] = [encode(sample), encode(sample, { add_special_tokens: false })];
  const more = whole.length - bare.length;
  for (let before = 0; before <= more; before++)
    if (bare.every((id, i) => whole[before + i] === id))
      return { before: whole.slice(0, before), after: whole.slice(before + bare.length) };
  return { before: [], after: [] };
}
