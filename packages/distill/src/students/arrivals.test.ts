import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ArrivalDesk, ArrivalDraws, shareWhileArriving } from './arrivals.ts';

const lengths = (n: number) => Array.from({ length: n }, (_, i) => 1 + ((i * 7) % 20));

describe('draws while answers arrive', () => {
  test('nobody is drawn before it has come, and whoever comes late is not left behind', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 40, max: 400 }),
        fc.integer({ min: 1, max: 16 }),
        fc.integer({ min: 6, max: 14 }),
        fc.integer({ min: 1, max: 60 }),
        // The share of examples that never get an answer.
        fc.double({ min: 0, max: 0.3, noNaN: true }),
        fc.nat(1000),
        async (n, batch, epochs, portion, missing, seed) => {
          const steps = epochs * Math.floor(n / batch);
          const arrivals = new ArrivalDesk();
          const draws = new ArrivalDraws({ arrivals, lengths: lengths(n), batch, seed, steps: () => steps });
          const coming = Math.max(batch, Math.ceil(n * (1 - missing)));

          const here = new Set<number>();
          let checked = 0;
          const check = () => {
            for (; checked < steps; checked++) {
              const drawn = draws.at(checked);
              if (!drawn) return;
              expect(drawn).toHaveLength(batch);
              expect(new Set(drawn).size).toBe(batch);
              expect(drawn.every((index) => here.has(index))).toBe(true);
            }
          };
          const ready = draws.ready(steps);
          for (let i = 0; i < coming; i++) {
            here.add(i);
            arrivals.add(i);
            if (i % portion === 0) await new Promise((resolve) => setImmediate(resolve));
            check();
            // The rest of the views is kept for when all are there.
            if (i < coming - 1)
              expect(checked * batch).toBeLessThanOrEqual(
                ((shareWhileArriving * steps * batch) / n) * (i + 1) + 1e-6,
              );
          }
          arrivals.close();
          await ready;
          check();
          expect(checked).toBe(steps);
          const views = [...draws.views].slice(0, coming);
          const each = (steps * batch) / coming;
          expect(views.reduce((a, b) => a + b, 0)).toBe(steps * batch);
          // Also those that come last, when four fifths of the views may be spent, get the greater part of theirs.
          expect(Math.min(...views)).toBeGreaterThanOrEqual(0.4 * each - 1);
          expect(Math.max(...views)).toBeLessThanOrEqual(1.2 * each + 2);
        },
      ),
      { numRuns: 40, seed: 5 },
    );
  });

  test('where all are there from the start, every epoch has each example once', async () => {
    const arrivals = new ArrivalDesk();
    for (let i = 0; i < 96; i++) arrivals.add(i);
    arrivals.close();
    const draws = new ArrivalDraws({ arrivals, lengths: lengths(96), batch: 8, seed: 1, steps: () => 60 });
    await draws.ready(60);
    for (let epoch = 0; epoch < 5; epoch++) {
      const drawn = Array.from({ length: 12 }, (_, i) => draws.at(12 * epoch + i)).flat();
      expect(new Set(drawn).size).toBeGreaterThan(80);
    }
    expect(Math.max(...draws.views) - Math.min(...draws.views)).toBeLessThanOrEqual(1);
  });

  test('the same arrivals and seed give the same draws', async () => {
    const run = async (seed: number) => {
      const arrivals = new ArrivalDesk();
      for (let i = 0; i < 100; i++) arrivals.add(i);
      arrivals.close();
      const draws = new ArrivalDraws({ arrivals, lengths: lengths(100), batch: 8, seed, steps: () => 30 });
      await draws.ready(30);
      return Array.from({ length: 30 }, (_, step) => draws.at(step));
    };
    expect(await run(1)).toEqual(await run(1));
    expect(await run(1)).not.toEqual(await run(2));
  });

  test('who waits is told of a fault, and let go by the signal', async () => {
    const arrivals = new ArrivalDesk();
    const draws = new ArrivalDraws({ arrivals, lengths: lengths(9), batch: 4, seed: 0, steps: () => 9 });
    const stop = new AbortController();
    const waiting = draws.ready(1, stop.signal);
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    const other = draws.ready(1);
    arrivals.fail(new Error('fault'));
    await expect(other).rejects.toThrow('fault');
    await expect(draws.ready(1)).rejects.toThrow('fault');
  });
});
