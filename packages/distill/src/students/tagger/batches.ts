/**
 * The inputs of a tagger's step: those of words and bag, the tags of each word, the class of each choice.
 *
 * @module
 */
import { type Microbatch, uniform } from '@kolben/engine';
import { type FeatureDropouts, microbatch, type PreparedTexts } from '../words-and-bag/batches.ts';
import { withoutCapitals, writingFeatures } from './writing.ts';

/** What a text is to be answered with. */
export interface Targets {
  /** By layer, the tag of each word. */
  readonly tags: readonly Uint16Array[];
  /** By choice its class; −1 where there is none. */
  readonly choices: readonly number[];
  /** By word how it is written: `writing.ts`. */
  readonly writings: readonly (readonly number[])[];
}

export interface TaggerBatchOptions {
  /** Of each text in the step's loss. */
  readonly weight: number;
  /** Words of the whole step that the loss of tags is a mean of. */
  readonly words: number;
  readonly dropouts: FeatureDropouts & {
    /** Share of texts whose words all count as lower case. */
    readonly writing: number;
  };
  readonly draw: () => number;
}

export function taggerMicrobatch(
  prepared: PreparedTexts,
  indices: readonly number[],
  targets: readonly Targets[],
  { weight, words, dropouts, draw }: TaggerBatchOptions,
): Microbatch {
  const { exampleWeights: _, ...inputs } = microbatch(prepared, indices, weight, dropouts, draw);
  const count = indices.length;
  const lengths = indices.map((index) => prepared.texts[index].words.length);
  const length = Math.max(1, ...lengths);
  const mine = indices.map((index) => targets[index]);
  const rows = (fill: (b: number, t: number) => number) => {
    const data = new BigInt64Array(count * length);
    lengths.forEach((own, b) => {
      for (let t = 0; t < own; t++) data[b * length + t] = BigInt(fill(b, t));
    });
    return { data, dims: [count, length] };
  };
  const plain = mine.map(() => uniform(draw) < dropouts.writing);
  const tagWeights = new Float32Array(count * length);
  lengths.forEach((own, b) => {
    tagWeights.fill(1 / words, b * length, b * length + own);
  });
  const writings = new Float32Array(count * length * writingFeatures);
  lengths.forEach((own, b) => {
    for (let t = 0; t < own; t++) {
      const written = mine[b].writings[t];
      writings.set(plain[b] ? withoutCapitals(written) : written, (b * length + t) * writingFeatures);
    }
  });
  const all: Record<string, Microbatch[string]> = {
    ...inputs,
    writings: { data: writings, dims: [count, length, writingFeatures] },
  };
  const { tags, choices } = mine[0];
  if (tags.length > 0) all.tagWeights = { data: tagWeights, dims: [count, length] };
  tags.forEach((_, layer) => {
    all[`tags${layer}`] = rows((b, t) => mine[b].tags[layer][t]);
  });
  choices.forEach((_, i) => {
    const classes = mine.map((one) => one.choices[i]);
    all[`choice${i}`] = {
      data: BigInt64Array.from(classes, (one) => BigInt(Math.max(0, one))),
      dims: [count],
    };
    all[`choiceWeights${i}`] = {
      data: Float32Array.from(classes, (one) => (one < 0 ? 0 : weight)),
      dims: [count],
    };
  });
  return all;
}
