import fc from 'fast-check';
import { expect, test } from 'vitest';
import { targetsOf } from './label-targets.ts';
import type { ClassifyTask } from './task.ts';

const labels = ['a', 'b', 'c', 'd'];
const one: ClassifyTask = { name: 't', kind: 'classify', labels, multiple: false };
const several: ClassifyTask = { ...one, multiple: true };
const rowOf = (answer: string, soft: Record<string, number> | undefined, task = one) =>
  Array.from(targetsOf([{ answer, ...(soft && { soft }) }], task).data);
const close = (row: readonly number[], wanted: readonly number[]) => {
  for (const [c, share] of wanted.entries()) expect(row[c], `${row}`).toBeCloseTo(share, 6);
};

test('of one label the shares stand as they are, and what they leave open is everybody else’s alike', () => {
  close(rowOf('b', undefined), [0, 1, 0, 0]);
  close(rowOf('a', { a: 0.75, d: 0.25 }), [0.75, 0, 0, 0.25]);
  close(rowOf('a', { a: 0.7, b: 0.1 }), [0.7, 0.1, 0.1, 0.1]);
  // A label that the task hasn't counts for nothing.
  close(rowOf('a', { a: 0.5, elsewhere: 0.25, b: 0.25 }), [2 / 3, 1 / 3, 0, 0]);
  close(rowOf('elsewhere', undefined), [0, 0, 0, 0]);
});

test('of several labels each has the shares of the answers that name it', () => {
  close(rowOf('["a","c"]', undefined, several), [1, 0, 1, 0]);
  close(rowOf('[]', { '[]': 0.5, '["b"]': 0.3, '["b","c"]': 0.2 }, several), [0, 0.5, 0.2, 0]);
  close(rowOf('["a"]', { '["a"]': 0.5, '["elsewhere"]': 0.5 }, several), [1, 0, 0, 0]);
});

test('mixed rows stand beside each other, shares add up to 1, and a sure teacher is a label', () => {
  const weights = fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(weights, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(3), (given, open, hard) => {
      const sum = given.reduce((all, x) => all + x, 0) / (given.length < 4 ? 1 - open / 2 : 1);
      const soft = Object.fromEntries(given.map((x, c) => [labels[c]!, x / sum]));
      const answer = labels[hard]!;
      const { data, dims } = targetsOf(
        [{ answer, soft }, { answer }, { answer, soft: { [answer]: 1 } }],
        one,
      );
      expect(dims).toEqual([3, 4]);
      expect(data.subarray(0, 4).reduce((all, x) => all + x, 0)).toBeCloseTo(1, 5);
      for (const [c, x] of given.entries()) expect(data[c]! / data[0]!).toBeCloseTo(x / given[0]!, 3);
      expect(data.subarray(8)).toEqual(data.subarray(4, 8));
    }),
  );
});
