import fc from 'fast-check';
import { expect, test } from 'vitest';
import { partition } from './partition.ts';

/** Costs of the stages that `cuts` make, in order. */
function stageCosts(costs: readonly number[], cuts: readonly number[]): number[] {
  const ends = [...cuts, costs.length - 1];
  return ends.map((end, i) =>
    costs.slice((ends[i - 1] ?? -1) + 1, end + 1).reduce((sum, cost) => sum + cost, 0),
  );
}

/** All choices of `count` out of `items`, in their order. */
function* choices(items: readonly number[], count: number): Generator<number[]> {
  if (count === 0) yield [];
  else
    for (const [i, item] of items.entries())
      for (const rest of choices(items.slice(i + 1), count - 1)) yield [item, ...rest];
}

const squares = (list: readonly number[]) => list.reduce((sum, cost) => sum + cost * cost, 0);

const problems = fc
  .record({
    // Whole numbers, so that sums are exact in whichever order they are made.
    costs: fc.array(fc.nat(30), { minLength: 1, maxLength: 9 }),
    bits: fc.nat(511),
    stages: fc.integer({ min: 1, max: 9 }),
  })
  .map(({ costs, bits, stages }) => {
    const possible = costs.slice(1).flatMap((_, block) => ((bits >> block) & 1 ? [block] : []));
    return { costs, possible, stages: Math.min(stages, possible.length + 1) };
  });

test('no other cuts have a smaller largest stage, nor more even stages', () => {
  fc.assert(
    fc.property(problems, ({ costs, possible, stages }) => {
      const cuts = partition(costs, stages, possible);
      expect(cuts.length).toBe(stages - 1);
      expect(possible).toEqual(expect.arrayContaining(cuts));
      expect(cuts).toEqual([...new Set(cuts)].sort((a, b) => a - b));
      const all = [...choices(possible, stages - 1)].map((other) => stageCosts(costs, other));
      const smallest = Math.min(...all.map((list) => Math.max(...list)));
      const chosen = stageCosts(costs, cuts);
      expect(Math.max(...chosen)).toBe(smallest);
      expect(squares(chosen)).toBe(
        Math.min(...all.filter((list) => Math.max(...list) === smallest).map(squares)),
      );
    }),
    { seed: 1, numRuns: 500 },
  );
});

test('costs that are not whole numbers', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { minLength: 2, maxLength: 8 }),
      (costs) => {
        const [cut] = partition(costs, 2);
        const largest = (at: number) => Math.max(...stageCosts(costs, [at]));
        for (let other = 0; other < costs.length - 1; other++)
          expect(largest(cut)).toBeLessThanOrEqual(largest(other) * (1 + 1e-12));
      },
    ),
    { seed: 1 },
  );
});

test('every block may be a stage; nothing may be free', () => {
  expect(partition([3, 1, 2], 3)).toEqual([0, 1]);
  expect(partition([3, 1, 2], 1)).toEqual([]);
  expect(partition([0, 0, 0, 0], 2)).toHaveLength(1);
});

test('a cut that is not possible is not made', () => {
  expect(partition([1, 1, 1, 1], 2)).toEqual([1]);
  expect(partition([1, 1, 1, 1], 2, [0])).toEqual([0]);
});

test('more stages than the model can be cut into', () => {
  expect(() => partition([1, 1], 3)).toThrow('The blocks can be cut into 1 to 2 stages, not into 3.');
  expect(() => partition([1, 1, 1], 3, [1])).toThrow('into 1 to 2 stages, not into 3.');
  expect(() => partition([1, 1], 0)).toThrow('not into 0.');
});

test('a cost that is not a number', () => {
  expect(() => partition([1, Number.NaN], 2)).toThrow('Block 1 cannot cost NaN; give a number of 0 or more.');
  expect(() => partition([-1, 1], 2)).toThrow('Block 0 cannot cost -1');
});
