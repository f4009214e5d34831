import { randomStream, uniform } from '../../run/random.ts';

export interface Llama2cCounts {
  width: number;
  hidden: number;
  layers: number;
  heads: number;
  keyValueHeads: number;
  /** Negative for a head with a table of its own. */
  vocabulary: number;
  positions: number;
}

/** A model in llama2.c's first format with invented weights. */
export function llama2cBytes(counts: Llama2cCounts): Uint8Array {
  const { width, hidden, layers, heads, keyValueHeads, vocabulary, positions } = counts;
  const head = vocabulary < 0 ? -vocabulary * width : 0;
  const keyValueWidth = (width / heads) * keyValueHeads;
  const perLayer = 2 * width + 2 * width * width + 2 * width * keyValueWidth + 3 * width * hidden;
  const numbers =
    Math.abs(vocabulary) * width + layers * perLayer + width + positions * (width / heads) + head;
  const draw = randomStream(2, 'weights');
  const bytes = new Uint8Array(28 + 4 * numbers);
  new Int32Array(bytes.buffer, 0, 7).set([
    width,
    hidden,
    layers,
    heads,
    keyValueHeads,
    vocabulary,
    positions,
  ]);
  new Float32Array(bytes.buffer, 28).set(
    Float32Array.from({ length: numbers }, () => 1.4 * (uniform(draw) - 0.4)),
  );
  return bytes;
}
