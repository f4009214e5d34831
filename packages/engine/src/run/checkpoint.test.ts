import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { programArguments } from '../../../../test/program.ts';
import { type Chip, chipOn, startChip } from '../chips/chip.ts';
import { readSafetensors } from '../formats/safetensors.ts';
import { CheckpointError } from './checkpoint.ts';
import { randomStream, uniform } from './random.ts';
import { smallModel, smallRun, type smallSchedules } from './testing/small-run.ts';
import { type TrainOptions, train } from './train.ts';

let chips: Chip[];
let folder: string;
beforeAll(async () => {
  chips = await Promise.all([0, 1, 2, 3].map((index) => startChip(index)));
});
afterAll(async () => {
  await Promise.all(chips.map((chip) => chip.close()));
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kolben-checkpoint-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = () => join(folder, 'run.safetensors');
const options = (shape: keyof typeof smallSchedules, steps: number): TrainOptions => ({
  ...smallRun(shape, steps),
  chips,
});

/** Trains until the run is stopped after a step, as Ctrl-C would. */
async function interrupted(run: TrainOptions, after: number): Promise<void> {
  const controller = new AbortController();
  const stopped = train({
    ...run,
    signal: controller.signal,
    onStep: ({ step }) => {
      if (step === after) controller.abort(new Error('enough'));
    },
  });
  await expect(stopped).rejects.toThrow('enough');
}

describe('a run that goes on from a checkpoint', () => {
  const shapes = ['one', 'two', 'four', 'replicas'] as const;

  test.each(shapes)('written by "%s" ends with the weights of one that was never stopped', async (from) => {
    const whole = await train(options(from, 12));
    // Replicas add gradients up in an order of their own, so they go on as replicas.
    for (const to of from === 'replicas' ? (['replicas'] as const) : (['one', 'two', 'four'] as const)) {
      rmSync(file(), { force: true });
      await interrupted({ ...options(from, 12), checkpoint: { file: file(), everySteps: 4 } }, 8);
      const rest = await train({ ...options(to, 12), checkpoint: { file: file() } });
      // The checkpoint after step 8 may just not have been begun.
      expect([4, 8], to).toContain(rest.resumedAt);
      expect(rest.losses, to).toEqual(whole.losses);
      expect(rest.parameters, to).toEqual(whole.parameters);
    }
  });

  test('from one chip to replicas, to the order of additions', async () => {
    const whole = await train(options('one', 12));
    await interrupted({ ...options('one', 12), checkpoint: { file: file(), everySteps: 4 } }, 8);
    const rest = await train({ ...options('replicas', 12), checkpoint: { file: file() } });
    expect(rest.losses.at(-1)).toBeCloseTo(whole.losses.at(-1)!, 4);
  });

  test('where stages share a parameter, also from two stages to one and back', async () => {
    const tied = (shape: keyof typeof smallSchedules) => ({ ...smallRun(shape, 12, true), chips });
    const whole = { one: await train(tied('one')), two: await train(tied('two')) };
    for (const [from, to] of [
      ['two', 'two'],
      ['two', 'one'],
      ['one', 'two'],
    ] as const) {
      rmSync(file(), { force: true });
      await interrupted({ ...tied(from), checkpoint: { file: file(), everySteps: 4 } }, 8);
      const rest = await train({ ...tied(to), checkpoint: { file: file() } });
      expect([4, 8], to).toContain(rest.resumedAt);
      if (from === to) expect(rest.parameters).toEqual(whole[to].parameters);
      for (const [name, values] of Object.entries(whole.one.parameters)) {
        // A hundredth of what a weight moves in the last step.
        const near = rest.parameters[name]!.every((value, i) => Math.abs(value - values[i]!) < 1e-4);
        expect(near, `${name} from ${from} to ${to}`).toBe(true);
      }
    }
  });

  test('a finished run is answered from its checkpoint', async () => {
    const run = { ...options('two', 5), checkpoint: { file: file(), everySteps: 2 } };
    const once = await train(run);
    const again = await train(run);
    expect(again.resumedAt).toBe(5);
    expect(again.parameters).toEqual(once.parameters);
    expect(again.losses).toEqual(once.losses);
  });

  test('the time of all processes is told, and none between them', async () => {
    const run = { ...options('two', 9), checkpoint: { file: file(), everySteps: 3 } };
    await interrupted(run, 6);
    const before = Number(readSafetensors(readFileSync(file()), file()).metadata.seconds);
    expect(before).toBeGreaterThan(0);
    const begun = performance.now();
    const { seconds } = await train(run);
    expect(seconds).toBeGreaterThan(before);
    expect(seconds - before).toBeLessThan((performance.now() - begun) / 1000);
    // Nothing is left to do, so nothing is added but what it takes to see that.
    expect((await train(run)).seconds).toBeGreaterThan(before);
  });

  test('steps are told of once', async () => {
    const told: number[] = [];
    const run = { ...options('two', 9), checkpoint: { file: file(), everySteps: 3 } };
    await interrupted(run, 6);
    await train({ ...run, onStep: ({ step }) => void told.push(step) });
    expect([3, 6]).toContain(told[0]);
    expect(told).toEqual(Array.from({ length: 9 - told[0]! }, (_, i) => told[0]! + i));
  });
});

describe('a process that is killed', () => {
  const program = programArguments(new URL('./testing/killed-process.ts', import.meta.url));
  /** Runs until it ends, or is killed so many milliseconds after its first step: then there is no last line. */
  const run = (args: string[], killAfter?: number) =>
    new Promise<string | undefined>((resolve, reject) => {
      const child = spawn(process.execPath, [...program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
      let output = '';
      let timer: NodeJS.Timeout | undefined;
      child.stdout.on('data', (piece) => {
        output += piece;
        if (killAfter !== undefined) timer ??= setTimeout(() => child.kill('SIGKILL'), killAfter);
      });
      child.on('close', (code, signal) => {
        clearTimeout(timer);
        if (code === 0) resolve(output.trim().split('\n').at(-1));
        else if (signal === 'SIGKILL') resolve(undefined);
        else reject(new Error(`The run ended with ${code}.`));
      });
    });

  test('at random moments, again and again, ends with the very weights of one that was not', async () => {
    const steps = '400';
    const { digest: expected } = JSON.parse((await run(['-', steps, 'two']))!) as { digest: string };
    const draw = randomStream(1, 'kills');
    let kills = 0;
    let result: string | undefined;
    while (result === undefined) {
      // The first lives are short; the last are left to end.
      result = await run([file(), steps, 'two'], kills < 4 ? 5 + 90 * uniform(draw) : undefined);
      if (result === undefined) kills++;
    }
    expect(kills).toBeGreaterThan(2);
    const { digest, resumedAt } = JSON.parse(result) as { digest: string; resumedAt: number };
    expect(resumedAt).toBeGreaterThan(0);
    expect(digest).toBe(expected);
    expect(readdirSync(folder)).toEqual(['run.safetensors']);
  });
});

describe('a chip that dies', () => {
  const dying = () => {
    const worker = new URL('./testing/dying-worker.ts', import.meta.url);
    return [0, 1].map((index) => chipOn(worker, index));
  };
  const set = (step: number, always = false) => {
    process.env.KOLBEN_TEST_DEATH_MARK = join(folder, 'died');
    process.env.KOLBEN_TEST_DEATH_STEP = String(step);
    process.env.KOLBEN_TEST_DEATH_ALWAYS = always ? '1' : '0';
  };

  test.each(['two', 'replicas'] as const)('is replaced, and the weights are the same: %s', async (shape) => {
    set(7);
    const mortal = dying();
    const told: number[] = [];
    const found = await train({
      ...options(shape, 12),
      chips: mortal,
      snapshotSteps: 5,
      onStep: ({ step }) => void told.push(step),
    });
    await Promise.all(mortal.map((chip) => chip.close()));
    const whole = await train(options(shape, 12));
    expect(found.replaced).toBeGreaterThan(0);
    expect(found.losses).toEqual(whole.losses);
    expect(found.parameters).toEqual(whole.parameters);
    expect(told).toEqual(Array.from({ length: 12 }, (_, step) => step));
  });

  test('is replaced before the first snapshot as well', async () => {
    set(2);
    const mortal = dying();
    const found = await train({ ...options('two', 4), chips: mortal });
    await Promise.all(mortal.map((chip) => chip.close()));
    expect(found.replaced).toBeGreaterThan(0);
    expect(found.parameters).toEqual((await train(options('two', 4))).parameters);
  });

  test('again and again at the same step ends the run with its death', async () => {
    set(3, true);
    const mortal = dying();
    await expect(train({ ...options('two', 6), chips: mortal })).rejects.toThrow(/Chip \d died/);
    for (const chip of mortal) chip.restart();
    await Promise.all(mortal.map((chip) => chip.close()));
  });
});

describe('a checkpoint that a run cannot go on from', () => {
  const run = () => ({ ...options('two', 6), checkpoint: { file: file(), everySteps: 2 } });
  const refused = (change: Partial<TrainOptions>) =>
    train({ ...run(), ...change }).then(
      () => undefined,
      (error: unknown) => error as CheckpointError,
    );

  test('cut short, changed, or no checkpoint at all', async () => {
    await train(run());
    const bytes = readFileSync(file());
    for (const length of [0, 5, 100, bytes.length - 1]) {
      writeFileSync(file(), bytes.subarray(0, length));
      const error = await refused({});
      expect(error).toBeInstanceOf(CheckpointError);
      expect(error?.message).toMatch(
        /^The checkpoint .*run\.safetensors is damaged: .*; delete it to begin again/,
      );
    }
    const changed = Buffer.from(bytes);
    changed[changed.length - 3]! ^= 1;
    writeFileSync(file(), changed);
    expect((await refused({}))?.message).toContain('its contents are not those that were written');
  });

  test('of another model, seed or data', async () => {
    await train(run());
    expect((await refused({ loss: smallModel(5) }))?.message).toContain(
      'is of another model: it has no parameter "layer4.weight" (12, 12)',
    );
    expect((await refused({ loss: smallModel(3) }))?.message).toContain('it has a parameter "layer3.');
    expect((await refused({ seed: 6 }))?.message).toContain('was written with seed 5, not 6');
    const checkpoint = { file: file(), of: 'other data' };
    expect((await refused({ checkpoint }))?.message).toContain('was written for other data or settings');
  });

  test('in a folder that does not exist: the run says so', async () => {
    await expect(
      train({ ...run(), checkpoint: { file: join(folder, 'no', 'run.safetensors') } }),
    ).rejects.toThrow(/ENOENT/);
  });
});
