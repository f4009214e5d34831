import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Purse } from './purse.ts';

test('whatever calls cost, up to what they reserved, and however many are under way: the cap holds', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.array(
        fc.record({
          most: fc.double({ min: 0, max: 0.2, noNaN: true }),
          /** Share of `most` that it costs; null: nobody knows. */
          share: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
        }),
        { maxLength: 60 },
      ),
      fc.integer({ min: 1, max: 16 }),
      fc.scheduler(),
      async (cap, calls, concurrency, s) => {
        const purse = new Purse(cap);
        const left = [...calls];
        let paid = 0;
        let refused = 0;
        const worker = async () => {
          for (let call = left.shift(); call; call = left.shift()) {
            const reservation = await purse.reserve(call.most);
            if (!reservation) {
              refused++;
              // Refused only where it would not have fitted even with nothing under way, or nothing was.
              expect(purse.spent + call.most).toBeGreaterThan(cap - 2e-9);
              continue;
            }
            await s.schedule(Promise.resolve());
            const cost = call.share === null ? undefined : call.share * call.most;
            paid += cost ?? call.most;
            purse.settle(reservation, cost);
            expect(purse.spent).toBeLessThanOrEqual(cap);
          }
        };
        await s.waitFor(Promise.all(Array.from({ length: concurrency }, worker)));
        expect(left).toHaveLength(0);
        expect(paid).toBeLessThanOrEqual(cap + 1e-12);
        expect(purse.spent).toBeGreaterThanOrEqual(paid - 1e-12);
        if (calls.reduce((sum, { most }) => sum + most + 1e-9, 0) <= cap) expect(refused).toBe(0);
      },
    ),
    { numRuns: 300 },
  );
});

test('a teacher that bills more than its price says makes every later call set more aside', async () => {
  const purse = new Purse(1);
  purse.settle((await purse.reserve(0.1))!, 0.3);
  expect((await purse.reserve(0.1))?.most).toBeCloseTo(0.3, 8);
  expect(await purse.reserve(0.25)).toBeUndefined();
});

test('who waits for money under way is let go by the signal', async () => {
  const purse = new Purse(1);
  await purse.reserve(0.8);
  const stop = new AbortController();
  const waiting = purse.reserve(0.5, stop.signal);
  stop.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
});
