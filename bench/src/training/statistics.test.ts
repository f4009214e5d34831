import { expect, test } from 'vitest';
import { spreadOf } from './statistics.ts';

test('the middle and the quartiles, between neighbours where there is no middle', () => {
  expect(spreadOf([4, 1, 3, 2, 5])).toEqual({ median: 3, lowerQuartile: 2, upperQuartile: 4 });
  expect(spreadOf([1, 2])).toEqual({ median: 1.5, lowerQuartile: 1.25, upperQuartile: 1.75 });
  expect(spreadOf([7])).toEqual({ median: 7, lowerQuartile: 7, upperQuartile: 7 });
});
