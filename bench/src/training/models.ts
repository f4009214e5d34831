import type { nn } from '@kolben/engine';

/** A model to be trained, and the batch that everybody trains it on. */
export interface BenchModel {
  readonly name: 'wide' | 'narrow';
  readonly shape: nn.DecoderShape;
  /** Tokens in a sequence. */
  readonly length: number;
  /** Sequences in a step, of all chips or processes together. */
  readonly batch: number;
}

const common = {
  vocabulary: 4096,
  tied: false,
  epsilon: 1e-5,
  rotaryBase: 10_000,
  rotaryPairs: 'neighbours',
} as const;

/** Both have heads of 32 and an output layer of their own. A step is 4,096 tokens. */
export const models: readonly BenchModel[] = [
  {
    name: 'wide',
    shape: { ...common, width: 256, layers: 6, heads: 8, keyValueHeads: 8, hidden: 704, positions: 256 },
    length: 256,
    batch: 16,
  },
  {
    name: 'narrow',
    shape: { ...common, width: 128, layers: 4, heads: 4, keyValueHeads: 4, hidden: 352, positions: 64 },
    length: 64,
    batch: 64,
  },
];

/** AdamW at a constant rate. Weights decay, gains don't. */
export const optimizer = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 };
export const learningRate = 1e-3;

export function tokensInStep({ batch, length }: BenchModel): number {
  return batch * length;
}
