/**
 * The weights that everybody begins with, drawn as the engine draws them.
 *
 * @module
 */
import { nn, sequential, startChip, type TensorData, train } from '@kolben/engine';
import { type BenchModel, optimizer } from './models.ts';

/** Names of a decoder's parameters; {} is the layer. Peers that hold some of them side by side put them together. */
export const parameterNames = {
  embedding: 'embed.tokens',
  norm: 'head0.norm',
  head: 'head0.table',
  layer: {
    norm1: 'attention{}.norm',
    query: 'attention{}.query',
    key: 'attention{}.key',
    value: 'attention{}.value',
    out: 'attention{}.output',
    norm2: 'feedForward{}.norm',
    gate: 'feedForward{}.gate',
    up: 'feedForward{}.up',
    down: 'feedForward{}.down',
  },
};

/** A step at a learning rate of zero leaves the weights as they were drawn. */
export async function drawWeights({ shape, length }: BenchModel): Promise<Record<string, TensorData>> {
  const chip = await startChip();
  try {
    const inputs = (integers: boolean) => ({
      data: integers ? new BigInt64Array(length) : new Float32Array(length),
      dims: [1, length],
    });
    const { parameters, stages } = await train({
      loss: nn.decoderLoss(shape, { length }),
      cuts: [],
      schedule: sequential({ stages: 1, microbatches: 1 }),
      chips: [chip],
      steps: 1,
      microbatches: () => [
        { tokens: inputs(true), targets: inputs(true), positions: inputs(true), weights: inputs(false) },
      ],
      learningRate: () => 0,
      optimizer,
      bounds: { B: 1 },
      seed: 0,
    });
    return Object.fromEntries(
      stages.flatMap((stage) =>
        stage.parameters.map(({ name, shape }) => [name, { data: parameters[name], dims: shape }]),
      ),
    );
  } finally {
    await chip.close();
  }
}
