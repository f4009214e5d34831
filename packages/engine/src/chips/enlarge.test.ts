import fc from 'fast-check';
import { expect, test } from 'vitest';
import { enlarge } from './enlarge.ts';

const tensor = (dims: readonly number[], of: (place: number) => number) => ({
  data: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => of(i)),
  dims,
});

/** All places of a tensor, as numbers by axis. */
function places(dims: readonly number[]): number[][] {
  return dims.reduce<number[][]>(
    (all, extent) => all.flatMap((place) => Array.from({ length: extent }, (_, i) => [...place, i])),
    [[]],
  );
}

const at = (place: readonly number[], dims: readonly number[]) =>
  place.reduce((flat, index, axis) => flat * dims[axis]! + index, 0);

test('every element keeps its place by axis, and nothing else is touched', () => {
  const extents = fc.array(fc.tuple(fc.nat(4), fc.nat(3)), { maxLength: 4 });
  fc.assert(
    fc.property(extents, (axes) => {
      const small = axes.map(([extent]) => extent);
      const large = axes.map(([extent, more]) => extent + more);
      const from = tensor(small, (i) => i + 1);
      const to = tensor(large, () => -1);
      enlarge(from, to);
      const expected = tensor(large, () => -1);
      for (const place of places(small)) expected.data[at(place, large)] = from.data[at(place, small)]!;
      expect(to).toEqual(expected);
    }),
    { seed: 1, numRuns: 300 },
  );
});

test('what is no larger is refused', () => {
  expect(() =>
    enlarge(
      tensor([3], () => 1),
      tensor([2], () => 0),
    ),
  ).toThrow('(3) is no corner of (2)');
  expect(() =>
    enlarge(
      tensor([3], () => 1),
      tensor([3, 1], () => 0),
    ),
  ).toThrow(RangeError);
});
