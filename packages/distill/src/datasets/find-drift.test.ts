import { randomStream, uniform } from '@kolben/engine';
import { describe, expect, it } from 'vitest';
import { findDrift, type Repeated } from './find-drift.ts';

const day = 24 * 60 * 60 * 1000;

/** Inputs asked twice within 100 days; answers change by chance, and for a share of the inputs at `drift`. */
function asked(
  count: number,
  seed: number,
  { noise = 0.05, drift = Number.NaN, share = 0 } = {},
): Repeated[] {
  const stream = randomStream(seed);
  return Array.from({ length: count }, () => {
    const [a, b] = [uniform(stream) * 100 * day, uniform(stream) * 100 * day];
    const [from, to] = [Math.min(a, b), Math.max(a, b)];
    const affected = uniform(stream) < share && from < drift && to > drift;
    const changed = uniform(stream) < noise || affected;
    return { from, to, changed };
  });
}

describe('findDrift', () => {
  it('finds the day on which a tenth of the answers changed', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const drift = findDrift(asked(2000, seed, { drift: 60 * day, share: 0.2 }));
      expect(drift, `seed ${seed}`).toBeDefined();
      expect(Math.abs(drift!.before.getTime() - 60 * day) / day).toBeLessThan(3);
      expect(drift!.elsewhere).toBeLessThan(0.1);
      expect(drift!.changed / drift!.asked).toBeGreaterThan(0.15);
      expect(drift!.after <= drift!.before).toBe(true);
    }
  });

  it('finds it where the teacher never contradicts itself otherwise', () => {
    const drift = findDrift(asked(300, 1, { noise: 0, drift: 30 * day, share: 0.1 }));
    expect(Math.abs(drift!.before.getTime() - 30 * day) / day).toBeLessThan(8);
    expect(drift!.elsewhere).toBe(0);
  });

  it('does not cry wolf over a teacher that wavers at any time', () => {
    let cried = 0;
    for (let seed = 1; seed <= 200; seed++) {
      if (findDrift(asked(400, seed, { noise: 0.02 + 0.2 * (seed / 200) }))) cried++;
    }
    expect(cried).toBeLessThanOrEqual(2);
  });

  it('says nothing of a handful', () => {
    expect(findDrift([])).toBeUndefined();
    expect(findDrift([{ from: 0, to: day, changed: true }])).toBeUndefined();
    expect(findDrift(asked(4, 1, { noise: 1 }))).toBeUndefined();
    expect(findDrift(asked(50, 1, { noise: 1 }))).toBeUndefined();
  });
});
