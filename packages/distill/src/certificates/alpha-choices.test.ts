import { randomStream, uniform } from '@kolben/engine';
import { describe, expect, it } from 'vitest';
import { ALPHAS, alphaChoices } from './alpha-choices.ts';
import { binomialTail } from './binomial-tail.ts';
import type { ScoredAnswer } from './certificate.ts';
import { certify } from './certify.ts';

/** A student that is wrong more often the less sure it is; its score is off by a fixed bias. */
function draw(stream: ReturnType<typeof randomStream>, n: number, bias: number): ScoredAnswer[] {
  return Array.from({ length: n }, () => {
    const score = uniform(stream);
    return { score, correct: uniform(stream) >= riskAt(score, bias) };
  });
}

const riskAt = (score: number, bias: number) => Math.min(1, bias * (1 - score));
/** The true disagreement at or above a threshold: the mean of `riskAt` over [threshold, 1]. */
function riskAbove(threshold: number, bias: number): number {
  const steps = 2_000;
  let sum = 0;
  for (let i = 0; i < steps; i++) sum += riskAt(threshold + ((i + 0.5) / steps) * (1 - threshold), bias);
  return sum / steps;
}

describe('alphaChoices', () => {
  it('is the usual test of each alpha, at delta divided by their number', () => {
    const stream = randomStream(5);
    const given = { tune: draw(stream, 400, 0.3), calibration: draw(stream, 900, 0.3) };
    const choices = alphaChoices({ ...given, delta: 0.05 });
    expect(choices.map(({ alpha }) => alpha)).toEqual([...ALPHAS]);
    for (const { alpha, certificate, disagreement, reason, walk } of choices) {
      const alone = certify({ ...given, alpha, delta: 0.05 / 8 });
      expect(walk).toEqual(alone.walk);
      if (alone.certificate === null) {
        expect([certificate, disagreement, reason]).toEqual([null, null, alone.reason]);
        continue;
      }
      expect(certificate).toEqual({ ...alone.certificate, delta: 0.05, among: [...ALPHAS] });
      const wrong = Math.round(disagreement! * certificate!.n);
      expect(binomialTail(wrong, certificate!.n, alpha)).toBeLessThanOrEqual(0.05 / 8);
      expect(disagreement!).toBeLessThanOrEqual(certificate!.disagreementUpperBound);
      expect(certificate!.disagreementUpperBound).toBeLessThanOrEqual(alpha);
    }
    expect(choices.filter(({ certificate }) => certificate)).not.toHaveLength(0);
    expect(choices[0]!.certificate).toBeNull();
  });

  it('keeps its promise whichever is chosen, also by who looks for one that is false', () => {
    const stream = randomStream(11);
    const delta = 0.1;
    const draws = 200;
    const falseClaims = { chosen: 0, each: 0 };
    for (let i = 0; i < draws; i++) {
      const bias = 0.12;
      const [tune, calibration] = [draw(stream, 150, bias), draw(stream, 400, bias)];
      const isFalse = (certificate: { threshold: number; alpha: number } | null) =>
        certificate !== null && riskAbove(certificate.threshold, bias) > certificate.alpha;
      if (alphaChoices({ tune, calibration, delta }).some(({ certificate }) => isFalse(certificate)))
        falseClaims.chosen += 1;
      if (ALPHAS.some((alpha) => isFalse(certify({ tune, calibration, alpha, delta }).certificate)))
        falseClaims.each += 1;
    }
    expect(falseClaims.chosen).toBeLessThanOrEqual(delta * draws);
    // At the full delta each there are more of them; or else the test would not be about anything.
    expect(falseClaims.each).toBeGreaterThan(2 * falseClaims.chosen);
  });
});
