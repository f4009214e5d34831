import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BatchError } from './batch-error.ts';
import { bucketByLength } from './bucket-by-length.ts';
import { packRows } from './pack-rows.ts';
import { paddingShare } from './padding-share.ts';

const rowLength = 32;
const lengths = fc.array(fc.integer({ min: 1, max: rowLength }), { maxLength: 200 });

describe('packing', () => {
  test('holds every sequence once, none cut, none over another, and few rows more than needed', () => {
    fc.assert(
      fc.property(lengths, (all) => {
        const rows = packRows(all, rowLength);
        const seen = rows.flat().map(({ index }) => index);
        expect(seen.sort((a, b) => a - b)).toEqual([...all.keys()]);
        for (const row of rows) {
          let end = 0;
          for (const { index, offset } of row) {
            expect(offset).toBe(end);
            end += all[index]!;
          }
          expect(end).toBeLessThanOrEqual(rowLength);
        }
        const total = all.reduce((a, b) => a + b, 0);
        const large = all.filter((length) => length > rowLength / 2).length;
        const fewest = Math.max(Math.ceil(total / rowLength), large);
        expect(rows.length).toBeLessThanOrEqual(Math.floor((11 / 9) * fewest) + 1 + Math.ceil(fewest / 9));
      }),
      { seed: 1 },
    );
  });

  test('fills rows to the brim where that is possible', () => {
    expect(packRows([16, 8, 8, 32, 20, 12], 32)).toHaveLength(3);
    expect(packRows([], 32)).toEqual([]);
  });

  test.each([[[33]], [[0]], [[1.5]]])('refuses %j', (wrong) => {
    expect(() => packRows(wrong, 32)).toThrow(BatchError);
    expect(() => packRows(wrong, 32)).toThrow(/Sequence 0 has .* elements and rows have 32/);
  });
});

describe('buckets', () => {
  test('leave out any length, the longest no more often than others', () => {
    const all = Array.from({ length: 99 }, (_, i) => i + 1);
    const left = Array.from({ length: 60 }, (_, epoch) => {
      const batches = bucketByLength(all, { batch: 10, seed: 3, epoch });
      return all.filter((_, i) => !batches.flat().includes(i));
    });
    expect(left.every(({ length }) => length === 9)).toBe(true);
    const mean = left.flat().reduce((sum, length) => sum + length, 0) / (60 * 9);
    expect(mean).toBeGreaterThan(45);
    expect(mean).toBeLessThan(55);
  });

  test('hold sequences once, of like length, in another order in every epoch', () => {
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: 8 }), (all, batch) => {
        const batches = bucketByLength(all, { batch, seed: 3, epoch: 0 });
        const seen = batches.flat();
        expect(new Set(seen).size).toBe(seen.length);
        expect(batches.every((one) => one.length === batch)).toBe(true);
        expect(all.length - seen.length).toBeLessThan(
          batch * Math.max(1, Math.ceil(all.length / (16 * batch))),
        );
      }),
      { seed: 1 },
    );
    const all = Array.from({ length: 400 }, (_, i) => 1 + ((i * 7) % 32));
    const padding = (batches: number[][]) => {
      const positions = batches.reduce(
        (sum, one) => sum + one.length * Math.max(...one.map((i) => all[i]!)),
        0,
      );
      return paddingShare(
        batches.flat().reduce((sum, i) => sum + all[i]!, 0),
        positions,
      );
    };
    const [first, second] = [0, 1].map((epoch) => bucketByLength(all, { batch: 10, seed: 3, epoch }));
    expect(first).not.toEqual(second);
    expect(padding(first!)).toBeLessThan(0.1);
    expect(padding(bucketByLength(all, { batch: 10, seed: 3, epoch: 0, window: 1 }))).toBeGreaterThan(0.3);
  });
});
