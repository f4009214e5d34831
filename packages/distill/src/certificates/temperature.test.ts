import { randomStream, uniform } from '@kolben/engine';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calibrationError, reliabilityBins } from './calibration-error.ts';
import type { ScoredAnswer } from './certificate.ts';
import { fitTemperature, negativeLogLikelihood, TEMPERATURE_RANGE } from './temperature.ts';

function seeded(seed: number): () => number {
  const stream = randomStream(seed);
  return () => uniform(stream);
}

interface Problem {
  logits: Float64Array;
  classes: number;
  labels: number[];
}

/** Labels drawn from softmax(logits / temperature), so that this temperature is the true one. */
function draw(rows: number, classes: number, temperature: number, seed: number): Problem {
  const random = seeded(seed);
  const logits = Float64Array.from({ length: rows * classes }, () => 12 * (random() - 0.5));
  const labels: number[] = [];
  for (let row = 0; row < rows; row++) {
    const weights = Array.from(logits.subarray(row * classes, (row + 1) * classes), (z) =>
      Math.exp(z / temperature),
    );
    let left = random() * weights.reduce((a, b) => a + b, 0);
    let label = 0;
    while (label < classes - 1 && left >= weights[label]!) left -= weights[label++]!;
    labels.push(label);
  }
  return { logits, classes, labels };
}

describe('fitTemperature', () => {
  it('is no worse than any temperature of a fine grid', () => {
    const problems = fc.record({
      rows: fc.integer({ min: 1, max: 60 }),
      classes: fc.integer({ min: 2, max: 8 }),
      temperature: fc.double({ min: 0.2, max: 5, noNaN: true }),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(problems, ({ rows, classes, temperature, seed }) => {
        const { logits, labels } = draw(rows, classes, temperature, seed);
        const fitted = fitTemperature(logits, classes, labels);
        const best = negativeLogLikelihood(logits, classes, labels, fitted);
        for (let i = 0; i <= 400; i++) {
          const other = TEMPERATURE_RANGE[0] * (TEMPERATURE_RANGE[1] / TEMPERATURE_RANGE[0]) ** (i / 400);
          expect(best).toBeLessThanOrEqual(negativeLogLikelihood(logits, classes, labels, other) + 1e-9);
        }
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  it('finds the temperature the labels were drawn with', () => {
    for (const temperature of [0.5, 1, 3]) {
      const { logits, classes, labels } = draw(20_000, 5, temperature, 7);
      expect(fitTemperature(logits, classes, labels) / temperature).toBeCloseTo(1, 1);
    }
  });

  it('makes an overconfident student believable', () => {
    const { logits, classes, labels } = draw(5000, 4, 4, 11);
    const temperature = fitTemperature(logits, classes, labels);
    expect(calibrationError(answers({ logits, classes, labels }, 1))).toBeGreaterThan(0.15);
    expect(calibrationError(answers({ logits, classes, labels }, temperature))).toBeLessThan(0.03);
  });

  it('leaves out rows whose class the student does not know, and stays within its range', () => {
    const { logits, classes, labels } = draw(200, 3, 2, 5);
    const known = fitTemperature(logits.subarray(0, 300), classes, labels.slice(0, 100));
    const unknown = [...labels.slice(0, 100), ...labels.slice(100).map(() => -1)];
    expect(fitTemperature(logits, classes, unknown)).toBe(known);
    expect(fitTemperature(new Float64Array(0), 3, [])).toBe(1);
    // All right: the colder the better, down to the end of the range.
    expect(fitTemperature(Float64Array.of(5, 0, 0, 5), 2, [0, 1])).toBeCloseTo(TEMPERATURE_RANGE[0], 6);
    expect(fitTemperature(Float64Array.of(5, 0, 0, 5), 2, [1, 0])).toBeCloseTo(TEMPERATURE_RANGE[1], 6);
  });

  it('does not overflow on large logits', () => {
    const fitted = fitTemperature(Float32Array.of(3e4, 1e4, -3e4, 2e4, 2.1e4, 0), 3, [0, 0]);
    expect(fitted).toBeGreaterThan(0);
    expect(Number.isFinite(negativeLogLikelihood(Float32Array.of(3e4, 1e4, -3e4), 3, [2], fitted))).toBe(
      true,
    );
  });

  it('refuses shapes that do not match', () => {
    expect(() => fitTemperature(new Float64Array(5), 3, [0, 1])).toThrow(RangeError);
    expect(() => fitTemperature(new Float64Array(6), 3, [0, 3])).toThrow(RangeError);
  });
});

function answers({ logits, classes, labels }: Problem, temperature: number): ScoredAnswer[] {
  return labels.map((label, row) => {
    const weights = Array.from(logits.subarray(row * classes, (row + 1) * classes), (z) =>
      Math.exp(z / temperature),
    );
    const total = weights.reduce((a, b) => a + b, 0);
    const top = weights.indexOf(Math.max(...weights));
    return { score: weights[top]! / total, correct: top === label };
  });
}

describe('calibrationError', () => {
  it('is worked out by hand', () => {
    const given: ScoredAnswer[] = [
      { score: 0.95, correct: true },
      { score: 0.95, correct: false },
      { score: 0.15, correct: false },
      { score: 1, correct: true },
    ];
    // Ten bins: the last holds 0.95, 0.95, 1 (mean 0.9667, two of three right), the second 0.15 (none right).
    expect(calibrationError(given, 10)).toBeCloseTo((3 * 0.3 + 0.15) / 4, 12);
    expect(reliabilityBins(given, 10).map((bin) => [bin.low, bin.n])).toEqual([
      [0.1, 1],
      [0.9, 3],
    ]);
    expect(calibrationError([])).toBe(0);
    expect(() => calibrationError([{ score: 1.1, correct: true }])).toThrow(RangeError);
  });
});
