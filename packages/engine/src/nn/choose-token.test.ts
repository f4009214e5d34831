import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomStream } from '../run/random.ts';
import { chooseToken } from './choose-token.ts';

describe('drawing', () => {
  const logits = Float32Array.of(0, 3, 1, 3, -5);
  const many = (options: Parameters<typeof chooseToken>[1]) => {
    const draw = randomStream(4, 'draw');
    const found = new Map<number, number>();
    for (let i = 0; i < 4000; i++) {
      const token = chooseToken(logits, options, draw);
      found.set(token, (found.get(token) ?? 0) + 1);
    }
    return found;
  };

  test('takes the first of the likeliest at temperature 0', () => {
    expect(chooseToken(logits, {}, randomStream(1))).toBe(1);
  });

  test('follows the softmax at temperature 1', () => {
    const total = Array.from(logits, Math.exp).reduce((a, b) => a + b);
    const found = many({ temperature: 1 });
    logits.forEach((logit, i) => {
      expect((found.get(i) ?? 0) / 4000).toBeCloseTo(Math.exp(logit) / total, 1);
    });
  });

  test('leaves out all but the likeliest, by number and by share', () => {
    expect([...many({ temperature: 5, topK: 2 }).keys()].sort()).toEqual([1, 3]);
    expect([...many({ temperature: 1, topP: 0.4 }).keys()]).toEqual([1]);
    expect([...many({ temperature: 1, topP: 0.9 }).keys()].sort()).toEqual([1, 3]);
  });

  test('never draws what a plain reading of topK and topP leaves out, and at last everything else', () => {
    const few = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(
        few,
        fc.integer({ min: 1, max: 7 }),
        fc.double({ min: 0.05, max: 1 }),
        (values, topK, topP) => {
          const ranked = values.map((_, i) => i).sort((a, b) => values[b]! - values[a]! || a - b);
          const left = ranked.slice(0, topK);
          const weights = left.map((i) => Math.exp(values[i]!));
          const total = weights.reduce((a, b) => a + b);
          const allowed: number[] = [];
          let share = 0;
          for (const [rank, i] of left.entries()) {
            // A sum that is off by a rounding may end one token earlier or later.
            if (share >= topP * total * (1 + 1e-9)) break;
            fc.pre(Math.abs(share - topP * total) > 1e-9 || share === 0);
            allowed.push(i);
            share += weights[rank]!;
          }
          const draw = randomStream(values.length, topK);
          const found = new Set<number>();
          for (let i = 0; i < 600; i++)
            found.add(chooseToken(Float32Array.from(values), { temperature: 1, topK, topP }, draw));
          const likely = allowed.filter((i) => Math.exp(values[i]!) / share > 0.03);
          for (const token of found) expect(allowed).toContain(token);
          for (const token of likely) expect([...found]).toContain(token);
        },
      ),
      { seed: 1, numRuns: 60 },
    );
  });
});
