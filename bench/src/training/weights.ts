/**
 * The weights that everybody begins with, drawn as the engine draws them.
 *
 * @module
 */
import { nn, type Parameters, sequential, startChip, type TensorData, train } from '@kolben/engine';
import { type BenchModel, optimizer } from './models.ts';

export const headName = 'head0.table';

/** Names of a decoder's parameters; {} is the layer. Peers that hold some of them side by side put them together. */
export const parameterNames = {
  embedding: 'embed.tokens',
  norm: 'head0.norm',
  head: headName,
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

/** The head's table in `parts` blocks of rows, as `decoderLoss` divides it; everything else as it is. */
export function withHeadParts(tensors: Readonly<Record<string, TensorData>>, parts: number): Parameters {
  const values: Record<string, Float32Array> = {};
  for (const [name, { data, dims }] of Object.entries(tensors)) {
    if (name !== headName) {
      values[name] = data as Float32Array;
      continue;
    }
    const [rows, width] = dims;
    for (let part = 0; part < parts; part++) {
      const [start, end] = [part, part + 1].map((i) => Math.floor((rows * i) / parts) * width);
      values[`head${part}.table`] = (data as Float32Array).slice(start, end);
    }
  }
  return values;
}
