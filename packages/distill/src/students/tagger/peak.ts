/**
 * What tells texts that are no case of the task: how little stands out of what the model says of them
 * (`certificates/novelty.ts`).
 *
 * @module
 */
import type { TaggedText } from './decode.ts';
import { sum } from './layers.ts';
import type { TaggerShape } from './shape.ts';

/**
 * By how much the likeliest class's logit exceeds the mean of all, on average over the choices; where there are none, by
 * how much a tag's logit does, at the word where it does most. 0 for a text of which nothing is said.
 *
 * @param words that the text has, of those that the model read
 */
export function peakOf(
  { tags, choices }: TaggedText,
  words: number,
  shape: Pick<TaggerShape, 'tags' | 'choices'>,
): number {
  if (shape.choices.length > 0) {
    let start = 0;
    const peaks = shape.choices.map((classes) => {
      start += classes;
      return peak(choices.subarray(start - classes, start));
    });
    return sum(peaks) / peaks.length;
  }
  const width = sum(shape.tags);
  let most = 0;
  for (let word = 0; word < words; word++) {
    let start = word * width;
    for (const count of shape.tags) {
      most = Math.max(most, peak(tags.subarray(start, start + count)));
      start += count;
    }
  }
  return most;
}

function peak(logits: Float32Array): number {
  let [most, total] = [Number.NEGATIVE_INFINITY, 0];
  for (const logit of logits) {
    most = Math.max(most, logit);
    total += logit;
  }
  return most - total / logits.length;
}
