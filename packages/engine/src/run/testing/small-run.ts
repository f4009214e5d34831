/**
 * A small run with everything that a checkpoint must keep: dropout, averaging, decaying learning rate.
 *
 * @module
 */
import { Graph, type Value } from '../../graph/graph.ts';
import { add } from '../../graph/ops/add.ts';
import { matmul } from '../../graph/ops/matmul.ts';
import { mul } from '../../graph/ops/mul.ts';
import { reduceSum } from '../../graph/ops/reduce-sum.ts';
import { sub } from '../../graph/ops/sub.ts';
import { tanh } from '../../graph/ops/tanh.ts';
import { replicas } from '../../schedule/replicas.ts';
import { makeSchedule } from '../../schedule/schedules.ts';
import { sequential } from '../../schedule/sequential.ts';
import { randomStream, uniform } from '../random.ts';
import type { TrainOptions } from '../train.ts';

const width = 12;

/** With `tied`, the last layer's weight is that of the first. */
export function smallModel(layers = 4, tied = false): Value {
  const graph = new Graph();
  let x = graph.input('x', 'float32', ['B', width]);
  const y = graph.input('y', 'float32', ['B', width]);
  let first: Value | undefined;
  for (let i = 0; i < layers; i++) {
    x = graph.block(`layer${i}`, () => {
      const own = () =>
        graph.parameter('weight', [width, width], { kind: 'normal', deviation: width ** -0.5 });
      const weight = tied && first && i === layers - 1 ? first : own();
      first ??= weight;
      const bias = graph.parameter('bias', [width], { kind: 'zeros' });
      const out = tanh(add(matmul(x, weight), bias));
      return i === layers - 1 ? out : mul(out, graph.dropoutMask(['B', width], 0.2));
    });
  }
  return graph.block('loss', () => {
    const difference = sub(x, y);
    return reduceSum(mul(difference, difference), [0, 1]);
  });
}

const microbatches = 4;

/** One chip, a pipeline over two or four, or replicas on two. */
export const smallSchedules = {
  one: { schedule: sequential({ stages: 1, microbatches }), cuts: [] },
  two: { schedule: makeSchedule('zb-h1', { stages: 2, microbatches }).schedule, cuts: [1] },
  four: { schedule: makeSchedule('1f1b', { stages: 4, microbatches }).schedule, cuts: [0, 1, 2] },
  replicas: { schedule: replicas({ replicas: 2, stages: 2, microbatches }), cuts: [2] },
} as const;

export function smallRun(
  shape: keyof typeof smallSchedules,
  steps: number,
  tied = false,
): Omit<TrainOptions, 'chips'> & { steps: number } {
  return {
    ...smallSchedules[shape],
    loss: smallModel(4, tied),
    steps,
    microbatches: (step) =>
      Array.from({ length: microbatches }, (_, m) => {
        const draw = randomStream(11, step, m);
        const tensor = () => ({
          data: Float32Array.from({ length: 3 * width }, () => uniform(draw) - 0.5),
          dims: [3, width],
        });
        return { x: tensor(), y: tensor() };
      }),
    learningRate: (step) => 0.02 * (1 - step / (steps + 1)),
    optimizer: { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0.01 },
    bounds: { B: 3 },
    seed: 5,
    averages: (step) => step >= steps / 2,
  };
}
