import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Chip, startChip } from '../chips/chip.ts';
import { differentiate } from '../compile/differentiate.ts';
import { emitProgram, portName } from '../compile/program.ts';
import { Graph } from '../graph/graph.ts';
import { randomStream, uniform } from '../run/random.ts';
import { decoderLoss } from './decoder.ts';
import { divergence } from './divergence.ts';

let chip: Chip;
beforeAll(async () => {
  chip = await startChip(0);
});
afterAll(() => chip.close());

const [rows, classes, known] = [3, 7, 2];
const draw = randomStream(1, 'divergence');
const randoms = (count: number, width: number) =>
  Array.from({ length: count }, () => Array.from({ length: width }, () => 6 * uniform(draw) - 3));
const logits = randoms(rows, classes);
const teacherLogits = randoms(rows, classes);
const weights = [0.5, 1, 0.25];
const softmax = (row: readonly number[]) => {
  const sum = row.reduce((all, x) => all + Math.exp(x), 0);
  return row.map((x) => Math.exp(x) / sum);
};
/** The teacher's likeliest classes. */
const likeliest = teacherLogits.map((row) =>
  [...row.keys()].sort((a, b) => row[b]! - row[a]!).slice(0, known),
);
/** Shares of the known classes and, as the last, of all others. */
const shares = (row: readonly number[], which: readonly number[]) => {
  const all = softmax(row);
  const first = which.map((c) => all[c]!);
  return [...first, all.reduce((sum, p, c) => (which.includes(c) ? sum : sum + p), 0)];
};

/** The definition, in float64, from shares. */
function expected(
  student: readonly (readonly number[])[],
  { reverse = 0, temperature = 1, top = false }: { reverse?: number; temperature?: number; top?: boolean },
): number {
  return student.reduce((sum, row, i) => {
    const tempered = (all: readonly number[]) => softmax(all.map((p) => Math.log(p) / temperature));
    const [p, q] = [teacherLogits[i]!, row].map((one) =>
      tempered(top ? shares(one, likeliest[i]!) : softmax(one)),
    ) as [number[], number[]];
    const kl = (a: number[], b: number[]) => a.reduce((all, x, c) => all + x * Math.log(x / b[c]!), 0);
    return sum + weights[i]! * temperature ** 2 * ((1 - reverse) * kl(p, q) + reverse * kl(q, p));
  }, 0);
}

const flat = (all: readonly (readonly number[])[]) => ({
  data: Float32Array.from(all.flat()),
  dims: [all.length, all[0]!.length],
});

describe.each([
  ['forward', {}],
  ['reverse', { reverse: 1 }],
  ['a mix of both, warm', { reverse: 0.5, temperature: 2.5 }],
  ['forward, of the likeliest and the rest', { top: true }],
  ['reverse, of the likeliest and the rest, warm', { top: true, reverse: 1, temperature: 2 }],
  ['a mix, of the likeliest and the rest, cool', { top: true, reverse: 0.3, temperature: 0.7 }],
])('the divergence, %s', (_, options: { reverse?: number; temperature?: number; top?: boolean }) => {
  test('is that of the definition, and so is its gradient', async () => {
    const graph = new Graph();
    const student = graph.input('logits', 'float32', ['N', classes]);
    const { top, ...rest } = options;
    const teacher = top
      ? {
          classes: graph.input('classes', 'int64', ['N', known]),
          logShares: graph.input('logShares', 'float32', ['N', known + 1]),
        }
      : { logShares: graph.input('logShares', 'float32', ['N', classes]) };
    const loss = divergence(student, teacher, graph.input('weights', 'float32', ['N']), rest);
    const gradient = differentiate(loss, [student]).get(student)!.get(0)!;
    const { onnx, inputs } = emitProgram({
      name: 'divergence',
      outputs: [
        { value: loss, name: 'loss' },
        { value: gradient, name: 'gradient' },
      ],
    });
    expect(portName(student)).toBe('logits');
    const program = await chip.load(onnx);
    const given: Record<string, { data: Float32Array | BigInt64Array; dims: number[] }> = {
      logits: flat(logits),
      weights: { data: Float32Array.from(weights), dims: [rows] },
      classes: { data: BigInt64Array.from(likeliest.flat(), BigInt), dims: [rows, known] },
      logShares: flat(
        teacherLogits.map((row, i) =>
          (top ? shares(row, likeliest[i]!) : softmax(row)).map((share) => Math.log(share)),
        ),
      ),
    };
    const found = await program.run(Object.fromEntries(inputs.map(({ name }) => [name, given[name]!])));
    await program.release();
    expect(found.loss!.data[0]).toBeCloseTo(expected(logits, options), 4);
    const step = 1e-5;
    for (let i = 0; i < rows; i++)
      for (let c = 0; c < classes; c++) {
        const moved = (by: number) =>
          expected(
            logits.map((row, r) => row.map((x, k) => (r === i && k === c ? x + by : x))),
            options,
          );
        const slope = (moved(step) - moved(-step)) / (2 * step);
        expect(Number(found.gradient!.data[i * classes + c]), `${i}, ${c}`).toBeCloseTo(slope, 4);
      }
  });
});

test.each([
  [{ known: 40 }, 'the teacher knows 40 tokens; it must be a whole number from 1 to 39, or left out'],
  [{ share: 0 }, "the teacher's share is 0; it must lie in (0, 1]"],
  [{ reverse: 2 }, 'reverse is 2; it must lie in [0, 1]'],
  [{ temperature: 0 }, 'the temperature is 0; it must be above 0'],
])('a teacher of %o is refused', (teacher, message) => {
  const shape = {
    ...{
      vocabulary: 40,
      width: 16,
      layers: 1,
      heads: 2,
      keyValueHeads: 2,
      hidden: 16,
      positions: 8,
      tied: true,
    },
  };
  expect(() => decoderLoss(shape, { length: 8, teacher })).toThrow(message);
  expect(() => decoderLoss(shape, { length: 8, headParts: 2, teacher: {} })).toThrow(
    'with a teacher it must have one',
  );
});
