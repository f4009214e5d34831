import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Chip, startChip } from '../chips/chip.ts';
import { possibleCuts } from '../compile/possible-cuts.ts';
import type { Microbatch } from '../run/microbatch-orders.ts';
import { randomStream, uniform } from '../run/random.ts';
import { type TrainOptions, type TrainResult, train } from '../run/train.ts';
import type { Schedule } from '../schedule/instruction.ts';
import {
  makeSchedule,
  type ScheduleCounts,
  type ScheduleName,
  scheduleNames,
} from '../schedule/schedules.ts';
import { sequential } from '../schedule/sequential.ts';
import { decoderLoss } from './decoder.ts';

const shape = {
  ...{
    vocabulary: 30,
    width: 8,
    layers: 3,
    heads: 2,
    keyValueHeads: 1,
    hidden: 12,
    positions: 6,
    tied: true,
  },
};
const length = 6;
const microbatchCount = 8;

function microbatches(step: number): Microbatch[] {
  return Array.from({ length: microbatchCount }, (_, m) => {
    const draw = randomStream(5, step, m);
    const dims = [2, length];
    const integers = (of: (i: number) => number) => ({
      data: BigInt64Array.from({ length: 2 * length }, (_, i) => BigInt(of(i))),
      dims,
    });
    const token = () => Math.floor(shape.vocabulary * uniform(draw));
    return {
      tokens: integers(token),
      targets: integers(token),
      positions: integers((i) => i % length),
      weights: { data: new Float32Array(2 * length).fill(1 / (2 * length * microbatchCount)), dims },
    };
  });
}

let chips: Chip[];
beforeAll(async () => {
  chips = await Promise.all([0, 1, 2, 3].map((index) => startChip(index)));
});
afterAll(async () => {
  await Promise.all(chips.map((chip) => chip.close()));
});

const loss = (headParts = 1) => decoderLoss(shape, { length, dropout: 0.1, smoothing: 0.1, headParts });
const blocks = 2 * shape.layers + 2;

function options(schedule: Schedule, clipNorm?: number): TrainOptions {
  const { stages } = schedule;
  return {
    loss: loss(),
    // The table is on the first stage and on the last.
    cuts: Array.from({ length: stages - 1 }, (_, i) => Math.floor((blocks * (i + 1)) / stages) - 1),
    schedule,
    chips,
    steps: 4,
    microbatches,
    learningRate: () => 0.01,
    optimizer: { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0.01, clipNorm },
    bounds: { B: 2 },
    seed: 3,
    averages: (step) => step >= 2,
  };
}

const one = (clipNorm?: number) =>
  options(sequential({ stages: 1, microbatches: microbatchCount }), clipNorm);

/** The losses to a part in 10^5; the weights, which move by 0.01 a step, to a hundredth of a step. */
function expectAlike(found: TrainResult, reference: TrainResult): void {
  for (const [step, value] of reference.losses.entries())
    expect(found.losses[step] / value).toBeCloseTo(1, 5);
  expect(Object.keys(found.parameters).sort()).toEqual(Object.keys(reference.parameters).sort());
  for (const [name, values] of Object.entries(reference.parameters)) {
    expect(found.parameters[name].length, name).toBe(values.length);
    const furthest = found.parameters[name].reduce(
      (most, v, i) => Math.max(most, Math.abs(v - values[i])),
      0,
    );
    expect(furthest, name).toBeLessThan(1e-4);
  }
}

/** Every schedule of the registry on so many chips, each microbatch through the whole model. */
const cases = [2, 4].flatMap((count) =>
  scheduleNames
    .map((name): [ScheduleName, number, ScheduleCounts] => [
      name,
      name === 'sequential' ? 1 : count,
      { stages: name === 'dualpipev' ? 2 * count : count, microbatches: microbatchCount },
    ])
    .concat(
      count === 4
        ? (['zb-h1', '1f1b', 'zb-v', 'interleaved-1f1b', 'dualpipe'] as const).map((name) => [
            name,
            count,
            { stages: 2, microbatches: microbatchCount, replicas: 2 },
          ])
        : [],
    ),
);

test('can be cut after every block, also between the table and the head', () => {
  expect(possibleCuts(loss())).toEqual(Array.from({ length: blocks - 1 }, (_, block) => block));
});

describe('a head that shares the table of tokens, cut from it', () => {
  let references: { clipNorm: number | undefined; trained: TrainResult }[];
  beforeAll(async () => {
    references = [];
    for (const clipNorm of [undefined, 0.1])
      references.push({ clipNorm, trained: await train(one(clipNorm)) });
  });

  test.each(cases)('%s on %i chips: %j trains the weights of one chip', async (name, count, counts) => {
    const { schedule } = makeSchedule(name, counts);
    expect(schedule.chips).toHaveLength(count);
    for (const { clipNorm, trained } of references) {
      const found = await train(options(schedule, clipNorm));
      expect(found.schedule.shared).toEqual([[0, schedule.stages - 1]]);
      expectAlike(found, trained);
      if (clipNorm === undefined)
        expect((await train(options(schedule))).parameters).toEqual(found.parameters);
    }
  });

  test.each([
    ['zb-h1', { stages: 4 }, 4],
    ['zb-v', { stages: 2 }, 4],
    ['dualpipe', { stages: 4 }, 4],
    ['1f1b', { stages: 4 }, 3],
  ] as const)('in parts, each on another stage: %s', async (name, counts, headParts) => {
    const { schedule } = makeSchedule(name, { ...counts, microbatches: microbatchCount });
    const run = (given: Schedule, cuts: number[]) =>
      train({ ...options(given), loss: loss(headParts), cuts });
    const last = blocks - 2 + headParts;
    // Stages 1 to 3 begin with a part of the head; the first part is where the last layers are.
    const cuts = [last - 3, last - 2, last - 1];
    const found = await run(schedule, cuts);
    expect(found.schedule.shared).toContainEqual([0, 3]);
    expect(found.schedule.shared.length).toBeGreaterThan(1);
    expectAlike(found, await run(sequential({ stages: 1, microbatches: microbatchCount }), []));
    expect((await run(schedule, cuts)).parameters).toEqual(found.parameters);
  });

  test('on one chip, bit for bit', async () => {
    const [{ trained }] = references;
    const found = await train(options(sequential({ stages: 8, microbatches: microbatchCount })));
    expect(found.losses).toEqual(trained.losses);
    expect(found.parameters).toEqual(trained.parameters);
    expect(found.memory[0].parameters).toBe(trained.memory[0].parameters);
  });
});
