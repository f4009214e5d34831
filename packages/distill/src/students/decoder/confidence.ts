/**
 * From an answer's likelihood to the probability that it is the teacher's: a logistic curve over the sum of the tokens'
 * log probabilities and their number (Platt, 1999, with his targets that keep away from 0 and 1).
 *
 * @module
 */
import { z } from 'zod';
import { belonging, noveltyGateSchema } from '../../certificates/novelty.ts';

/** What the likelihood of an answer is. */
export interface Likelihood {
  /** Of the natural logarithms of the tokens' probabilities, the end's among them. */
  readonly sum: number;
  /** How many those are. */
  readonly tokens: number;
  /** Whether the answer came to its end. */
  readonly ended: boolean;
}

export const curveSchema = z.object({
  sum: z.number().min(0),
  tokens: z.number(),
  bias: z.number(),
  /** What tells texts that are no case of the task; students made before there was one have none. */
  novelty: noveltyGateSchema.optional(),
});

/** The curve: 1 / (1 + exp(-(sum · a + tokens · b + c))), a ≥ 0. */
export type ConfidenceCurve = Readonly<z.infer<typeof curveSchema>>;

/** The likelihood itself, where nothing is known yet: exp(sum) at 1/2 and about its ends. */
export const plainCurve: ConfidenceCurve = { sum: 1, tokens: 0, bias: 3 };

/**
 * In [0, 1]: of an answer as such, times how much its text, by its peak (`peak.ts`), is a case of the task; 0 for an
 * answer without an end.
 */
export function confidenceOf(
  { sum, tokens, ended }: Likelihood,
  peak: number,
  curve: ConfidenceCurve,
): number {
  if (!ended) return 0;
  return (
    (curve.novelty ? belonging(curve.novelty, peak) : 1) /
    (1 + Math.exp(-(sum * curve.sum + tokens * curve.tokens + curve.bias)))
  );
}

/**
 * Pulls the slopes a little towards the likelihood itself: where all answers were right, or few are known, an answer
 * that is less likely than any of them still counts for less.
 */
const ridge = 2;

/** Fits the curve to answers of which it is known whether they were the teacher's; by Newton's method. */
export function fitConfidence(
  answers: readonly (Likelihood & { readonly correct: boolean })[],
): ConfidenceCurve {
  const ended = answers.filter((answer) => answer.ended);
  const right = ended.filter(({ correct }) => correct).length;
  const wrong = ended.length - right;
  if (ended.length === 0) return plainCurve;
  const features = ended.map(({ sum, tokens }) => [sum, tokens]);
  const scales = [0, 1].map((f) => deviation(features.map((row) => row[f])) || 1);
  const means = [0, 1].map((f) => features.reduce((all, row) => all + row[f], 0) / ended.length);
  const rows = features.map((row) => [...row.map((x, f) => (x - means[f]) / scales[f]), 1]);
  const targets = ended.map(({ correct }) => (correct ? (right + 1) / (right + 2) : 1 / (wrong + 2)));
  const prior = [plainCurve.sum * scales[0], plainCurve.tokens * scales[1], 0];
  const fit = (used: readonly number[]) =>
    newton(
      rows.map((row) => used.map((f) => row[f])),
      targets,
      used.map((f) => prior[f]),
    );
  let [slope, length, bias] = fit([0, 1, 2]);
  // A likelier answer never counts for less.
  if (slope < 0) {
    slope = 0;
    [length, bias] = fit([1, 2]);
  }
  const [a, b] = [slope / scales[0], length / scales[1]];
  return { sum: a, tokens: b, bias: bias - a * means[0] - b * means[1] };
}

function newton(
  rows: readonly (readonly number[])[],
  targets: readonly number[],
  prior: readonly number[],
): number[] {
  const size = rows[0].length;
  let weights = [...prior];
  // The last is the bias, which the answers alone decide.
  const pull = (f: number) => (f < size - 1 ? ridge : 1e-4);
  const lossOf = (w: readonly number[]) =>
    rows.reduce((sum, row, i) => {
      const z = dot(row, w);
      return sum + Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - targets[i] * z;
    }, 0) + w.reduce((sum, x, f) => sum + (pull(f) / 2) * (x - prior[f]) ** 2, 0);
  for (let round = 0; round < 100; round++) {
    const gradient = weights.map((w, f) => pull(f) * (w - prior[f]));
    const hessian = weights.map((_, f) => weights.map((__, g) => (f === g ? pull(f) : 0)));
    for (const [i, row] of rows.entries()) {
      const p = 1 / (1 + Math.exp(-dot(row, weights)));
      for (let f = 0; f < size; f++) {
        gradient[f] += (p - targets[i]) * row[f];
        for (let g = 0; g < size; g++) hessian[f][g] += p * (1 - p) * row[f] * row[g];
      }
    }
    const step = solve(hessian, gradient);
    let factor = 1;
    const before = lossOf(weights);
    let next = weights;
    for (; factor > 1e-6; factor /= 2) {
      next = weights.map((w, f) => w - factor * step[f]);
      if (lossOf(next) <= before) break;
    }
    weights = next;
    if (step.every((change) => Math.abs(change * factor) < 1e-9)) break;
  }
  return weights;
}

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + x * b[i], 0);

function deviation(numbers: readonly number[]): number {
  const mean = numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
  return Math.sqrt(numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0) / numbers.length);
}

/** Solves a small symmetric positive system by elimination. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i]]);
  const size = rows.length;
  for (let i = 0; i < size; i++) {
    const pivot = rows
      .slice(i)
      .reduce((best, row, k) => (Math.abs(row[i]) > Math.abs(rows[best][i]) ? i + k : best), i);
    [rows[i], rows[pivot]] = [rows[pivot], rows[i]];
    for (let k = i + 1; k < size; k++) {
      const factor = rows[k][i] / rows[i][i];
      for (let j = i; j <= size; j++) rows[k][j] -= factor * rows[i][j];
    }
  }
  const result = new Array<number>(size).fill(0);
  for (let i = size - 1; i >= 0; i--)
    result[i] =
      (rows[i][size] - rows[i].reduce((sum, x, j) => (j > i && j < size ? sum + x * result[j] : sum), 0)) /
      rows[i][i];
  return result;
}
