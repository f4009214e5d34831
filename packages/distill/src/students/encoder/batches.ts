/**
 * From token numbers to the inputs of an encoder: rows as long as the longest of them.
 *
 * @module
 */
import type { Microbatch, nn } from '@kolben/engine';

/** What the encoder is given; the token that fills up is hidden by the mask. */
export function encoderInputs(
  texts: readonly (readonly number[])[],
  shape: nn.TextEncoderShape,
  padding: number,
): Microbatch {
  const length = texts.reduce((most, text) => Math.max(most, text.length), 1);
  const dims = [texts.length, length];
  const ids = new BigInt64Array(texts.length * length).fill(BigInt(padding));
  const mask = new BigInt64Array(texts.length * length);
  texts.forEach((text, row) => {
    text.forEach((id, i) => {
      ids[row * length + i] = BigInt(id);
      mask[row * length + i] = 1n;
    });
  });
  return {
    input_ids: { data: ids, dims },
    attention_mask: { data: mask, dims },
    ...(shape.kind === 'bert' && shape.types > 0
      ? { token_type_ids: { data: new BigInt64Array(texts.length * length), dims } }
      : {}),
  };
}
