import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesPerElement, type TypedArray } from '../graph/dtype.ts';
import { BufferPool } from './buffer-pool.ts';

const tensor = fc.record({
  dtype: fc.constantFrom('float32' as const, 'int64' as const, 'bool' as const),
  // From nothing to a few million, large and small equally often.
  length: fc.oneof(fc.nat(10), fc.nat(1000), fc.nat(4_000_000)),
});
const sequence = fc.array(fc.record({ tensor, keep: fc.boolean(), which: fc.nat(50) }), { maxLength: 120 });

describe('the pool', () => {
  test('gives arrays of the length asked for that share no memory, and holds at most twice the peak in use', () => {
    fc.assert(
      fc.property(sequence, (orders) => {
        const pool = new BufferPool();
        const held: TypedArray[] = [];
        let peak = 0;
        for (const { tensor, keep, which } of orders) {
          if (!keep && held.length > 0) pool.give(held.splice(which % held.length, 1)[0]);
          const data = pool.take(tensor.dtype, tensor.length);
          expect(data.length).toBe(tensor.length);
          expect(data.byteLength).toBe(tensor.length * bytesPerElement[tensor.dtype]);
          held.push(data);
          expect(new Set(held.map(({ buffer }) => buffer)).size).toBe(held.length);
          peak = Math.max(
            peak,
            held.reduce((sum, { buffer }) => sum + buffer.byteLength, 0),
          );
          expect(pool.bytes).toBeLessThanOrEqual(2 * peak);
        }
      }),
      { seed: 1 },
    );
  });

  test('grows no more once the same sizes come again', () => {
    fc.assert(
      fc.property(fc.array(tensor, { minLength: 1, maxLength: 30 }), (tensors) => {
        const pool = new BufferPool();
        const round = () => {
          const taken = tensors.map(({ dtype, length }) => pool.take(dtype, length));
          for (const data of taken) pool.give(data);
        };
        round();
        const { bytes } = pool;
        for (let i = 0; i < 5; i++) round();
        expect(pool.bytes).toBe(bytes);
      }),
      { seed: 1 },
    );
  });

  test('wastes at most an eighth, but on tensors of a few elements', () => {
    fc.assert(
      fc.property(fc.integer({ min: 128, max: 10_000_000 }), (length) => {
        const pool = new BufferPool();
        pool.take('float32', length);
        expect(pool.bytes).toBeLessThanOrEqual(length * 4 * (1 + 1 / 8) + 64);
      }),
      { seed: 1 },
    );
  });
});
