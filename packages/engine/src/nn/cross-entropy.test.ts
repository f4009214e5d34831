import { expect, test } from 'vitest';
import { createSession, ort } from '../chips/ort.ts';
import { differentiate } from '../compile/differentiate.ts';
import { emitProgram } from '../compile/program.ts';
import { Graph, type Value } from '../graph/graph.ts';
import { binaryCrossEntropy } from './binary-cross-entropy.ts';
import { crossEntropy, softCrossEntropy } from './cross-entropy.ts';

const logits = [0.3, -2, 5, 0, -60, 60];
const weights = [0.5, 2];

type Loss = (logits: Value, targets: Value, weights: Value) => Value;
type Numbers = readonly number[];

/** A loss of two texts and three classes by an independent reckoning, and its gradient by finite differences. */
async function expectLoss(
  loss: Loss,
  inWords: (row: Numbers, targets: Numbers) => number,
  targets: Numbers,
  labels?: Numbers,
): Promise<Float32Array> {
  const graph = new Graph();
  const x = graph.input('logits', 'float32', ['B', 3]);
  const t = labels ? graph.input('targets', 'int64', ['B']) : graph.input('targets', 'float32', ['B', 3]);
  const value = loss(x, t, graph.input('weights', 'float32', ['B']));
  const gradient = differentiate(value, [x]).get(x)?.get(0) as Value;
  const { onnx } = emitProgram({
    name: 'loss',
    outputs: [
      { value, name: 'loss' },
      { value: gradient, name: 'gradient' },
    ],
  });
  const session = await createSession(onnx);
  const outputs = await session.run({
    logits: new ort.Tensor('float32', Float32Array.from(logits), [2, 3]),
    targets: labels
      ? new ort.Tensor('int64', BigInt64Array.from(labels, BigInt), [2])
      : new ort.Tensor('float32', Float32Array.from(targets), [2, 3]),
    weights: new ort.Tensor('float32', Float32Array.from(weights), [2]),
  });
  const reckoned = (values: Numbers) =>
    [0, 3].reduce(
      (sum, at, b) => sum + weights[b]! * inWords(values.slice(at, at + 3), targets.slice(at, at + 3)),
      0,
    );
  expect((outputs.loss!.data as Float32Array)[0]).toBeCloseTo(reckoned(logits), 3);
  const found = outputs.gradient!.data as Float32Array;
  const step = 1e-5;
  found.forEach((slope, i) => {
    const at = (by: number) => reckoned(logits.map((value0, j) => (j === i ? value0 + by : value0)));
    expect(slope, `${i}`).toBeCloseTo((at(step) - at(-step)) / (2 * step), 4);
  });
  return found;
}

/** Of one choice among all, from its definition. */
const ofShares = (smoothing: number) => (row: Numbers, shares: Numbers) => {
  const most = Math.max(...row);
  const whole = most + Math.log(row.reduce((sum, x) => sum + Math.exp(x - most), 0));
  return -row.reduce((sum, x, c) => sum + ((1 - smoothing) * shares[c]! + smoothing / 3) * (x - whole), 0);
};

test('shares of classes, smoothed or not, give the loss of their definition and its gradient', async () => {
  const shares = [0.7, 0.1, 0.2, 0, 1, 0];
  for (const smoothing of [0, 0.1])
    await expectLoss((x, t, w) => softCrossEntropy(x, t, w, { smoothing }), ofShares(smoothing), shares);
});

test('a label gives the very gradient of all the shares on one class', async () => {
  const loss: Loss = (x, t, w) => crossEntropy(x, t, w, { smoothing: 0.1 });
  const oneHot = [0, 0, 1, 1, 0, 0];
  const ofLabels = await expectLoss(loss, ofShares(0.1), oneHot, [2, 0]);
  expect(ofLabels).toEqual(await expectLoss(loss, ofShares(0.1), oneHot));
});

test('independent questions, sure or probable, give theirs, also where a logistic is 0 or 1', async () => {
  const inWords = (row: Numbers, targets: Numbers) =>
    row.reduce((sum, x, c) => {
      const t = targets[c]!;
      const yes = t === 0 ? 0 : t * Math.log(1 / (1 + Math.exp(-x)));
      // 1 - σ(60) is nothing in doubles, and its logarithm -60.
      const no = t === 1 ? 0 : (1 - t) * (x > 30 ? -x : Math.log(1 - 1 / (1 + Math.exp(-x))));
      return sum - (yes + no) / 3;
    }, 0);
  await expectLoss(binaryCrossEntropy, inWords, [1, 0, 0.3, 0.75, 0, 0.5]);
});
