import fc from 'fast-check';
import { expect, test } from 'vitest';
import { afterArrow, barRows, firstPlace, placeInView } from './bar-places.ts';

const bar = (chip: number, start: number, end: number, kind = 'forward') => ({
  ...{ chip, kind, stage: chip, microbatch: 0, start, end },
});
/** One timeline of three chips, of which the second never works, and one of a single chip. */
const rows = barRows([
  {
    label: 'real',
    chips: 3,
    spans: [
      bar(0, 10, 30),
      bar(0, 0, 10),
      bar(0, 40, 40),
      bar(0, 45, 50, 'thinks'),
      bar(2, 8, 12),
      bar(2, 12, 40),
    ],
  },
  { label: 'simulated', chips: 1, spans: [bar(0, 60, 70), bar(0, 90, 95)] },
]);
const from = (row: number, index: number) => (key: string, ctrlKey?: boolean) =>
  afterArrow({ key, ...(ctrlKey !== undefined && { ctrlKey }) }, rows, { row, index });

test('only what is drawn can be gone to, by its start', () => {
  expect(rows.map((row) => row.map(({ start }) => start))).toEqual([[0, 10], [], [8, 12], [60, 90]]);
  expect(firstPlace(rows)).toEqual({ row: 0, index: 0 });
  expect(firstPlace([[], []])).toBeUndefined();
});

test('keys lead along a chip, to the chips beside it, and no further than there are bars', () => {
  expect(from(0, 0)('ArrowRight')).toEqual({ row: 0, index: 1 });
  expect(from(0, 1)('ArrowRight')).toBeUndefined();
  expect(from(0, 0)('ArrowLeft')).toBeUndefined();
  expect(from(0, 0)('End')).toEqual({ row: 0, index: 1 });
  expect(from(0, 1)('Home')).toEqual({ row: 0, index: 0 });
  // The chip that has no bars is passed over; the bar with more in common wins.
  expect(from(0, 1)('ArrowDown')).toEqual({ row: 2, index: 1 });
  expect(from(2, 0)('ArrowUp')).toEqual({ row: 0, index: 0 });
  // From one timeline to the next; nothing is at work then, so it's the nearest.
  expect(from(2, 1)('ArrowDown')).toEqual({ row: 3, index: 0 });
  expect(from(3, 1)('ArrowUp')).toEqual({ row: 2, index: 1 });
  expect(from(3, 0)('ArrowDown')).toBeUndefined();
  expect(from(0, 0)('ArrowUp')).toBeUndefined();
  expect(from(2, 1)('Home', true)).toEqual({ row: 0, index: 0 });
  expect(from(0, 0)('End', true)).toEqual({ row: 3, index: 1 });
  expect(from(0, 0)('Enter')).toBeUndefined();
});

test('what can’t be seen gives way to what is nearest to the middle of the view', () => {
  expect(placeInView(rows, { row: 3, index: 0 }, { start: 65, end: 66 })).toEqual({ row: 3, index: 0 });
  expect(placeInView(rows, { row: 3, index: 0 }, { start: 80, end: 100 })).toEqual({ row: 3, index: 1 });
  expect(placeInView(rows, { row: 3, index: 1 }, { start: 0, end: 10 })).toEqual({ row: 3, index: 0 });
});

test('a chip at work at the same time is what up and down lead to, wherever there is one', () => {
  const times = fc.tuple(fc.nat(100), fc.integer({ min: 1, max: 20 }));
  const spansOf = (chip: number) =>
    fc
      .array(times, { minLength: 1, maxLength: 12 })
      .map((list) => list.map(([start, length]) => bar(chip, start, start + length)));
  fc.assert(
    fc.property(spansOf(0), spansOf(1), fc.nat(), (above, below, pick) => {
      const two = barRows([{ label: 'x', chips: 2, spans: [...below, ...above] }]);
      const index = pick % two[0]!.length;
      const there = afterArrow({ key: 'ArrowDown' }, two, { row: 0, index })!;
      const one = two[0]![index]!;
      const common = ({ start, end }: typeof one) => Math.min(end, one.end) - Math.max(start, one.start);
      expect(common(two[1]![there.index]!)).toBe(Math.max(...two[1]!.map(common)));
    }),
  );
});
