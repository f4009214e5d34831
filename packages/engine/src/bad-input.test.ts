// What a caller can get wrong, through the doors that callers use: each ends in one sentence that names what is wrong
// and where, with a way out, and leaves the chips fit for use. (A graph cannot have a cycle: a value is made after those
// that it is made of.)
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  bucketByLength,
  type Chip,
  type Decoder,
  emitProgram,
  type GenerateOptions,
  Graph,
  type Initializer,
  KolbenError,
  loadDecoder,
  type Microbatch,
  makeSchedule,
  nn,
  ops,
  type Parameters,
  replicas,
  type ScheduleName,
  sequential,
  startChip,
  type TrainOptions,
  train,
  type Value,
} from './index.ts';

const shape = {
  ...{ vocabulary: 40, width: 16, layers: 2, heads: 4, keyValueHeads: 2, hidden: 24, positions: 32 },
  tied: false,
};

let chips: Chip[];
let parameters: Parameters;
let decoder: Decoder;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kolben-bad-input-'));
  mkdirSync(join(folder, 'folder'));
  writeFileSync(join(folder, 'file'), 'x');
  chips = [await startChip(0), await startChip(1)];
  parameters = (await train(options())).parameters;
  decoder = await loadDecoder(chips[0]!, shape, parameters);
});
afterAll(async () => {
  await Promise.all(chips.map((chip) => chip.close()));
  rmSync(folder, { recursive: true });
});

const integers = (dims: number[], of: (i: number) => number) => ({
  data: BigInt64Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => BigInt(of(i))),
  dims,
});
const microbatch = (change: Record<string, unknown> = {}, rows = 2): Microbatch => ({
  tokens: integers([rows, 8], (i) => i % 40),
  targets: integers([rows, 8], (i) => (i + 1) % 40),
  positions: integers([rows, 8], (i) => i % 8),
  weights: { data: new Float32Array(rows * 8).fill(1 / 32), dims: [rows, 8] },
  ...(change as Microbatch),
});
/** A run of two steps, with changes that types would not let through. */
const options = (change: object = {}): TrainOptions => ({
  loss: nn.decoderLoss(shape, { length: 8 }),
  cuts: [],
  schedule: sequential({ stages: 1, microbatches: 2 }),
  chips,
  steps: 2,
  microbatches: () => [microbatch(), microbatch()],
  learningRate: () => 1e-3,
  optimizer,
  bounds: { B: 2 },
  seed: 1,
  ...change,
});
const optimizer = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0 };
const withMicrobatch = (change: object, rows?: number) => ({
  microbatches: () => [microbatch(), microbatch(change as Record<string, unknown>, rows)],
});

/** The sentence of the error. */
async function refused(what: () => unknown): Promise<string> {
  let error: unknown;
  try {
    await what();
  } catch (thrown) {
    error = thrown;
  }
  expect(KolbenError.isInstance(error), `${error}`).toBe(true);
  const { message } = error as KolbenError;
  expect(message).toMatch(/^[^\n]+\.$/);
  return message;
}

const stages = (count: number) => makeSchedule('gpipe', { stages: count, microbatches: 2 }).schedule;

describe('a run', () => {
  test.each<[string, object, string]>([
    ['no loss', { loss: undefined }, 'There is no loss; give the value that a model ends in.'],
    [
      'stages that outnumber blocks',
      { cuts: [...Array(20).keys()], schedule: stages(21) },
      'The model has 6 blocks and cannot be cut into 21 stages; use 6 or fewer.',
    ],
    ['a cut that does not exist', { cuts: [99], schedule: stages(2) }, 'from 0 to 4, not [99]'],
    ['cuts for another schedule', { cuts: [1] }, 'has 1 stages but the model is cut into 2; give 0 cuts'],
    ['recomputation of other stages', { recompute: [true, false] }, 'recompute has 2 entries; give one'],
    ['no chips', { chips: [] }, 'needs 1 chips and was given 0'],
    ['no optimizer', { optimizer: undefined }, 'There is no optimizer; give one.'],
    ['beta1 of 1', { optimizer: { ...optimizer, beta1: 1 } }, 'optimizer.beta1 is 1; it must lie in [0, 1).'],
    ['a negative epsilon', { optimizer: { ...optimizer, epsilon: -1 } }, 'epsilon is -1; it must be 0 or'],
    ['decay by NaN', { optimizer: { ...optimizer, weightDecay: Number.NaN } }, 'weightDecay is NaN; it must'],
    [
      'a momentum of 1',
      { optimizer: { ...optimizer, muon: { momentum: 1 } } },
      'muon.momentum is 1; it must lie in [0, 1).',
    ],
    ['clipping to 0', { optimizer: { ...optimizer, clipNorm: 0 } }, 'clipNorm is 0; it must be above 0'],
    ['a negative learning rate', { learningRate: () => -1 }, 'rate of step 0 is -1; it must be 0 or more'],
    ['no learning rate', { learningRate: () => undefined }, 'rate of step 0 is undefined; it must be 0'],
    ['half a step', { steps: 1.5 }, 'steps is 1.5; it must be a whole number of 0 or more.'],
    ['steps that are no number', { steps: Number.NaN }, 'steps is NaN; it must be a whole number'],
    ['half a seed', { seed: 0.5 }, 'seed is 0.5; it must be a whole number.'],
    ['a bound of 0', { bounds: { B: 0 } }, 'bounds.B is 0; it must be a whole number of 1 or more.'],
    ['a bound that is no number', { bounds: { B: Number.NaN } }, 'bounds.B is NaN; it must be a whole'],
    ['snapshots every 0 steps', { snapshotSteps: 0 }, 'snapshotSteps is 0; it must be a whole number of 1'],
    ['a negative timeline', { timelineSteps: -1 }, 'timelineSteps is -1; it must be a whole number of 0'],
    ['memory of NaN bytes', { memoryLimit: Number.NaN }, 'memoryLimit is NaN; it must be a number of bytes'],
    ['a list to begin with', { initial: { x: [0] } }, 'start values of "x" are no Float32Array; give one'],
    ['no microbatches', { microbatches: () => undefined }, 'gave no list for step 0; return 2 microbatches'],
    [
      'an input of another type',
      withMicrobatch({ tokens: { data: new Float32Array(16), dims: [2, 8] } }),
      'Input "tokens" of step 0, microbatch 1 is float32; the model expects int64.',
    ],
    [
      'an input that is missing',
      withMicrobatch({ targets: undefined }),
      'Input "targets" of step 0, microbatch 1 is missing; the model expects int64 (B, 8).',
    ],
    [
      'an input that is a list',
      withMicrobatch({ tokens: [1, 2] }),
      'microbatch 1 is no tensor; give { data,',
    ],
    [
      'negative extents',
      withMicrobatch({ tokens: { data: new BigInt64Array(16), dims: [-2, -8] } }),
      'Input "tokens" of step 0, microbatch 1 is no tensor; give { data, dims } with a typed array',
    ],
    ['a batch above its bound', withMicrobatch({}, 3), 'B is 3 in step 0, above its bound of 2; raise'],
    ['an empty batch', withMicrobatch({}, 0), 'Microbatch 1 of step 0 is empty: none of its inputs has'],
    [
      'a token that does not exist',
      withMicrobatch({ tokens: integers([2, 8], (i) => 30 + i) }),
      'Input "tokens" (2, 8) of step 0, microbatch 1 holds 40: gather at "embed" takes rows of (40, 16), so give numbers from 0 to 39.',
    ],
    [
      'a token below 0, which would be another one',
      withMicrobatch({ tokens: integers([2, 8], () => -1) }),
      'holds -1: gather at "embed" takes rows of (40, 16)',
    ],
    ['a target that does not exist', withMicrobatch({ targets: integers([2, 8], () => 40) }), 'at "head0"'],
    [
      'a token beyond a table in parts',
      {
        loss: nn.decoderLoss({ ...shape, tied: true }, { length: 8, headParts: 3 }),
        ...withMicrobatch({ tokens: integers([2, 8], () => 40) }),
      },
      'Input "tokens" (2, 8) of step 0, microbatch 1 holds 40: the model has 40 of them, so give numbers from 0 to 39.',
    ],
    [
      'a position beyond the table',
      withMicrobatch({ positions: integers([2, 8], () => 32) }),
      'holds 32: rotary at "attention0" takes 32 positions, so give numbers from 0 to 31.',
    ],
    [
      'a number beyond 2^32 that ends like a token',
      withMicrobatch({ tokens: integers([2, 8], () => 2 ** 32 + 1) }),
      'holds 4294967297: gather at "embed"',
    ],
    [
      'weights that are no numbers',
      withMicrobatch({ weights: { data: new Float32Array(16).fill(Number.NaN), dims: [2, 8] } }),
      'The loss is NaN at step 0, microbatch 1: the input "weights" (2, 8) holds NaN; use a lower',
    ],
  ])('with %s', async (_, change, message) => {
    expect(await refused(() => train(options(change)))).toContain(message);
  });

  test('with a chip that is given twice, closed, or at work', async () => {
    const schedule = replicas({ replicas: 2, stages: 1, microbatches: 2 });
    expect(await refused(() => train(options({ schedule, chips: [chips[0], chips[0]] })))).toBe(
      'Chip 0 is given twice; start one chip for each.',
    );
    const closed = await startChip(7);
    await closed.close();
    expect(await refused(() => train(options({ chips: [closed] })))).toBe('Chip 7 is closed; start another.');
    const first = train(options({ steps: 20 }));
    expect(await refused(() => train(options()))).toContain('it takes part in another run; wait for its end');
    await first;
  });

  test.each([
    ['in a folder that does not exist', 'no/x', /could not be written, the system says ENOENT; make room/],
    ['that is a folder', 'folder', /cannot be read, it is a folder; name a file\.$/],
    ['under a file', 'file/x', /cannot be read, the system says ENOTDIR; name a file\.$/],
    [
      'that is something else',
      'file',
      /is damaged: it is cut short or no safetensors file \(1 bytes\); delete/,
    ],
  ])('with a checkpoint %s', async (_, name, message) => {
    expect(await refused(() => train(options({ checkpoint: { file: join(folder, name) } })))).toMatch(
      message,
    );
  });

  test('with a checkpoint without a name, or written never', async () => {
    expect(await refused(() => train(options({ checkpoint: { file: '' } })))).toBe(
      'checkpoint.file is empty; name a file.',
    );
    const checkpoint = { file: join(folder, 'x'), everySteps: 0 };
    expect(await refused(() => train(options({ checkpoint })))).toContain('checkpoint.everySteps is 0');
  });

  test('after all these, trains as if nothing had been', async () => {
    expect((await train(options())).parameters).toEqual(parameters);
  });
});

test('a loss through an op that has no gradient', async () => {
  const graph = new Graph();
  const loss = graph.block('head', () => {
    const [q, k] = ['q', 'k'].map((name) => graph.parameter(name, [1, 1, 2, 2], { kind: 'ones' }));
    return ops.reduceSum(ops.attentionWeights(q!, k!, 1), [0, 1, 2, 3]);
  });
  const run = { loss, bounds: {}, microbatches: () => [{}, {}] };
  expect(await refused(() => train(options(run)))).toBe(
    'attentionWeights at "head", which makes (1, 1, 2, 2), has no gradient; let no parameter reach the loss through it.',
  );
});

describe('a graph', () => {
  const input = () => new Graph().input('x', 'float32', ['B', 3]);
  test.each<[string, () => unknown, string]>([
    [
      'shapes that do not match, by op, place and shapes',
      () => {
        const x = input();
        x.graph.block('head', () => ops.matmul(x, x.graph.parameter('w', [4, 2], { kind: 'zeros' })));
      },
      'matmul at "head" cannot take float32 (B, 3) and float32 (4, 2): the inner dimensions 3 and 4 differ.',
    ],
    ['an axis that is not there', () => ops.reduceSum(input(), [3]), 'reduceSum cannot take float32 (B, 3):'],
    ['nothing for a value', () => ops.add(input(), undefined as unknown as Value), 'add was given undefined'],
    ['no value at all', () => ops.concat([], 0), 'concat was given no values; it takes values of a graph.'],
    [
      'values of two graphs',
      () => ops.add(input(), input()),
      'add was given a value of another graph; build',
    ],
    [
      'blocks inside each other',
      nested,
      'The block "b" is begun inside the block "a"; end that first, or use `graph.scope`.',
    ],
    [
      'a type that no tensor has',
      () => new Graph().input('x', 'float16' as 'float32', ['B']),
      'The input "x" cannot be float16; use one of float32, float64, int32, int64, bool.',
    ],
    [
      'an extent that is none',
      () => new Graph().input('x', 'float32', ['B ', 1.5]),
      'cannot be (B , 1.5); its',
    ],
    [
      'a parameter of unknown extent',
      () => new Graph().parameter('w', ['B' as unknown as number], { kind: 'zeros' }),
      'The parameter "w" cannot be (B); its extents are whole numbers above 0.',
    ],
    [
      'a parameter that begins as nothing known',
      () => new Graph().parameter('w', [2], { kind: 'uniform' } as unknown as Initializer),
      'The parameter "w" (2) cannot begin as {"kind":"uniform"}; use zeros, ones, or normal',
    ],
    [
      'a constant of another type',
      () => new Graph().constant({ data: new Float32Array(2), dims: [2] }, 'int64'),
      'A constant (2) of int64 was given float32; give the typed array of its type.',
    ],
    [
      'a program of nothing',
      () => emitProgram({ name: 'F', outputs: [] }),
      'The program F has no outputs; give',
    ],
  ])('with %s', async (_, build, message) => {
    expect(await refused(build)).toContain(message);
  });

  function nested() {
    const graph = new Graph();
    graph.block('a', () => graph.block('b', () => graph.input('x', 'float32', [])));
  }
});

describe('a decoder', () => {
  test.each<[string, () => unknown, string]>([
    [
      'heads that do not divide its width',
      () => loss({ heads: 3 }),
      'width is 16 and heads is 3; the width must',
    ],
    [
      'heads in uneven groups',
      () => loss({ keyValueHeads: 3 }),
      'heads is 4 and keyValueHeads is 3; the second',
    ],
    ['no layers', () => loss({ layers: 0 }), 'layers is 0; it must be a whole number from 1 to 2^24'],
    ['epsilon 0', () => loss({ epsilon: 0 }), 'epsilon is 0; it must be above 0'],
    [
      'a dropout rate of 1',
      () => loss({}, { dropout: 1 }),
      'A dropout rate at "embed" lies in [0, 1), not 1; 0',
    ],
    ['smoothing of 1', () => loss({}, { smoothing: 1 }), 'smoothing is 1; it must lie in [0, 1)'],
    ['rows of no length', () => loss({}, { length: 0 }), 'length is 0; it must be a whole number from 1 to'],
    ['rows that it has no positions for', () => loss({}, { length: 33 }), "to the model's 32 positions"],
    [
      'more parts of its head than tokens',
      () => loss({}, { headParts: 41 }),
      'cannot have 41 parts; give 1 to 40.',
    ],
    ['no classes', () => nn.encoderClassifier(shape, { classes: 0 }), 'cannot tell 0 classes apart; give'],
    ['a missing parameter', () => load({}, {}), 'The parameter "embed.tokens" is missing; a decoder of this'],
    [
      'parameters of another one',
      () => load({ hidden: 25 }),
      '"feedForward0.gate" has 384 numbers; a decoder',
    ],
    ['an empty prompt', () => make({ prompt: [] }), 'The prompt has no token; give one or more.'],
    ['no prompt', () => make({ prompt: undefined }), 'The prompt has no token; give one or more.'],
    ['a token that does not exist', () => make({ prompt: [40] }), '40 is no token: they run from 0 to 39.'],
    ['half a token', () => make({ prompt: [1.5] }), '1.5 is no token: they run from 0 to 39.'],
    ['a prompt beyond its positions', () => make({ prompt: Array(33).fill(1) }), 'give its last ones only'],
    [
      'a temperature that is no number',
      () => make({ temperature: Number.NaN }),
      'temperature is NaN; it must',
    ],
    ['topK of 0', () => make({ topK: 0 }), 'topK is 0; it must be a whole number of 1 or more.'],
    ['topP of 2', () => make({ topP: 2 }), 'topP is 2; it must lie above 0 and not above 1.'],
    [
      'no number of tokens',
      () => make({ tokens: undefined }),
      'tokens is undefined; it must be a whole number',
    ],
    ['half a seed', () => make({ seed: 0.5 }), 'seed is 0.5; it must be a whole number.'],
    ['one stop token for a list', () => make({ stop: 3 }), 'stop is no list; give the numbers of tokens.'],
  ])('with %s', async (_, what, message) => {
    expect(await refused(what)).toContain(message);
  });

  const loss = (change: object, others: object = {}) =>
    nn.decoderLoss({ ...shape, ...change }, { length: 8, ...others });
  const load = (change: object, own = parameters) => loadDecoder(chips[0]!, { ...shape, ...change }, own);
  const make = (change: object) =>
    decoder.generate({ prompt: [1], tokens: 3, ...change } as GenerateOptions).next();

  test('of numbers that are none, or that has been released', async () => {
    const broken = await load({}, { ...parameters, 'head0.norm': new Float32Array(16).fill(Number.NaN) });
    const first = () => broken.generate({ prompt: [1], tokens: 1 }).next();
    expect(await refused(first)).toContain('The logits are not numbers; look for such numbers among the');
    await broken.release();
    expect(await refused(first)).toContain('the program has been released; load it again.');
  });

  test('ends at its last position, however many tokens are asked for', async () => {
    const tokens: number[] = [];
    for await (const token of decoder.generate({ prompt: [1], tokens: 1000 })) tokens.push(token);
    expect(tokens).toHaveLength(32);
  });
});

describe('a chip', () => {
  const double = () => {
    const x = new Graph().input('x', 'float32', ['B']);
    return emitProgram({ name: 'double', outputs: [{ value: ops.add(x, x), name: 'y' }] }).onnx;
  };

  test('without a number, threads or a folder', async () => {
    expect(await refused(() => startChip(Number.NaN))).toContain('give a whole number of 0 or more');
    expect(await refused(() => startChip(0, { threads: 1.5 }))).toContain('give a whole number of 1 or more');
    expect(await refused(() => startChip(0, { profileFolder: join(folder, 'no') }))).toContain(
      'make it first',
    );
  });

  test('with something else than a program, or than tensors', async () => {
    // The runtime takes a text for the name of a file.
    const text = join(folder, 'file') as unknown as Uint8Array;
    expect(await refused(() => chips[0]!.load(text))).toContain(
      'is no Uint8Array; give the bytes of an ONNX',
    );
    const program = await chips[0]!.load(double());
    const list = { x: [1, 2] } as unknown as Microbatch;
    expect(await refused(() => program.run(list))).toContain('input "x" is no tensor; give { data, dims }');
    expect(await refused(() => program.run({}))).toContain("input 'x' is missing");
    await program.release();
  });
});

test('batches and schedules that cannot be made', async () => {
  const buckets = (change: object) => () =>
    bucketByLength([1, 2, 3], { batch: 2, seed: 1, epoch: 0, ...change });
  expect(await refused(buckets({ batch: 0 }))).toBe('batch is 0; it must be a whole number of 1 or more.');
  expect(await refused(buckets({ window: 0.5 }))).toBe(
    'window is 0.5; it must be a whole number of 1 or more.',
  );
  expect(await refused(buckets({ seed: Number.NaN }))).toBe('seed is NaN; it must be a whole number.');
  expect(await refused(() => makeSchedule('dualpipe', { stages: 2, microbatches: 5 }))).toContain(
    "can't have 5: give an even number.",
  );
  const unknown = 'fastest' as ScheduleName;
  expect(await refused(() => makeSchedule(unknown, { stages: 2, microbatches: 4 }))).toMatch(
    /^There is no schedule fastest: use one of sequential, gpipe,/,
  );
});
