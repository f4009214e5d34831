import { expect, test } from 'vitest';
import { keepClasses, shapesOf } from './keep-classes.ts';

const shape = {
  width: 8,
  windows: [1, 2],
  classes: 4,
  heads: 2,
  pieces: 9,
  bag: 7,
  maxWords: 5,
  byteLimit: 64,
};

test('the kept classes have their numbers in their new order, everything else stays', () => {
  const shapes = new Map(shapesOf(shape));
  const parameters = Object.fromEntries(
    [...shapes].map(([name, dims]) => [
      name,
      Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => i),
    ]),
  );
  const kept = keepClasses({ shape, parameters }, ['a', 'b', ' 0', 'c'], ['c', 'a', 'b']);
  expect(kept.shape.classes).toBe(3);
  let heads = 0;
  for (const [name, dims] of shapesOf(kept.shape)) {
    const before = shapes.get(name)!;
    const [now, then] = [kept.parameters[name]!, parameters[name]!];
    expect(now).toHaveLength(dims.reduce((a, b) => a * b, 1));
    if (before.join() === dims.join()) {
      expect(now).toEqual(then);
      continue;
    }
    heads++;
    // Of a head the last axis is that of the classes.
    for (let row = 0; row < now.length / 3; row++)
      expect([...now.subarray(3 * row, 3 * row + 3)]).toEqual(
        [3, 0, 1].map((column) => then[4 * row + column]),
      );
  }
  // A weight and a bias of each branch.
  expect(heads).toBeGreaterThanOrEqual(4);
  const model = { shape, parameters };
  expect(keepClasses(model, ['a', 'b', 'c', 'd'], ['a', 'b', 'c', 'd'])).toBe(model);
});
