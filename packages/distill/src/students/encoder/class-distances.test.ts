import { emitProgram, Graph, randomStream, startChip, uniform } from '@kolben/engine';
import { describe, expect, test } from 'vitest';
import { fitClassDistances, nearness } from './class-distances.ts';

const [width, classes, n] = [3, 3, 40];
const draw = randomStream(1, 'class distances');
// Two classes, far apart, both long in one direction; the third has no text.
const labels = Array.from({ length: n }, (_, i) => i % 2);
const states = Float32Array.from({ length: n * width }, (_, i) => {
  const label = labels[Math.floor(i / width)]!;
  return 5 * label + (uniform(draw) - 0.5) * [4, 1, 0.5][i % width]!;
});

/** The solution x of A · x = b by Gauss and Jordan. */
function solve(a: readonly (readonly number[])[], b: readonly number[]): number[] {
  const rows = a.map((row, i) => [...row, b[i]!]);
  for (let i = 0; i < rows.length; i++)
    for (let k = 0; k < rows.length; k++) {
      if (k === i) continue;
      const factor = rows[k]![i]! / rows[i]![i]!;
      rows[k] = rows[k]!.map((value, j) => value - factor * rows[i]![j]!);
    }
  return rows.map((row, i) => row[rows.length]! / row[i]!);
}

/** By the definition: (x - m)ᵀ V⁻¹ (x - m) for the nearest m, by the width. */
function byDefinition(x: readonly number[]): number {
  const of = (label: number) => [...labels.keys()].filter((row) => labels[row] === label);
  const state = (row: number) => [...states.subarray(row * width, (row + 1) * width)];
  const mean = (rows: readonly number[]) =>
    [0, 1, 2].map((i) => rows.reduce((sum, row) => sum + state(row)[i]!, 0) / rows.length);
  const means = [mean(of(0)), mean(of(1)), mean([...labels.keys()])];
  const within = [0, 1, 2].map((i) =>
    [0, 1, 2].map(
      (j) =>
        labels.reduce((sum, label, row) => {
          const away = state(row).map((value, k) => value - means[label]![k]!);
          return sum + away[i]! * away[j]!;
        }, 0) / n,
    ),
  );
  const share = width / (width + n);
  const trace = within.reduce((sum, row, i) => sum + row[i]!, 0) / width;
  const shrunk = within.map((row, i) =>
    row.map((value, j) => (1 - share) * value + (i === j ? share * trace : 0)),
  );
  const distances = means.map((m) => {
    const away = x.map((value, i) => value - m[i]!);
    return solve(shrunk, away).reduce((sum, value, i) => sum + value * away[i]!, 0);
  });
  return -Math.min(...distances) / width;
}

describe('how near a text is to what was trained with', () => {
  test('is Mahalanobis’ distance to the nearest class', async () => {
    const distances = fitClassDistances(states, labels, { width, classes });
    const asked = [[...states.subarray(0, 3)], [5, 5, 5], [2.5, 2.4, 2.6], [0, 0, 40], [-30, 2, 1]];
    const graph = new Graph();
    const value = nearness(graph.input('states', 'float32', ['B', width]), distances);
    const { onnx } = emitProgram({ name: 'nearness', outputs: [{ value, name: 'peak' }] });
    const chip = await startChip();
    const program = await chip.load(onnx);
    const { peak } = await program.run({
      states: { data: Float32Array.from(asked.flat()), dims: [asked.length, width] },
    });
    await chip.close();
    const found = peak!.data as Float32Array;
    asked.forEach((x, i) => {
      const wanted = byDefinition(x);
      expect(Math.abs(found[i]! - wanted)).toBeLessThan(1e-4 * (1 + Math.abs(wanted)));
    });
  });

  test('has numbers where there is one text, or all are alike', () => {
    for (const count of [1, 5]) {
      const same = new Float32Array(count * width).fill(2);
      const fitted = fitClassDistances(same, new Array<number>(count).fill(0), { width, classes });
      for (const numbers of [fitted.projection, fitted.means, fitted.centre])
        expect(numbers.every(Number.isFinite)).toBe(true);
    }
  });
});
