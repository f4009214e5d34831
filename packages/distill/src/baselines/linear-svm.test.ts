import { randomStream, uniform } from '@kolben/engine';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { trainLinearSvm } from './linear-svm.ts';
import { dotRow, rowCount, type SparseRows } from './sparse-rows.ts';

interface Problem {
  rows: SparseRows;
  isPositive: Uint8Array;
  cost: number;
}

/** Random sparse rows; the labels follow a hidden direction, some of them turned round. */
function randomProblem(n: number, width: number, cost: number, seed: number): Problem {
  const stream = randomStream(seed);
  const starts = new Int32Array(n + 1);
  const columns: number[] = [];
  const values: number[] = [];
  const isPositive = new Uint8Array(n);
  for (let row = 0; row < n; row++) {
    let side = 0;
    for (let column = 0; column < width; column++) {
      if (uniform(stream) > 0.4) continue;
      const value = Math.fround(2 * uniform(stream) - 1);
      columns.push(column);
      values.push(value);
      side += column % 2 === 0 ? value : -value;
    }
    starts[row + 1] = columns.length;
    isPositive[row] = side > 0 !== uniform(stream) < 0.15 ? 1 : 0;
  }
  return {
    rows: { starts, columns: Int32Array.from(columns), values: Float32Array.from(values), width },
    isPositive,
    cost,
  };
}

const problems = fc
  .record({
    n: fc.integer({ min: 2, max: 60 }),
    width: fc.integer({ min: 1, max: 30 }),
    cost: fc.constantFrom(0.1, 1, 10),
    seed: fc.integer(),
  })
  .map(({ n, width, cost, seed }) => randomProblem(n, width, cost, seed));

/** The squared hinge's slack of every row: max(0, 1 − y w·x). */
function slacks({ rows, isPositive }: Problem, weights: Float64Array): number[] {
  return Array.from({ length: rowCount(rows) }, (_, row) => {
    const score = dotRow(rows, row, weights) + weights[rows.width]!;
    return Math.max(0, 1 - (isPositive[row] ? score : -score));
  });
}

function primal(problem: Problem, weights: Float64Array): number {
  const loss = slacks(problem, weights).reduce((sum, slack) => sum + slack * slack, 0);
  return weights.reduce((sum, weight) => sum + weight * weight, 0) / 2 + problem.cost * loss;
}

/** Σα − ½ |Σ α y x|² − Σ α² / (4C), never above the primal. */
function dual(problem: Problem, alphas: Float64Array): number {
  const { rows, isPositive, cost } = problem;
  const sum = new Float64Array(rows.width + 1);
  alphas.forEach((alpha, row) => {
    const signed = isPositive[row] ? alpha : -alpha;
    for (let i = rows.starts[row]!; i < rows.starts[row + 1]!; i++) {
      sum[rows.columns[i]!]! += signed * rows.values[i]!;
    }
    sum[rows.width]! += signed;
  });
  const norm = sum.reduce((total, value) => total + value * value, 0);
  return alphas.reduce((total, alpha) => total + alpha - (alpha * alpha) / (4 * cost), 0) - norm / 2;
}

describe('trainLinearSvm', () => {
  it('closes the gap between primal and dual', () => {
    fc.assert(
      fc.property(problems, fc.nat(5), (problem, seed) => {
        const { rows, isPositive, cost } = problem;
        const { weights, alphas } = trainLinearSvm(rows, isPositive, {
          cost,
          seed,
          tolerance: 1e-9,
          epochs: 100_000,
        });
        const above = primal(problem, weights);
        const below = dual(problem, alphas);
        expect(alphas.every((alpha) => alpha >= 0)).toBe(true);
        expect(above - below).toBeGreaterThan(-1e-9 * (1 + above));
        expect(above - below).toBeLessThan(1e-6 * (1 + above));
      }),
      { seed: 1, numRuns: 150 },
    );
  });

  it('ends where the gradient of the primal vanishes', () => {
    fc.assert(
      fc.property(problems, (problem) => {
        const { rows, isPositive, cost } = problem;
        const { weights } = trainLinearSvm(rows, isPositive, {
          cost,
          seed: 0,
          tolerance: 1e-10,
          epochs: 100_000,
        });
        // ∇ = w − 2C Σ slack y x, the intercept's input being 1.
        const gradient = Float64Array.from(weights);
        slacks(problem, weights).forEach((slack, row) => {
          const factor = 2 * cost * slack * (isPositive[row] ? 1 : -1);
          for (let i = rows.starts[row]!; i < rows.starts[row + 1]!; i++) {
            gradient[rows.columns[i]!]! -= factor * rows.values[i]!;
          }
          gradient[rows.width]! -= factor;
        });
        for (const part of gradient) expect(Math.abs(part)).toBeLessThan(1e-5);
      }),
      { seed: 2, numRuns: 100 },
    );
  });

  it('comes near with the tolerance it is used with, and shrinking changes nothing', () => {
    for (let seed = 0; seed < 20; seed++) {
      const problem = randomProblem(400, 40, 1, seed);
      const loose = trainLinearSvm(problem.rows, problem.isPositive, { seed });
      const tight = trainLinearSvm(problem.rows, problem.isPositive, {
        seed,
        tolerance: 1e-9,
        epochs: 100_000,
      });
      expect(loose.epochs).toBeLessThan(tight.epochs);
      expect(primal(problem, loose.weights) / primal(problem, tight.weights)).toBeLessThan(1.01);
    }
  });

  it('depends on the seed and on nothing else', () => {
    const { rows, isPositive } = randomProblem(100, 20, 1, 3);
    const first = trainLinearSvm(rows, isPositive, { seed: 5 });
    expect(trainLinearSvm(rows, isPositive, { seed: 5 })).toEqual(first);
    expect(trainLinearSvm(rows, isPositive, { seed: 6 }).weights).not.toEqual(first.weights);
  });

  it('separates what a line separates', () => {
    const rows: SparseRows = {
      starts: Int32Array.of(0, 1, 2, 3, 4),
      columns: Int32Array.of(0, 0, 0, 0),
      values: Float32Array.of(2, 3, 5, 6),
      width: 1,
    };
    const { weights } = trainLinearSvm(rows, Uint8Array.of(0, 0, 1, 1), {
      seed: 0,
      cost: 100,
      tolerance: 1e-6,
      epochs: 10_000,
    });
    const boundary = -weights[1]! / weights[0]!;
    expect(boundary).toBeGreaterThan(3);
    expect(boundary).toBeLessThan(5);
  });
});
