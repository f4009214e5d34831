import { randomStream } from '@kolben/engine';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countTokens } from './count-tokens.ts';
import { keepAll, microbatch, type PreparedTexts, positionsOfTexts } from './words-and-bag/batches.ts';

/** Texts of so many words, of three kinds. */
function textsOf(lengths: readonly number[]): PreparedTexts {
  return {
    words: [0, 1, 2].map((row) => ({ rows: Int32Array.of(row) })),
    texts: lengths.map((length) => ({
      words: Int32Array.from({ length }, (_, i) => i % 3),
      bagRows: new Int32Array(),
      bagWeights: new Float32Array(),
    })),
  };
}

test('words and positions are those of the tensors that training is given', () => {
  const lengths = fc.array(fc.nat(12), { minLength: 1, maxLength: 9 });
  fc.assert(
    fc.property(fc.array(lengths, { maxLength: 5 }), (all) => {
      const tensors = all.map((own) => {
        const indices = own.map((_, i) => i);
        return microbatch(textsOf(own), indices, 1, keepAll, randomStream(0)).words;
      });
      const data = tensors.flatMap((tensor) => Array.from(tensor.data as BigInt64Array));
      // Where nothing is dropped, 0 is padding only.
      expect(countTokens(all, positionsOfTexts)).toEqual({
        tokens: data.filter((word) => word !== 0n).length,
        positions: data.length,
      });
      for (const { data, dims } of tensors) expect(data.length).toBe(dims[0]! * dims[1]!);
    }),
    { seed: 1 },
  );
});

test('words that dropout leaves out are counted, and a text without words is padding', () => {
  expect(countTokens([[3, 1], [0]], positionsOfTexts)).toEqual({ tokens: 4, positions: 7 });
  expect(countTokens([], positionsOfTexts)).toEqual({ tokens: 0, positions: 0 });
});
