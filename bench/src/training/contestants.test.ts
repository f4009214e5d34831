import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Command, Contestant } from './contestant.ts';
import type { EngineTurn } from './engine-task.ts';
import { type Files, writeFiles } from './files.ts';
import { jaxCommands } from './jax.ts';
import type { BenchModel } from './models.ts';
import { engineCommands } from './ours.ts';
import { profileEngine } from './profile.ts';
import { findTorch, torchCommands } from './torch.ts';

const model: BenchModel = {
  name: 'narrow',
  shape: {
    vocabulary: 96,
    width: 32,
    layers: 2,
    heads: 2,
    keyValueHeads: 2,
    hidden: 48,
    positions: 128,
    tied: false,
    epsilon: 1e-5,
    rotaryBase: 10_000,
    rotaryPairs: 'neighbours',
  },
  length: 128,
  batch: 16,
};

let folder: string;
let files: Files;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kolben-bench-test-'));
  files = await writeFiles(model, folder);
});
afterAll(() => rm(folder, { recursive: true }));

async function losses(command: Command): Promise<readonly number[]> {
  const contestant = await Contestant.start(command);
  try {
    const [first, second] = [await contestant.step(2), await contestant.step(1)];
    expect(first.seconds).toBeGreaterThan(0);
    return [...first.losses, ...second.losses];
  } finally {
    await contestant.close();
  }
}

describe('the same weights and batches', () => {
  test('give the same losses on one chip, as replicas, as a pipeline, in halves, and in jax-js', async () => {
    const { alone, two, unrelated } = engineCommands(model, files);
    const expected = await losses(alone[0]);
    expect(expected).toHaveLength(3);
    for (const command of [...two, ...jaxCommands(model, files, 2)]) {
      const own = await losses(command);
      for (const [step, loss] of own.entries()) expect(loss).toBeCloseTo(expected[step], 4);
    }
    const halves = [await losses(unrelated[0]), await losses(unrelated[1])];
    expect(halves[0][0] + halves[1][0]).toBeCloseTo(expected[0], 5);
  }, 60_000);

  const torch = findTorch();
  test.skipIf('missing' in torch)(
    `give the same losses in PyTorch${'missing' in torch ? ` (${torch.missing})` : ''}`,
    async () => {
      const expected = await losses(engineCommands(model, files).alone[0]);
      for (const command of torchCommands(model, files, 2)) {
        const own = await losses(command);
        for (const [step, loss] of own.entries()) expect(loss).toBeCloseTo(expected[step], 4);
      }
    },
    60_000,
  );
});

test('a pipeline tells how busy its chips were, and what its schedule would have taken', async () => {
  const contestant = await Contestant.start(engineCommands(model, files).two[1]);
  const turn = (await contestant.step(4)) as EngineTurn;
  await contestant.close();
  expect(turn.losses).toHaveLength(4);
  expect(turn.simulatedSeconds).toBeGreaterThan(0);
  expect(turn.simulatedSeconds).toBeLessThan(10 * turn.seconds);
  expect(turn.busyShares).toHaveLength(2);
  for (const share of turn.busyShares ?? []) expect(share > 0 && share <= 1).toBe(true);
}, 30_000);

test('a profile knows the operators of each kind of program', async () => {
  const times = await profileEngine(
    (profileFolder) => engineCommands(model, files, profileFolder).alone[0],
    folder,
  );
  expect(Object.keys(times).sort()).toEqual(['F', 'U', 'W']);
  expect(times.F.Gemm).toBeGreaterThan(0);
  expect(times.W.Gemm).toBeGreaterThan(0);
  expect(times.U.Sqrt).toBeGreaterThan(0);
}, 30_000);

test('a process that dies is told of by what it said last', async () => {
  const command = {
    name: 'dying',
    file: process.execPath,
    arguments: ['-e', 'throw new Error("out of luck")'],
  };
  await expect(Contestant.start(command)).rejects.toThrow(/^dying ended without an answer: .*out of luck/s);
  const missing = { name: 'missing', file: '/no/such/program', arguments: [] };
  await expect(Contestant.start(missing)).rejects.toThrow(/^missing ended without an answer: .*ENOENT/);
});
