import { randomStream, uniform } from '@kolben/engine';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binomialTail } from './binomial-tail.ts';
import type { ScoredAnswer } from './certificate.ts';
import { CertificateError } from './certificate-error.ts';
import { certify } from './certify.ts';
import { firstCoverage, thresholdGrid } from './threshold-grid.ts';
import { upperBound } from './upper-bound.ts';

function seeded(seed: number): () => number {
  const stream = randomStream(seed);
  return () => uniform(stream);
}

const answer: fc.Arbitrary<ScoredAnswer> = fc.record({
  // Few distinct scores, so that ties are common.
  score: fc.oneof(
    fc.integer({ min: 0, max: 10 }).map((n) => n / 10),
    fc.double({ min: 0, max: 1, noNaN: true }),
  ),
  correct: fc.integer({ min: 0, max: 29 }).map((n) => n > 0),
});
const answers = (maxLength: number) => fc.array(answer, { maxLength, size: 'max' });
const level = fc.constantFrom(0.01, 0.05, 0.1, 0.2, 0.3);
const given = fc.record({ tune: answers(120), calibration: answers(300), alpha: level, delta: level });

describe('thresholdGrid', () => {
  it('holds about 40 scores of tune, strictly falling, the last one answering all of it', () => {
    fc.assert(
      fc.property(
        answers(300),
        fc.integer({ min: 1, max: 5000 }),
        level,
        level,
        (tune, size, alpha, delta) => {
          fc.pre(tune.length > 0);
          const grid = thresholdGrid({ tune, calibrationSize: size, alpha, delta });
          const scores = tune.map((one) => one.score);
          expect(grid.length).toBeGreaterThanOrEqual(1);
          expect(grid.length).toBeLessThanOrEqual(41);
          for (let i = 1; i < grid.length; i++) expect(grid[i]).toBeLessThan(grid[i - 1]!);
          for (const threshold of grid) expect(scores).toContain(threshold);
          expect(grid.at(-1)).toBe(Math.min(...scores));
        },
      ),
      { seed: 1 },
    );
  });

  it('begins at a coverage of 10 % or more, at which calibration expects more than the fewest', () => {
    for (const every of [25, 40, 1000]) {
      const tune = Array.from({ length: 1000 }, (_, i) => ({ score: i / 1000, correct: i % every !== 0 }));
      for (const calibrationSize of [59, 70, 100, 118, 200, 500, 1000, 5000]) {
        const [strictest] = thresholdGrid({ tune, calibrationSize, alpha: 0.05, delta: 0.05 });
        const coverage = tune.filter((one) => one.score >= strictest!).length / tune.length;
        expect(coverage).toBeGreaterThanOrEqual(firstCoverage(calibrationSize, 0.05, 0.05) - 1e-9);
        expect(coverage).toBeGreaterThanOrEqual(0.1);
        expect(coverage * calibrationSize).toBeGreaterThanOrEqual(59);
        if (calibrationSize >= 200) expect(coverage * calibrationSize).toBeGreaterThanOrEqual(118);
      }
    }
  });

  it('begins where most room is left, not where fewest are answered', () => {
    // 2 % wrong among the surer 600 of 1,000, 30 % among the others.
    const tune = Array.from({ length: 1000 }, (_, i) => {
      const isSure = i >= 400;
      return { score: isSure ? 0.98 : 0.7, correct: i % 50 !== 0 && (isSure || i % 4 !== 0) };
    }).map((one, i) => ({ ...one, score: one.score + i / 1e6 }));
    const grid = thresholdGrid({ tune, calibrationSize: 1000, alpha: 0.05, delta: 0.05 });
    const coverages = grid.map((threshold) => tune.filter((one) => one.score >= threshold).length / 1000);
    expect(coverages[0]).toBeGreaterThan(0.55);
    expect(coverages[0]).toBeLessThan(0.63);
    expect(coverages.filter((coverage) => coverage < 0.75).length).toBeGreaterThan(10);
  });
});

describe('certify', () => {
  it('keeps the shape and the rules of the walk', () => {
    fc.assert(
      fc.property(given, ({ tune, calibration, alpha, delta }) => {
        const result = certify({ tune, calibration, alpha, delta });
        const { walk } = result;
        for (const [i, step] of walk.entries()) {
          const above = calibration.filter((one) => one.score >= step.threshold);
          expect(step.n).toBe(above.length);
          expect(step.disagreements).toBe(above.filter((one) => !one.correct).length);
          expect(step.p).toBe(binomialTail(step.disagreements, step.n, alpha));
          expect(step.passed).toBe(step.n > 0 && step.p <= delta);
          // Nothing is tested after the first failure.
          if (i < walk.length - 1) expect(step.passed).toBe(true);
        }
        const last = walk.filter((step) => step.passed).at(-1);
        if (result.certificate === null) {
          expect(last).toBeUndefined();
          expect(result.reason).toMatch(/^[A-Z].*\.$/);
          if (result.callsNeeded !== null) expect(result.callsNeeded).toBeGreaterThan(0);
          return;
        }
        const { certificate } = result;
        expect(certificate.threshold).toBe(last!.threshold);
        expect(certificate.n).toBe(last!.n);
        expect(certificate.coverage).toBe(last!.n / calibration.length);
        expect(certificate.coverageInterval[0]).toBeLessThanOrEqual(certificate.coverage);
        expect(certificate.coverageInterval[1]).toBeGreaterThanOrEqual(certificate.coverage);
        expect(certificate.disagreementUpperBound).toBe(upperBound(last!.disagreements, last!.n, 1 - delta));
        expect(certificate.disagreementUpperBound).toBeLessThanOrEqual(alpha + 1e-9);
        expect(result.disagreements).toBe(last!.disagreements);
      }),
      { seed: 2, numRuns: 400 },
    );
  });

  it('takes its thresholds from tune alone: altered calibration walks the same path', () => {
    fc.assert(
      fc.property(given, answers(300), ({ tune, calibration, alpha, delta }, other) => {
        const altered = calibration.map((one, i) => other[i] ?? { ...one, correct: !one.correct });
        const paths = [calibration, altered, [...calibration].reverse()].map((split) =>
          certify({ tune, calibration: split, alpha, delta }).walk.map((step) => step.threshold),
        );
        const shorter = Math.min(paths[0]!.length, paths[1]!.length);
        expect(paths[1]!.slice(0, shorter)).toEqual(paths[0]!.slice(0, shorter));
        expect(paths[2]).toEqual(paths[0]);
      }),
      { seed: 3 },
    );
  });

  it('does not change with the order of examples, nor, where scores are no probabilities, with a strictly rising function of them', () => {
    fc.assert(
      fc.property(given, ({ tune, calibration, alpha, delta }) => {
        const plain = certify({ tune, calibration, alpha, delta });
        expect(
          certify({
            tune: [...tune].reverse(),
            calibration: [...calibration].reverse(),
            alpha,
            delta,
          }),
        ).toEqual(plain);
        // Powers of two are exact in binary, so no two scores fall together.
        const times = (factor: number) => {
          const scaled = (split: ScoredAnswer[]) =>
            split.map((one) => ({ ...one, score: factor * one.score }));
          return certify({ tune: scaled(tune), calibration: scaled(calibration), alpha, delta });
        };
        fc.pre(tune.some(({ score }) => score > 2 ** -10));
        expect(times(2 ** 11).certificate?.n).toBe(times(2 ** 10).certificate?.n);
      }),
      { seed: 4 },
    );
  });

  it('is never spoilt by a disagreement that turns into agreement', () => {
    fc.assert(
      fc.property(given, fc.nat(), ({ tune, calibration, alpha, delta }, pick) => {
        fc.pre(calibration.length > 0);
        const better = calibration.map((one, i) =>
          i === pick % calibration.length ? { ...one, correct: true } : one,
        );
        const before = certify({ tune, calibration, alpha, delta }).certificate;
        const after = certify({ tune, calibration: better, alpha, delta }).certificate;
        if (before) expect(after?.n).toBeGreaterThanOrEqual(before.n);
      }),
      { seed: 5, numRuns: 300 },
    );
  });

  it('says what is missing when calibration is too small, counted in calls', () => {
    const right = (n: number) => Array.from({ length: n }, (_, i) => ({ score: (i + 1) / n, correct: true }));
    const result = certify({
      tune: right(30),
      calibration: right(40),
      alpha: 0.05,
      delta: 0.05,
      calls: 400,
    });
    expect(result.certificate).toBeNull();
    if (result.certificate !== null) return;
    expect(result.reason).toContain('The calibration split has 40 examples');
    expect(result.reason).toContain('59');
    // 59 of 59 would do: 19 more of the calibration's tenth.
    expect(result.callsNeeded).toBe(190);
    expect(
      certify({ tune: right(59), calibration: right(59), alpha: 0.05, delta: 0.05 }).certificate?.n,
    ).toBe(59);
  });

  it('names a number of calls that, at the same rate, is enough', () => {
    const split = (n: number) =>
      Array.from({ length: n }, (_, i) => ({ score: 0.5, correct: i % 40 !== 20 }));
    const result = certify({ tune: split(100), calibration: split(120), alpha: 0.05, delta: 0.05 });
    expect(result.certificate).toBeNull();
    if (result.certificate !== null) return;
    expect(result.callsNeeded).toBeGreaterThan(0);
    const enough = certify({
      tune: split(100),
      calibration: split(120 + result.callsNeeded!),
      alpha: 0.05,
      delta: 0.05,
    });
    expect(enough.certificate).not.toBeNull();
  });

  it('counts the calls that are missing where the student is sure and right, though calibration is too small to be walked from there', () => {
    // One disagreement, where it is least sure.
    const split = (n: number) =>
      Array.from({ length: n }, (_, i) => ({ score: 1 - i / n, correct: i < 0.99 * n }));
    const given = { tune: split(146), alpha: 0.01, delta: 0.05 / 8 };
    const result = certify({ ...given, calibration: split(146) });
    if (result.certificate !== null) throw new Error('146 examples can not show 1 %.');
    expect(result.walk).toMatchObject([{ n: 146, disagreements: 1 }]);
    expect(result.reason).not.toContain('too often');
    expect(result.callsNeeded).toBeGreaterThanOrEqual(505 - 146);
    const enough = 146 + result.callsNeeded!;
    expect(certify({ ...given, calibration: split(enough) }).certificate?.n).toBeGreaterThanOrEqual(505);
  });

  it('says that more of the same calls would not help where the rate itself is too high', () => {
    const split = (n: number) => Array.from({ length: n }, (_, i) => ({ score: 0.5, correct: i % 4 !== 0 }));
    const result = certify({ tune: split(100), calibration: split(400), alpha: 0.05, delta: 0.05 });
    expect(result).toMatchObject({ certificate: null, callsNeeded: null });
    if (result.certificate === null) expect(result.reason).toContain('100');
  });

  it('refuses levels and scores that mean nothing', () => {
    const split = [{ score: 1, correct: true }];
    for (const alpha of [0, 1, -0.1, 2, Number.NaN]) {
      expect(() => certify({ tune: split, calibration: split, alpha, delta: 0.05 })).toThrow(
        CertificateError,
      );
      expect(() => certify({ tune: split, calibration: split, alpha: 0.05, delta: alpha })).toThrow(
        CertificateError,
      );
    }
    const broken = [{ score: Number.NaN, correct: true }];
    expect(() => certify({ tune: broken, calibration: split, alpha: 0.05, delta: 0.05 })).toThrow(RangeError);
    expect(() => certify({ tune: split, calibration: broken, alpha: 0.05, delta: 0.05 })).toThrow(RangeError);
  });

  it('gives none for splits without an example', () => {
    const some = Array.from({ length: 100 }, (_, i) => ({ score: i / 100, correct: true }));
    expect(certify({ tune: [], calibration: some, alpha: 0.05, delta: 0.05 }).certificate).toBeNull();
    expect(certify({ tune: some, calibration: [], alpha: 0.05, delta: 0.05 }).certificate).toBeNull();
  });
});

/**
 * A population that is known whole: how sure the student is falls evenly from 1 to 0, and the chance that it
 * disagrees is a function of that, constant on each of a few pieces of the way (surest first).
 */
interface Population {
  name: string;
  /** [share of the way up to which this piece goes, chance of disagreement on it] */
  pieces: [number, number][];
  /** Scores are rounded up to this many steps, so that many are equal. */
  steps?: number;
}

const smooth = (risk: (share: number) => number): [number, number][] =>
  Array.from({ length: 50 }, (_, i) => [(i + 1) / 50, risk((i + 0.5) / 50)]);

const populations: Population[] = [
  { name: 'a student that is unsure where it errs', pieces: smooth((u) => 0.005 + 0.35 * u ** 5) },
  { name: 'a weak one', pieces: smooth((u) => 0.02 + 0.6 * u ** 1.5) },
  { name: 'a hair above alpha everywhere: every certificate would be false', pieces: [[1, 0.0501]] },
  {
    name: 'a cliff right behind the fewest answered',
    pieces: [
      [0.3, 0.01],
      [1, 0.14],
    ],
  },
  {
    name: 'wrong where it is surest',
    pieces: [
      [0.15, 0.09],
      [1, 0.04],
    ],
  },
  {
    name: 'above and below alpha by turns',
    pieces: [
      [0.2, 0.05],
      [0.4, 0.06],
      [0.6, 0.03],
      [0.8, 0.07],
      [1, 0.055],
    ],
  },
  { name: 'many equal scores', pieces: smooth((u) => 0.01 + 0.25 * u ** 3), steps: 8 },
];

function drawAnswers({ pieces, steps }: Population, n: number, random: () => number): ScoredAnswer[] {
  return Array.from({ length: n }, () => {
    const share = random();
    const piece = pieces.find(([until]) => share < until)!;
    const score = steps ? Math.ceil((1 - share) * steps) / steps : 1 - share;
    return { score, correct: random() >= piece[1] };
  });
}

/** The chance that the student disagrees, given that its score is at or above the threshold. */
function trueRisk({ pieces, steps }: Population, threshold: number): number {
  // A rounded score is at or above a step when the exact one is above the step before.
  const share = steps
    ? Math.min(1, 1 - (Math.ceil(threshold * steps - 1e-9) - 1) / steps)
    : Math.min(1, 1 - threshold);
  let from = 0;
  let risk = 0;
  for (const [until, chance] of pieces) {
    risk += Math.max(0, Math.min(until, share) - from) * chance;
    from = until;
  }
  return risk / share;
}

/** "The loosest threshold whose empirical risk is at most alpha": sounds right, breaks the promise. */
function loosestEmpirical(calibration: ScoredAnswer[], alpha: number): number | undefined {
  const sorted = [...calibration].sort((a, b) => b.score - a.score);
  let wrong = 0;
  let loosest: number | undefined;
  for (const [i, one] of sorted.entries()) {
    if (!one.correct) wrong++;
    const last = i === sorted.length - 1 || sorted[i + 1]!.score < one.score;
    if (last && wrong <= alpha * (i + 1)) loosest = one.score;
  }
  return loosest;
}

describe('the promise, simulated', () => {
  const draws = 1500;
  const alpha = 0.05;
  const delta = 0.05;
  const allowed = delta + 3 * Math.sqrt((delta * (1 - delta)) / draws);

  it.each(populations)('holds for $name', (population) => {
    const random = seeded(41);
    let broken = 0;
    let brokenByBadRule = 0;
    for (let draw = 0; draw < draws; draw++) {
      const tune = drawAnswers(population, 300, random);
      const calibration = drawAnswers(population, 600, random);
      const { certificate } = certify({ tune, calibration, alpha, delta });
      if (certificate && trueRisk(population, certificate.threshold) > alpha) broken++;
      const bad = loosestEmpirical(calibration, alpha);
      if (bad !== undefined && trueRisk(population, bad) > alpha) brokenByBadRule++;
    }
    expect(broken / draws).toBeLessThanOrEqual(allowed);
    // The same simulation catches a rule that is known to be wrong, so it can catch a wrong one.
    expect(brokenByBadRule / draws).toBeGreaterThan(allowed);
  });

  it('is kept at other levels too, and certificates are issued', () => {
    const random = seeded(43);
    const [good] = populations as [Population];
    let broken = 0;
    let issued = 0;
    for (let draw = 0; draw < draws; draw++) {
      const { certificate } = certify({
        tune: drawAnswers(good, 200, random),
        calibration: drawAnswers(good, 400, random),
        alpha: 0.03,
        delta: 0.2,
      });
      if (certificate) issued++;
      if (certificate && trueRisk(good, certificate.threshold) > 0.03) broken++;
    }
    expect(issued / draws).toBeGreaterThan(0.7);
    expect(broken / draws).toBeLessThanOrEqual(0.2 + 3 * Math.sqrt((0.2 * 0.8) / draws));
    // Not for want of trying: errors do occur.
    expect(broken).toBeGreaterThan(0);
  });
});
