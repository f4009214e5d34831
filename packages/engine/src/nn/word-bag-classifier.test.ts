import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Chip, startChip } from '../chips/chip.ts';
import { emitProgram } from '../compile/program.ts';
import type { TensorData } from '../graph/dtype.ts';
import { Graph, type Value } from '../graph/graph.ts';
import { randomStream, uniform } from '../run/random.ts';
import { attentionBranchInLoops } from './testing/attention-branch-in-loops.ts';
import { attentionBranch, noDropout } from './word-bag-classifier.ts';

let chip: Chip;
beforeAll(async () => {
  chip = await startChip();
});
afterAll(() => chip.close());

const shape = { width: 8, windows: [1], classes: 5, heads: 2 };
const lengths = [7, 1, 3, 4];

const draw = randomStream(3);
const numbers = (length: number) => Float32Array.from({ length }, () => 2 * uniform(draw) - 1);
const texts = lengths.map((length) =>
  Array.from({ length }, () => Array.from(numbers(shape.width), (value) => 2 * value)),
);

/** The texts side by side in `positions` positions each, and the branch's parameters. */
async function branch(positions: number, given?: Record<string, Float32Array>) {
  const graph = new Graph();
  const words = graph.input('words', 'float32', ['B', 'T', shape.width]);
  const mask = graph.input('mask', 'float32', ['B', 'T']);
  const logits = attentionBranch(words, mask, shape, noDropout);
  const parameters: Record<string, Float32Array> = {};
  const fixed = new Map<Value, TensorData>();
  for (const value of graph.values) {
    if (value.source?.kind !== 'parameter') continue;
    const { name } = value.source;
    const dims = value.shape as number[];
    parameters[name] = given?.[name] ?? numbers(dims.reduce((product, dim) => product * dim, 1));
    fixed.set(value, { data: parameters[name], dims });
  }
  const program = await chip.load(
    emitProgram({ name: 'branch', outputs: [{ value: logits, name: 'logits' }], fixed }).onnx,
  );
  const vectors = new Float32Array(texts.length * positions * shape.width);
  const present = new Float32Array(texts.length * positions);
  texts.forEach((text, b) => {
    text.forEach((vector, t) => {
      vectors.set(vector, (b * positions + t) * shape.width);
      present[b * positions + t] = 1;
    });
  });
  const outputs = await program.run({
    words: { data: vectors, dims: [texts.length, positions, shape.width] },
    mask: { data: present, dims: [texts.length, positions] },
  });
  await program.release();
  return { parameters, logits: outputs.logits.data as Float32Array };
}

describe('the branch with attention', () => {
  test('computes what loops over one text after the other compute', async () => {
    const { parameters, logits } = await branch(7);
    texts.forEach((text, b) => {
      attentionBranchInLoops(text, parameters, shape).forEach((wanted, c) => {
        expect(logits[b * shape.classes + c]).toBeCloseTo(wanted, 4);
      });
    });
    expect(new Set(Array.from(logits, (value) => value.toFixed(3))).size).toBeGreaterThan(15);
  });

  test('does not see what fills up short texts', async () => {
    const { parameters, logits } = await branch(7);
    const filled = await branch(12, parameters);
    filled.logits.forEach((value, i) => {
      expect(value).toBeCloseTo(logits[i], 5);
    });
  });
});
