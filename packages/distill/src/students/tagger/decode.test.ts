import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { confidenceFeatures, confidenceOf, fitConfidence } from './confidence.ts';
import { bestPath, decode, type Scores } from './decode.ts';
import { peakOf } from './peak.ts';

/** All sequences of tags, by brute force. */
function sequences(length: number, tags: number): number[][] {
  if (length === 0) return [[]];
  return sequences(length - 1, tags).flatMap((path) =>
    Array.from({ length: tags }, (_, tag) => [...path, tag]),
  );
}

const legal = (path: readonly number[], excluded: readonly boolean[]) =>
  path.every((tag, t) => {
    if (tag === 0) return true;
    if (excluded[(tag - 1) >> 1]) return false;
    return tag % 2 === 1 || path[t - 1] === tag || path[t - 1] === tag - 1;
  });

describe('the best path', () => {
  const log = fc.double({ min: -9, max: 0, noNaN: true });

  test('is the likeliest of all legal ones', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(log, { minLength: 5, maxLength: 5 }), { minLength: 1, maxLength: 4 }),
        fc.array(fc.boolean(), { minLength: 2, maxLength: 2 }),
        (logs, excluded) => {
          const rows = logs.map((row) => Float64Array.from(row));
          const total = (path: readonly number[]) => path.reduce((sum, tag, t) => sum + rows[t][tag], 0);
          const path = bestPath(rows, excluded);
          expect(legal(path, excluded)).toBe(true);
          const best = sequences(rows.length, 5)
            .filter((other) => legal(other, excluded))
            .reduce((most, other) => Math.max(most, total(other)), Number.NEGATIVE_INFINITY);
          expect(total(path)).toBeCloseTo(best, 9);
        },
      ),
      { numRuns: 100, seed: 5 },
    );
  });
});

test('spans, choices and their probabilities are read from logits, without what a choice excludes', () => {
  const kinds = [
    [
      { label: 0, first: false },
      { label: 1, first: false },
    ],
  ];
  const shape = { tags: [5], choices: [2] };
  const sure = (tag: number) => Array.from({ length: 5 }, (_, i) => (i === tag ? 20 : 0));
  const tags = Float32Array.from([...sure(1), ...sure(2), ...sure(0), ...sure(3), ...sure(4)]);
  const logits = { tags, choices: Float32Array.from([0, 20]) };
  const all = decode(logits, 5, { shape, kinds, exclusions: [[[], []]] });
  expect(all.choices).toEqual([1]);
  expect(all.spans).toMatchObject([
    { label: 0, span: { from: 0, to: 2 } },
    { label: 1, span: { from: 3, to: 5 } },
  ]);
  expect(all.scores.tags).toBeCloseTo(0, 5);
  const some = decode(logits, 5, { shape, kinds, exclusions: [[[], [1]]] });
  expect(some.spans.map(({ label }) => label)).toEqual([0]);
  expect(some.scores.leastTag).toBeLessThan(-10);
});

describe('the confidence', () => {
  const certain: Scores = { tags: -0.01, leastTag: -0.005, choices: -0.001, leastChoice: -0.001 };

  test('is a probability as frequent as the answer is right, and grows with every score', () => {
    // Answers that are right with a probability that their scores tell.
    const scores: Scores[] = [];
    const correct: boolean[] = [];
    for (let i = 0; i < 2000; i++) {
      const tags = -4 * ((i * 0.618_034) % 1);
      scores.push({ tags, leastTag: tags / 2, choices: -0.1, leastChoice: -0.1 });
      correct.push((i * 0.754_878) % 1 < 1 / (1 + Math.exp(-(3 + 1.5 * tags))));
    }
    const model = fitConfidence(scores, correct);
    expect(model.weights.length).toBe(confidenceFeatures);
    const given = scores.map((one) => confidenceOf(one, 0, model));
    const mean = given.reduce((sum, p) => sum + p, 0) / given.length;
    expect(mean).toBeCloseTo(correct.filter(Boolean).length / correct.length, 2);
    for (const [i, { tags }] of scores.entries()) {
      const wanted = 1 / (1 + Math.exp(-(3 + 1.5 * tags)));
      expect(Math.abs(given[i] - wanted)).toBeLessThan(0.08);
    }
    const sure = confidenceOf(certain, 0, model);
    for (const key of Object.keys(certain) as (keyof Scores)[])
      expect(confidenceOf({ ...certain, [key]: -3 }, 0, model)).toBeLessThanOrEqual(sure);
  });

  test('ranks by the probability itself where there is nothing to fit', () => {
    const model = fitConfidence([certain], [true]);
    expect(confidenceOf(certain, 0, model)).toBeGreaterThan(
      confidenceOf({ ...certain, tags: -2, leastTag: -1 }, 0, model),
    );
  });

  test('falls where nothing stands out of what is said of a text', () => {
    const shape = { tags: [3, 2], choices: [2, 4] };
    const choices = Float32Array.of(1, 3, 0, 0, 8, 0);
    // 3 - 2 and 8 - 2.
    expect(peakOf({ tags: new Float32Array(), choices }, 0, shape)).toBeCloseTo(3.5, 5);
    const tags = Float32Array.of(6, 0, 0, 1, 3, 0, 9, 0, 0, 0);
    const spans = { ...shape, choices: [] };
    expect(peakOf({ tags, choices: new Float32Array() }, 2, spans)).toBeCloseTo(6, 5);
    expect(peakOf({ tags, choices: new Float32Array() }, 1, spans)).toBeCloseTo(4, 5);
    expect(peakOf({ tags, choices: new Float32Array() }, 0, spans)).toBe(0);
    const model = { ...fitConfidence([certain], [true]), novelty: { centre: 4, width: 0.5 } };
    const [low, middle, high] = [0, 4, 40].map((peak) => confidenceOf(certain, peak, model));
    expect(low).toBeLessThan(1e-3);
    expect(middle).toBeCloseTo(high / 2, 6);
  });
});
