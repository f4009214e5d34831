import { randomStream, uniform } from '@kolben/engine';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CertificateError } from './certificate-error.ts';
import { afterAudit, alarmOf, beginWatch, betOf, type RiskWatch, readWatch } from './risk-watch.ts';

const level = fc.constantFrom(0.01, 0.05, 0.1, 0.3);
const loss = fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true }));
const losses = fc.array(loss, { maxLength: 300, size: 'max' });
const run = (watch: RiskWatch, given: readonly number[]) => given.reduce(afterAudit, watch);

/** The audit at which it rings, or none; `riskAt` gives the risk of the t-th audit. */
function alarmAt(
  seed: number,
  audits: number,
  riskAt: (t: number) => number,
  { alpha = 0.05, delta = 0.05 } = {},
): number | undefined {
  const random = randomStream(seed, 'risk');
  let watch = beginWatch({ alpha, delta });
  for (let t = 1; t <= audits; t++) {
    watch = afterAudit(watch, uniform(random) < riskAt(t) ? 1 : 0);
    if (alarmOf(watch).rung) return t;
  }
  return undefined;
}

const seeds = (n: number) => Array.from({ length: n }, (_, i) => i);

describe('the watch over a student’s risk', () => {
  it('is the product of what was bet before each loss', () => {
    fc.assert(
      fc.property(level, level, losses, (alpha, delta, given) => {
        let watch = beginWatch({ alpha, delta });
        let product = 0;
        for (const one of given) {
          const bet = betOf(watch);
          expect(bet).toBeGreaterThanOrEqual(0);
          expect(bet).toBeLessThanOrEqual(1 / alpha);
          product += Math.log1p(bet * (one - alpha));
          watch = afterAudit(watch, one);
          expect(watch.logWealth).toBeCloseTo(product, 6);
        }
        expect(watch.audits).toBe(given.length);
        expect(watch.losses).toBeCloseTo(
          given.reduce((sum, one) => sum + one, 0),
          6,
        );
      }),
    );
  });

  it('bets by what came before alone', () => {
    fc.assert(
      fc.property(losses, loss, loss, (given, one, other) => {
        const before = run(beginWatch({ alpha: 0.05, delta: 0.05 }), given);
        const kept = structuredClone(before);
        const bet = betOf(before);
        afterAudit(before, one);
        afterAudit(before, other);
        expect(before).toEqual(kept);
        expect(betOf(before)).toBe(bet);
      }),
    );
  });

  it('gains nothing on average where the risk is just the certified one', () => {
    fc.assert(
      fc.property(level, losses, (alpha, given) => {
        const watch = run(beginWatch({ alpha, delta: 0.05 }), given);
        const grown = (one: number) => Math.exp(afterAudit(watch, one).logWealth - watch.logWealth);
        expect(alpha * grown(1) + (1 - alpha) * grown(0)).toBeCloseTo(1, 9);
      }),
    );
  });

  it('goes on from its state as it was kept', () => {
    fc.assert(
      fc.property(losses, losses, (first, second) => {
        const watch = run(beginWatch({ alpha: 0.05, delta: 0.05 }), first);
        const kept = readWatch(JSON.parse(JSON.stringify(watch)));
        expect(run(kept, second)).toEqual(run(watch, second));
      }),
    );
    expect(() => readWatch({ audits: 3 })).toThrow(CertificateError);
    expect(() => beginWatch({ alpha: 0, delta: 0.05 })).toThrow(CertificateError);
    expect(() => afterAudit(beginWatch({ alpha: 0.05, delta: 0.05 }), 1.5)).toThrow(RangeError);
  });

  it('stays rung', () => {
    let watch = beginWatch({ alpha: 0.05, delta: 0.05 });
    while (!alarmOf(watch).rung) watch = afterAudit(watch, 1);
    const { wealth, threshold } = alarmOf(watch);
    expect(wealth).toBeGreaterThanOrEqual(threshold);
    watch = run(watch, new Array<number>(500).fill(0));
    expect(alarmOf(watch).wealth).toBeLessThan(threshold);
    expect(alarmOf(watch).rung).toBe(true);
  });

  it('cries wolf no more often than was allowed, however often one looks', () => {
    for (const delta of [0.05, 0.2]) {
      const runs = 400;
      const rung = seeds(runs).filter((seed) => alarmAt(seed, 1000, () => 0.05, { delta }) !== undefined);
      // Three standard deviations above what is allowed.
      expect(rung.length / runs).toBeLessThanOrEqual(delta + 3 * Math.sqrt((delta * (1 - delta)) / runs));
    }
    // Nor where the risk wavers below the certified one, by whatever pattern.
    const wavering = (t: number) => (Math.floor(t / 100) % 2 === 0 ? 0.05 : 0.01);
    expect(
      seeds(200).filter((seed) => alarmAt(seed, 1000, wavering) !== undefined).length / 200,
    ).toBeLessThanOrEqual(0.05);
  });

  it('finds out a risk that doubles or more within the audits that decision 0230 states', () => {
    const within = (audits: number, riskAt: (t: number) => number) =>
      seeds(100).filter((seed) => alarmAt(seed, audits, riskAt) !== undefined).length;
    expect(within(500, () => 0.1)).toBeGreaterThanOrEqual(85);
    expect(within(140, () => 0.15)).toBeGreaterThanOrEqual(85);
    expect(within(35, () => 0.3)).toBeGreaterThanOrEqual(85);
    // Also after a thousand audits in which it was good.
    const turning = (from: number, to: number) => (t: number) => (t <= 1000 ? from : to);
    expect(within(1700, turning(0.02, 0.1))).toBeGreaterThanOrEqual(85);
    expect(within(1120, turning(0.04, 0.2))).toBeGreaterThanOrEqual(85);
  });
});
