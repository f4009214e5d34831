import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Chip, startChip } from '../chips/chip.ts';
import { spanOf } from '../simulate/timeline.ts';
import { TelemetryRing } from './telemetry.ts';
import { smallRun } from './testing/small-run.ts';
import { train } from './train.ts';

describe('a ring', () => {
  test('keeps the latest entries, whole and in order, however many were written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 200 }), (capacity, count) => {
        const memory = TelemetryRing.memory(capacity);
        const [writer, reader] = [new TelemetryRing(memory), new TelemetryRing(memory)];
        for (let i = 0; i < count; i++) writer.write(i, 2 * i, i + 1, i + 1.5);
        const entries = reader.read();
        expect(entries.length).toBeGreaterThanOrEqual(Math.min(count, capacity) - 1);
        entries.forEach(({ step, position, start, end }, i) => {
          const expected = count - entries.length + i;
          expect([step, position, start, end]).toEqual([
            expected,
            2 * expected,
            expected + 1,
            expected + 1.5,
          ]);
        });
      }),
      { seed: 1 },
    );
  });

  test('goes on where its counter wraps', () => {
    const memory = TelemetryRing.memory(8);
    new Int32Array(memory, 0, 1)[0] = -3;
    const ring = new TelemetryRing(memory);
    for (let i = 0; i < 12; i++) ring.write(i, i, i + 1, i + 2);
    expect(ring.read().map(({ step }) => step)).toEqual([5, 6, 7, 8, 9, 10, 11]);
  });
});

describe('a run, while it goes on', () => {
  let chips: Chip[];
  beforeAll(async () => {
    chips = await Promise.all([startChip(0), startChip(1)]);
  });
  afterAll(async () => {
    await Promise.all(chips.map((chip) => chip.close()));
  });

  test('tells what each chip has done, in the order of its list', async () => {
    const run = smallRun('two', 12);
    let looks = 0;
    await train({
      ...run,
      chips,
      onStep: ({ step, timeline }) => {
        const { spans } = timeline();
        for (const [chip, list] of run.schedule.chips.entries()) {
          const own = spans.filter((span) => span.chip === chip);
          const done = own.filter((span) => span.step === step);
          // The step that is told of has been finished by every chip.
          expect(done.map(({ start: _, end: __, step: ___, chip: ____, ...what }) => what)).toEqual(
            list.map((instruction) => spanOf(instruction)),
          );
          own.slice(1).forEach((span, i) => {
            expect(span.start).toBeGreaterThanOrEqual(own[i]!.end);
          });
        }
        looks++;
      },
    });
    expect(looks).toBe(12);
  });
});
