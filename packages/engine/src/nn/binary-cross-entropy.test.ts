import { expect, test } from 'vitest';
import { createSession, ort } from '../chips/ort.ts';
import { differentiate } from '../compile/differentiate.ts';
import { emitProgram } from '../compile/program.ts';
import { Graph, type Value } from '../graph/graph.ts';
import { binaryCrossEntropy } from './binary-cross-entropy.ts';

const logits = [0.3, -2, 5, 0, -60, 60];
const targets = [1, 0, 0, 1, 0, 0];
const weights = [0.5, 2];

/** From its definition. */
function inWords(values: readonly number[]): number {
  const logistic = (x: number) => 1 / (1 + Math.exp(-x));
  return values.reduce((sum, x, i) => {
    const t = targets[i];
    const yes = t === 0 ? 0 : t * Math.log(logistic(x));
    // 1 - σ(60) is nothing in doubles, and its logarithm -60.
    const no = t === 1 ? 0 : (1 - t) * (x > 30 ? -x : Math.log(1 - logistic(x)));
    return sum - (weights[Math.floor(i / 3)] * (yes + no)) / 3;
  }, 0);
}

test('is the loss of independent questions, and so is its gradient, also where a logistic is 0 or 1', async () => {
  const graph = new Graph();
  const x = graph.input('logits', 'float32', ['B', 3]);
  const loss = binaryCrossEntropy(
    x,
    graph.input('targets', 'float32', ['B', 3]),
    graph.input('weights', 'float32', ['B']),
  );
  const gradient = differentiate(loss, [x]).get(x)?.get(0) as Value;
  const { onnx, inputs } = emitProgram({
    name: 'loss',
    outputs: [
      { value: loss, name: 'loss' },
      { value: gradient, name: 'gradient' },
    ],
  });
  const session = await createSession(onnx);
  const all: Record<string, [number[], number[]]> = {
    logits: [logits, [2, 3]],
    targets: [targets, [2, 3]],
    weights: [weights, [2]],
  };
  const outputs = await session.run(
    Object.fromEntries(
      inputs.map(({ name }) => [
        name,
        new ort.Tensor('float32', Float32Array.from(all[name][0]), all[name][1]),
      ]),
    ),
  );
  expect((outputs.loss.data as Float32Array)[0]).toBeCloseTo(inWords(logits), 3);
  const step = 1e-5;
  (outputs.gradient.data as Float32Array).forEach((value, i) => {
    const at = (by: number) => inWords(logits.map((x0, j) => (j === i ? x0 + by : x0)));
    expect(value).toBeCloseTo((at(step) - at(-step)) / (2 * step), 4);
  });
});
