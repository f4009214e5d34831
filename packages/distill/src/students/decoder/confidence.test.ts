import { randomStream, uniform } from '@kolben/engine';
import { describe, expect, test } from 'vitest';
import { confidenceOf, fitConfidence } from './confidence.ts';

const draw = randomStream(1, 'confidence');
const answers = Array.from({ length: 4000 }, () => {
  const sum = 4 * Math.log(uniform(draw));
  const tokens = 1 + Math.floor(12 * uniform(draw));
  const chance = 1 / (1 + Math.exp(-(0.8 * sum + 0.1 * tokens + 2)));
  return { sum, tokens, ended: true, correct: uniform(draw) < chance };
});

describe('the curve from likelihood to confidence', () => {
  test('finds the one that the answers were drawn by', () => {
    const { sum, tokens, bias } = fitConfidence(answers);
    expect(sum).toBeCloseTo(0.8, 0);
    expect(tokens).toBeCloseTo(0.1, 1);
    expect(bias).toBeCloseTo(2, 0);
    // The sums of what is predicted and what happened are the same: a property of the likelihood's maximum.
    const predicted = answers.reduce((all, one) => all + confidenceOf(one, 0, { sum, tokens, bias }), 0);
    const right = answers.filter(({ correct }) => correct).length;
    expect(Math.abs(predicted - right) / answers.length).toBeLessThan(0.005);
  });

  test.each([
    ['all were right', answers.map((one) => ({ ...one, sum: one.sum / 100, correct: true }))],
    ['all were wrong', answers.map((one) => ({ ...one, correct: false }))],
    ['the less likely were right', answers.map((one) => ({ ...one, correct: one.sum < -3 }))],
    ['one is known', answers.slice(0, 1)],
    ['all are equally likely', answers.slice(0, 50).map((one) => ({ ...one, sum: -1, tokens: 3 }))],
    ['none is known', []],
  ])('never falls as the likelihood grows, and tells numbers, where %s', (_, known) => {
    const curve = fitConfidence(known);
    const at = (sum: number) => confidenceOf({ sum, tokens: 4, ended: true }, 0, curve);
    const all = [-40, -8, -2, -0.5, -0.01, 0].map(at);
    for (const [i, confidence] of all.entries()) {
      expect(confidence).toBeGreaterThanOrEqual(all[i - 1] ?? 0);
      expect(confidence).toBeLessThanOrEqual(1);
    }
  });

  test('falls where all that is known was likelier, and is 0 without an end', () => {
    const curve = fitConfidence(answers.map((one) => ({ ...one, sum: one.sum / 100, correct: true })));
    const at = (sum: number) => confidenceOf({ sum, tokens: 4, ended: true }, 0, curve);
    expect(at(-0.05)).toBeGreaterThan(0.99);
    expect(at(-20)).toBeLessThan(0.2);
    expect(confidenceOf({ sum: 0, tokens: 4, ended: false }, 0, curve)).toBe(0);
  });

  test('of a text that is no case of the task is next to nothing', () => {
    const novelty = { centre: 3, width: 0.1 };
    const at = (peak: number) =>
      confidenceOf({ sum: -0.1, tokens: 4, ended: true }, peak, { ...fitConfidence(answers), novelty });
    expect(at(2)).toBeLessThan(1e-3);
    expect(at(3)).toBeCloseTo(at(9) / 2, 6);
  });
});
