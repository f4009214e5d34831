import { expect, test } from 'vitest';
import { divisionsOf } from './divisions-of.ts';

test('cores are divided into chips of like size, every way there is', () => {
  expect(divisionsOf(1)).toEqual([{ chips: 1, threads: 1 }]);
  expect(divisionsOf(3).map(({ chips, threads }) => [chips, threads])).toEqual([
    [3, 1],
    [1, 3],
  ]);
  expect(divisionsOf(12).map(({ threads }) => threads)).toEqual([1, 2, 3, 4, 6, 12]);
  for (const { chips, threads } of divisionsOf(12)) expect(chips * threads).toBe(12);
});
