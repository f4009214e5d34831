import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { programArguments } from '../../../../test/program.ts';
import { emitProgram } from '../compile/program.ts';
import { KolbenError } from '../error.ts';
import { Graph, type Value } from '../graph/graph.ts';
import { add } from '../graph/ops/add.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { mul } from '../graph/ops/mul.ts';
import { type Chip, chipOn, startChip } from './chip.ts';
import { ChipError } from './chip-error.ts';
import { Gate } from './gate.ts';
import { spawn } from './spawn.ts';

/** `y` = `build` of `x` (N). */
function program(build: (x: Value) => Value): Uint8Array {
  const value = build(new Graph().input('x', 'float32', ['N']));
  return emitProgram({ name: 'test', outputs: [{ value, name: 'y' }] }).onnx;
}

const vector = (...numbers: number[]) => ({ data: Float32Array.from(numbers), dims: [numbers.length] });
const testing = (file: string) => new URL(`./testing/${file}.ts`, import.meta.url);

describe('a chip', () => {
  let chip: Chip;
  beforeAll(async () => {
    chip = await startChip(4);
  });
  afterAll(() => chip.close());

  test('runs the programs that it has loaded, on tensors of any extent', async () => {
    const double = await chip.load(program((x) => add(x, x)));
    const square = await chip.load(program((x) => mul(x, x)));
    expect(await double.run({ x: vector(1, 2, 3) })).toEqual({ y: vector(2, 4, 6) });
    expect(await square.run({ x: vector(3) })).toEqual({ y: vector(9) });
    await double.release();
    expect(await square.run({ x: vector(4, 5) })).toEqual({ y: vector(16, 25) });
    await expect(double.run({ x: vector(1) })).rejects.toThrow(
      new ChipError('chip_released', 'Chip 4: the program has been released; load it again.'),
    );
    await square.release();
  });

  test('answers requests in the order in which they were made', async () => {
    const double = await chip.load(program((x) => add(x, x)));
    const order: number[] = [];
    await Promise.all(
      [5, 1, 4, 2].map(async (n) => {
        const { y } = await double.run({ x: { data: new Float32Array(n), dims: [n] } });
        order.push(y.data.length);
      }),
    );
    expect(order).toEqual([5, 1, 4, 2]);
    await double.release();
  });

  test('one input under two names of outputs', async () => {
    const graph = new Graph();
    const x = graph.input('x', 'int64', ['N']);
    const { onnx } = emitProgram({
      name: 'same',
      outputs: [
        { value: x, name: 'a' },
        { value: x, name: 'b' },
      ],
    });
    const same = await chip.load(onnx);
    const data = BigInt64Array.of(1n, -2n);
    const outputs = await same.run({ x: { data, dims: [2] } });
    expect(outputs).toEqual({ a: { data, dims: [2] }, b: { data, dims: [2] } });
    await same.release();
  });

  test.each([
    ['nothing', new Uint8Array(0)],
    ['something else', new TextEncoder().encode('This is no ONNX model.')],
    ['half a model', program((x) => add(x, x)).subarray(0, 60)],
  ])('refuses %s as a program, in one sentence', async (_, onnx) => {
    const error: unknown = await chip.load(onnx).catch((reason) => reason);
    expect(error).toBeInstanceOf(ChipError);
    expect(KolbenError.isInstance(error) && error.code).toBe('chip_program');
    expect((error as Error).message).toMatch(/^Chip 4: the program cannot be loaded: [^\n]+\.$/);
  });

  test('says what is wrong with the inputs, and goes on', async () => {
    const double = await chip.load(program((x) => add(x, x)));
    await expect(double.run({})).rejects.toThrow(/^Chip 4: the program failed: .*'x' is missing/);
    await expect(double.run({ x: { data: new Float32Array(4), dims: [2, 2] } })).rejects.toThrow(
      /^Chip 4: the program failed: Invalid rank for input: x .*\.$/,
    );
    await expect(double.run({ x: { data: BigInt64Array.of(1n), dims: [1] } })).rejects.toThrow(
      /^Chip 4: the program failed: Unexpected input data type/,
    );
    expect(await double.run({ x: vector(1) })).toEqual({ y: vector(2) });
    await double.release();
  });

  test('what cannot be sent to it fails by itself', async () => {
    const double = await chip.load(program((x) => add(x, x)));
    await expect(double.run({ x: { data: new Float32Array(3), dims: [2, 2] } })).rejects.toThrow(
      'Chip 4: input "x" has 3 elements; (2, 2) has 4.',
    );
    const no = (() => {}) as unknown as { program: number };
    await expect(chip.request('release', no)).rejects.toThrow(/^Chip 4 cannot be sent this: DataCloneError/);
    expect(await double.run({ x: vector(1) })).toEqual({ y: vector(2) });
    await double.release();
  });

  test('takes copies of its inputs, of parts of larger arrays as well', async () => {
    const double = await chip.load(program((x) => add(x, x)));
    const all = Float32Array.of(1, 2, 3, 4);
    const part = { data: all.subarray(1, 3), dims: [2] };
    expect(await double.run({ x: part })).toEqual({ y: vector(4, 6) });
    expect(await double.run({ x: part })).toEqual({ y: vector(4, 6) });
    await double.release();
  });
});

test('two chips work at once, each for itself', async () => {
  const chips = await Promise.all([startChip(0), startChip(1)]);
  const answers = await Promise.all(
    chips.map(async (chip, i) => {
      const run = await chip.load(program((x) => (i === 0 ? add(x, x) : mul(x, x))));
      return run.run({ x: vector(5) });
    }),
  );
  expect(answers).toEqual([{ y: vector(10) }, { y: vector(25) }]);
  await Promise.all(chips.map((chip) => chip.close()));
});

describe('closing', () => {
  test('an idle chip, one that was never used, twice, and at the same time', async () => {
    const chip = await startChip(2);
    await Promise.all([chip.close(), chip.close()]);
    await chip.close();
    await expect(chip.load(program((x) => x))).rejects.toThrow(
      new ChipError('chip_closed', 'Chip 2 is closed; start another.'),
    );
  });

  test('waits for the requests made before', async () => {
    const chip = await startChip();
    const loaded = await chip.load(program((x) => add(x, x)));
    const answer = loaded.run({ x: vector(1) });
    const closed = chip.close();
    const late = loaded.run({ x: vector(2) });
    expect(await answer).toEqual({ y: vector(2) });
    await closed;
    await expect(late).rejects.toThrow('Chip 0 is closed; start another.');
  });
});

test('a chip that was asked to leaves the times of its kernels', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kolben-profile-'));
  const chip = await startChip(3, { profileFolder: folder });
  const double = await chip.load(program((x) => add(x, x)));
  await double.run({ x: vector(1) });
  await double.release();
  await chip.close();
  const files = await readdir(folder);
  expect(files).toEqual([expect.stringMatching(/^chip3\.0\.the-program\..*\.json$/)]);
  const events: { cat: string; args?: { op_name?: string } }[] = JSON.parse(
    await readFile(join(folder, files[0]), 'utf8'),
  );
  expect(events.filter(({ cat }) => cat === 'Node').map(({ args }) => args?.op_name)).toContain('Add');
  await rm(folder, { recursive: true });
});

describe('a chip that dies', () => {
  test('fails what was asked of it and whatever is asked later, and closes', async () => {
    const chip = chipOn(testing('dying-worker'), 1);
    const loaded = await chip.load(program((x) => add(x, x)));
    expect(await loaded.run({ x: vector(1) })).toEqual({ y: vector(2) });
    const dead = new ChipError('chip_died', 'Chip 1 died: out of power');
    await expect(loaded.run({ poison: vector(1) })).rejects.toThrow(dead);
    await expect(loaded.run({ x: vector(1) })).rejects.toThrow(dead);
    await chip.close();
  });

  test('before it could answer at all', async () => {
    const chip = chipOn(testing('no-such-worker'), 1);
    await expect(chip.load(new Uint8Array(1))).rejects.toThrow(/^Chip 1 died: Cannot find module/);
  });
});

describe('the process', () => {
  const run = (ending: string) => {
    const { status, signal, stdout, stderr } = spawnSync(
      process.execPath,
      [...programArguments(testing('ending-process')), ending],
      { encoding: 'utf8', timeout: 50_000 },
    );
    return { status, signal, stdout, stderr };
  };

  test.each(['a chip that was never asked', 'a chip that has run'])('ends with %s', (ending) => {
    expect(run(ending)).toEqual({ status: 0, signal: null, stdout: '', stderr: '' });
  });

  test('does not end before a chip has answered', () => {
    expect(run('a chip at work, by its work being done')).toMatchObject({ status: 0, stdout: 'done' });
  });

  test('can be ended with a chip at work, and keeps its exit code', () => {
    expect(run('a chip at work, by process.exit')).toEqual({
      status: 3,
      signal: null,
      stdout: '',
      stderr: '',
    });
    const { status, stderr } = run('a chip at work, by an error');
    expect(status).toBe(1);
    expect(stderr).toContain('nobody catches this');
  });
});

describe('telemetry', () => {
  test('is off in the environment of the process, which native code reads', () => {
    expect(process.env.ORT_DISABLE_TELEMETRY).toBe('1');
  });

  test('is off in a chip before it loads the library, even where the environment does not say so', async () => {
    const worker = spawn(testing('loading-worker'), { env: {}, workerData: { gate: new Gate().memory } });
    const loads = await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    expect(loads).toEqual([{ file: expect.stringMatching(/onnxruntime_binding\.node$/), disabled: '1' }]);
    await worker.terminate();
  });
});

test('a chip of two threads computes what a chip of one does', async () => {
  const multiply = emitProgram({
    name: 'multiply',
    outputs: [
      {
        value: (() => {
          const x = new Graph().input('x', 'float32', [128, 128]);
          return matmul(x, x);
        })(),
        name: 'y',
      },
    ],
  }).onnx;
  const x = { data: Float32Array.from({ length: 128 * 128 }, (_, i) => Math.sin(i)), dims: [128, 128] };
  const results: Float32Array[] = [];
  for (const threads of [1, 2]) {
    const chip = await startChip(0, { threads });
    const program = await chip.load(multiply);
    results.push((await program.run({ x })).y.data as Float32Array);
    await chip.close();
  }
  results[1].forEach((value, i) => {
    expect(value).toBeCloseTo(results[0][i], 4);
  });
  await expect(startChip(0, { threads: 0 })).rejects.toThrow('Chip 0 cannot compute with 0 threads');
});
