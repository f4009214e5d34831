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

/** The labels of a microbatch, by their numbers; of a task with several, as zeros and ones for each class. */
export function labelInputs(
  labels: readonly (readonly number[])[],
  weight: number,
  { classes, multiple }: { readonly classes: number; readonly multiple: boolean },
): Microbatch {
  const count = labels.length;
  const weights = { data: new Float32Array(count).fill(weight), dims: [count] };
  if (!multiple)
    return {
      labels: { data: BigInt64Array.from(labels, ([label]) => BigInt(label)), dims: [count] },
      weights,
    };
  const data = new Float32Array(count * classes);
  labels.forEach((own, row) => {
    for (const label of own) data[row * classes + label] = 1;
  });
  return { labels: { data, dims: [count, classes] }, weights };
}
