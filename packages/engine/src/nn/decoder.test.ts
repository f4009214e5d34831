import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Chip, startChip } from '../chips/chip.ts';
import { possibleCuts } from '../compile/possible-cuts.ts';
import { emitProgram } from '../compile/program.ts';
import { Llama2cError, readLlama2c } from '../formats/llama2c.ts';
import { readSafetensors, writeSafetensors } from '../formats/safetensors.ts';
import type { Microbatch } from '../run/microbatch-orders.ts';
import { randomStream, uniform } from '../run/random.ts';
import type { Parameters as Weights } from '../run/run-state.ts';
import { type TrainOptions, train } from '../run/train.ts';
import { replicas } from '../schedule/replicas.ts';
import { makeSchedule } from '../schedule/schedules.ts';
import { sequential } from '../schedule/sequential.ts';
import { type DecoderLossOptions, type DecoderShape, decoderLoss } from './decoder.ts';
import { divideTables } from './divide-tables.ts';
import { type GenerateOptions, loadDecoder } from './generate.ts';
import { joinTables } from './join-tables.ts';
import { llamaInLoops } from './testing/llama-in-loops.ts';
import { llama2cBytes } from './testing/llama2c-bytes.ts';

const data = process.env.KOLBEN_TEST_DATA;
const required = process.env.KOLBEN_TEST_REQUIRE === '1';

let chips: Chip[];
beforeAll(async () => {
  chips = await Promise.all([startChip(0), startChip(1)]);
});
afterAll(async () => {
  await Promise.all(chips.map((chip) => chip.close()));
});

const counts = {
  width: 16,
  hidden: 24,
  layers: 2,
  heads: 4,
  keyValueHeads: 2,
  vocabulary: 40,
  positions: 32,
};
const invented = (change: Partial<typeof counts> = {}) => llama2cBytes({ ...counts, ...change });

function likeliest(logits: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i]! > logits[best]!) best = i;
  return best;
}

async function collect(tokens: AsyncIterable<number>): Promise<number[]> {
  const all: number[] = [];
  for await (const token of tokens) all.push(token);
  return all;
}

/** One row of inputs for the loss: every token's target is the next. */
function rowsOf(sequences: readonly (readonly number[])[], length: number): Microbatch {
  const flat = (of: (sequence: readonly number[], i: number) => number) =>
    sequences.flatMap((sequence) => Array.from({ length }, (_, i) => of(sequence, i)));
  const dims = [sequences.length, length];
  const integers = (numbers: number[]) => ({ data: BigInt64Array.from(numbers, BigInt), dims });
  const count = flat((sequence, i) => Number(i + 1 < sequence.length)).reduce((a, b) => a + b);
  return {
    tokens: integers(flat((sequence, i) => sequence[i] ?? 0)),
    targets: integers(flat((sequence, i) => sequence[i + 1] ?? 0)),
    positions: integers(flat((_, i) => i)),
    weights: {
      data: Float32Array.from(flat((sequence, i) => Number(i + 1 < sequence.length) / count)),
      dims,
    },
  };
}

/** The loss of one microbatch, computed on a chip in one program. */
async function lossOf(
  shape: DecoderShape,
  options: DecoderLossOptions,
  parameters: Weights,
  inputs: Microbatch,
): Promise<number> {
  const loss = decoderLoss(shape, options);
  const fixed = new Map(
    loss.graph.values.flatMap((value) =>
      value.source?.kind === 'parameter'
        ? [[value, { data: parameters[value.source.name], dims: value.shape as number[] }] as const]
        : [],
    ),
  );
  const emitted = emitProgram({ name: 'loss', outputs: [{ value: loss, name: 'loss' }], fixed });
  const program = await chips[0].load(emitted.onnx);
  const { loss: result } = await program.run(
    Object.fromEntries(emitted.inputs.map(({ name }) => [name, inputs[name]])),
  );
  await program.release();
  return Number(result.data[0]);
}

describe.each([
  ['tied', invented()],
  ['untied', invented({ vocabulary: -40 })],
  ['with as many heads of keys as of queries', invented({ keyValueHeads: 4 })],
])('a decoder, %s, against plain loops', (_, bytes) => {
  const { shape, parameters } = readLlama2c(bytes);
  const tokens = [1, 7, 3, 3, 39, 0, 12, 5];

  test('logits of every position', async () => {
    const step = llamaInLoops(bytes);
    const expected = tokens.map((token) => step(token));
    const decoder = await loadDecoder(chips[0], shape, parameters);
    const { data: found, dims } = await decoder.logits(tokens);
    expect(dims).toEqual([tokens.length, 40]);
    expected.forEach((row, i) => {
      row.forEach((value, j) => {
        expect(found[i * 40 + j], `position ${i}, token ${j}`).toBeCloseTo(value, 3);
      });
    });
    await decoder.release();
  });

  test('greedy tokens with kept keys and values, and the loss of the training graph', async () => {
    const step = llamaInLoops(bytes);
    const sequence = [1];
    let likelihood = 0;
    while (sequence.length < 20) {
      const logits = step(sequence.at(-1)!);
      const next = likeliest(logits);
      const most = logits[next]!;
      likelihood += -Math.log(logits.reduce((sum, value) => sum + Math.exp(value - most), 0));
      sequence.push(next);
    }
    const decoder = await loadDecoder(chips[0], shape, parameters);
    expect(await collect(decoder.generate({ prompt: [1], tokens: 19 }))).toEqual(sequence.slice(1));
    await decoder.release();
    const loss = await lossOf(shape, { length: 20 }, parameters, rowsOf([sequence], 20));
    expect(loss).toBeCloseTo(-likelihood / 19, 4);
  });
});

describe('the loss', () => {
  const { shape, parameters } = readLlama2c(invented({ vocabulary: -40 }));
  const draw = randomStream(1, 'tokens');
  const sequence = (length: number) => Array.from({ length }, () => Math.floor(40 * uniform(draw)));

  test('of attention in blocks is that of attention at once', async () => {
    const wide = { ...shape, positions: 128 };
    const tokens = sequence(128);
    const inputs = rowsOf([tokens], 128);
    const inBlocks = await lossOf(wide, { length: 128 }, parameters, inputs);
    const segments = { data: new BigInt64Array(128), dims: [1, 128] };
    const atOnce = await lossOf(wide, { length: 128, packed: true }, parameters, { ...inputs, segments });
    expect(inBlocks).toBeCloseTo(atOnce, 4);
  });

  test('of a head in parts is that of the whole, with and without smoothing', async () => {
    const inputs = rowsOf([sequence(16), sequence(12)], 16);
    for (const model of [{ shape, parameters }, readLlama2c(invented())]) {
      const parts = divideTables(model.shape, model.parameters, 3);
      const names = model.shape.tied
        ? ['embed.tokens0', 'embed.tokens1', 'embed.tokens2']
        : ['head0.table', 'head1.table', 'head2.table'];
      expect(names.map((name) => parts[name]?.length)).toEqual([13 * 16, 13 * 16, 14 * 16]);
      for (const smoothing of [0, 0.1]) {
        const whole = await lossOf(model.shape, { length: 16, smoothing }, model.parameters, inputs);
        const divided = await lossOf(model.shape, { length: 16, smoothing, headParts: 3 }, parts, inputs);
        expect(divided).toBeCloseTo(whole, 4);
      }
      expect(joinTables(model.shape, parts)).toEqual(model.parameters);
      expect(joinTables(model.shape, model.parameters)).toEqual(model.parameters);
      const logits = async (weights: Weights) => {
        const decoder = await loadDecoder(chips[0], model.shape, weights);
        const { data } = await decoder.logits([1, 2, 30]);
        await decoder.release();
        return data;
      };
      expect(await logits(parts)).toEqual(await logits(model.parameters));
    }
    expect(() => decoderLoss(shape, { length: 16, headParts: 41 })).toThrow(
      'A head of 40 rows cannot have 41 parts; give 1 to 40.',
    );
  });

  test('of packed rows is that of the sequences alone', async () => {
    const sequences = [sequence(6), sequence(9), sequence(5), sequence(11)];
    const total = sequences.reduce((sum, one) => sum + one.length - 1, 0);
    let alone = 0;
    for (const one of sequences)
      alone +=
        ((await lossOf(shape, { length: 16 }, parameters, rowsOf([one], 16))) * (one.length - 1)) / total;
    const length = 16;
    const rows = [
      [0, 1],
      [2, 3],
    ];
    const place = (of: (s: number, i: number) => number, padding: number) =>
      rows.flatMap((members) => {
        const numbers = members.flatMap((s) => sequences[s]!.map((_, i) => of(s, i)));
        return [...numbers, ...Array.from({ length: length - numbers.length }, () => padding)];
      });
    const dims = [2, length];
    const integers = (numbers: number[]) => ({ data: BigInt64Array.from(numbers, BigInt), dims });
    const packed = await lossOf(shape, { length, packed: true }, parameters, {
      tokens: integers(place((s, i) => sequences[s]![i]!, 0)),
      targets: integers(place((s, i) => sequences[s]![i + 1] ?? 0, 0)),
      positions: integers(place((_, i) => i, 0)),
      segments: integers(place((s) => s, -1)),
      weights: {
        data: Float32Array.from(place((s, i) => Number(i + 1 < sequences[s]!.length) / total, 0)),
        dims,
      },
    });
    expect(packed).toBeCloseTo(alone, 4);
  });

  test('can be cut between parts of layers and of the head', () => {
    const blocks = (loss: ReturnType<typeof decoderLoss>) => loss.graph.blocks.map(({ name }) => name);
    const untied = decoderLoss(shape, { length: 8, headParts: 2 });
    expect(blocks(untied)).toEqual([
      'embed',
      'attention0',
      'feedForward0',
      'attention1',
      'feedForward1',
      'head0',
      'head1',
    ]);
    expect(possibleCuts(untied)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('trains to the same bits on two chips, cut inside the head', async () => {
    const options = {
      chips,
      steps: 5,
      microbatches: (step: number) =>
        Array.from({ length: 4 }, (_, m) => {
          const stream = randomStream(9, step, m);
          const tokens = () => Array.from({ length: 8 }, () => Math.floor(40 * uniform(stream)));
          return rowsOf([tokens(), tokens()], 8);
        }),
      learningRate: () => 0.01,
      optimizer: { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0 },
      bounds: { B: 2 },
      seed: 1,
    };
    const loss = () => decoderLoss(shape, { length: 8, headParts: 2, dropout: 0.1 });
    const one = await train({
      ...options,
      loss: loss(),
      cuts: [],
      schedule: sequential({ stages: 1, microbatches: 4 }),
    });
    const two = await train({
      ...options,
      loss: loss(),
      cuts: [5],
      schedule: makeSchedule('zb-h1', { stages: 2, microbatches: 4 }).schedule,
    });
    expect(two.losses).toEqual(one.losses);
    expect(two.parameters).toEqual(one.parameters);
  });
});

describe('what cannot be read or asked', () => {
  test('a file that ends early, goes on, or is something else', () => {
    const bytes = invented();
    expect(() => readLlama2c(bytes.subarray(0, 20))).toThrow(Llama2cError);
    expect(() => readLlama2c(bytes.subarray(0, -4))).toThrow(/where its header asks for/);
    expect(() => readLlama2c(new Uint8Array([...bytes, 0, 0, 0, 0]))).toThrow(/where its header asks for/);
    expect(() => readLlama2c(new TextEncoder().encode('{"not": "a model of any kind"}'))).toThrow(
      /does not begin like a llama2\.c model/,
    );
  });

  test('a token that does not exist, an empty prompt, options out of range', async () => {
    const { shape, parameters } = readLlama2c(invented());
    const decoder = await loadDecoder(chips[0], shape, parameters);
    const first = (options: Partial<GenerateOptions>) =>
      decoder.generate({ prompt: [1], tokens: 3, ...options }).next();
    await expect(first({ prompt: [40] })).rejects.toThrow('40 is no token: they run from 0 to 39.');
    await expect(first({ prompt: [] })).rejects.toThrow('The prompt has no token');
    await expect(first({ prompt: Array(33).fill(1) })).rejects.toThrow('the model has 32 positions');
    await expect(first({ temperature: -1 })).rejects.toThrow('must be 0 or more');
    await expect(first({ topP: 0 })).rejects.toThrow('must lie above 0');
    expect(await collect(decoder.generate({ prompt: [1], tokens: 1000 }))).toHaveLength(32);
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(first({ signal })).rejects.toThrow('enough');
    await decoder.release();
  });
});

describe.skipIf(!data && !required)('a real trained decoder (needs KOLBEN_TEST_DATA)', () => {
  const folder = () => {
    if (!data) throw new Error('KOLBEN_TEST_DATA is not set: name the folder that holds stories260k.');
    return join(data, 'stories260k');
  };
  const model = () => readFileSync(join(folder(), 'stories260K.bin'));

  /** Pieces of llama2.c's tokenizer file: a score, a length and bytes each. */
  const pieces = () => {
    const file = readFileSync(join(folder(), 'tok512.bin'));
    const all: string[] = [];
    for (let at = 4; at < file.length; ) {
      const length = file.readInt32LE(at + 4);
      all.push(file.toString('utf8', at + 8, at + 8 + length));
      at += 8 + length;
    }
    return all;
  };

  test('tells the very story that plain loops tell', async () => {
    const bytes = model();
    const step = llamaInLoops(bytes);
    const expected: number[] = [];
    for (let token = 1; expected.length < 250; expected.push(token)) token = likeliest(step(token));
    const { shape, parameters } = readLlama2c(bytes);
    const decoder = await loadDecoder(chips[0], shape, parameters);
    const found = await collect(decoder.generate({ prompt: [1], tokens: 250 }));
    await decoder.release();
    expect(found).toEqual(expected);
    const words = pieces();
    const text = found
      .map((token) => words[token])
      .join('')
      .trimStart();
    expect(text).toMatch(/^Once upon a time, there was a little girl named Lily/);
  });

  test('is fine-tuned on two chips, written as safetensors and read back', async () => {
    const { shape, parameters } = readLlama2c(model());
    const decoder = await loadDecoder(chips[0], shape, parameters);
    const story = [
      1,
      ...(await collect(decoder.generate({ prompt: [1], tokens: 60, temperature: 1, seed: 3 }))),
    ];
    await decoder.release();
    const options = (): Omit<TrainOptions, 'cuts' | 'schedule'> => ({
      loss: decoderLoss(shape, { length: 61 }),
      chips,
      steps: 8,
      microbatches: () => Array.from({ length: 2 }, () => rowsOf([story], 61)),
      learningRate: () => 1e-3,
      optimizer: { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0 },
      bounds: { B: 1 },
      seed: 1,
      initial: parameters,
    });
    const whole = await train({
      ...options(),
      cuts: [],
      schedule: replicas({ replicas: 2, stages: 1, microbatches: 2 }),
    });
    // The head has the table of tokens, and they are on different chips.
    const result = await train({
      ...options(),
      cuts: [shape.layers],
      schedule: makeSchedule('zb-h1', { stages: 2, microbatches: 2 }).schedule,
    });
    expect(result.stages.map(({ parameters }) => parameters[0].name)).toEqual([
      'embed.tokens',
      'embed.tokens',
    ]);
    expect(result.losses.at(-1)).toBeLessThan(0.8 * result.losses[0]);
    result.losses.forEach((loss, step) => {
      expect(loss).toBeCloseTo(whole.losses[step], 3);
    });
    const file = writeSafetensors(
      Object.fromEntries(
        Object.entries(result.parameters).map(([name, values]) => [
          name,
          { data: values, dims: [values.length] },
        ]),
      ),
    );
    const { tensors } = readSafetensors(file, 'tuned.safetensors');
    const read = Object.fromEntries(
      Object.entries(tensors).map(([name, tensor]) => [name, tensor.data as Float32Array]),
    );
    const tell = async (weights: Weights) => {
      const tuned = await loadDecoder(chips[0], shape, weights);
      const tokens = await collect(tuned.generate({ prompt: story.slice(0, 8), tokens: 40 }));
      await tuned.release();
      return tokens;
    };
    expect(await tell(read)).toEqual(await tell(result.parameters));
  });
});
