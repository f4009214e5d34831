import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TensorData } from '../graph/dtype.ts';
import { Graph, GraphError, type Value } from '../graph/graph.ts';
import { add } from '../graph/ops/add.ts';
import { gather } from '../graph/ops/gather.ts';
import { gelu } from '../graph/ops/gelu.ts';
import { layerNorm } from '../graph/ops/layer-norm.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { mul } from '../graph/ops/mul.ts';
import { reduceSum } from '../graph/ops/reduce-sum.ts';
import { scale } from '../graph/ops/scale.ts';
import { softmax } from '../graph/ops/softmax.ts';
import { tanh } from '../graph/ops/tanh.ts';
import { randomStream, uniform } from '../run/random.ts';
import { compileStages } from './stages.ts';
import { executeStages } from './testing/execute-stages.ts';

/** Wider than the stretch of 128 in which kernels add up products: other fusions then mean other roundings. */
const width = 136;
const rows = 3;

/** Layers from (B, width) to (B, width); `other` is any value made before, in whichever block. */
const layers = {
  dense: (x: Value, _other: Value, graph: Graph) =>
    add(matmul(x, matrix(graph, 'weight')), vector(graph, 'bias', 'zeros')),
  denseWithoutBias: (x: Value, _other: Value, graph: Graph) => matmul(x, matrix(graph, 'weight')),
  norm: (x: Value, _other: Value, graph: Graph) =>
    layerNorm(x, vector(graph, 'gain', 'ones'), vector(graph, 'bias', 'zeros')),
  residual: (x: Value, other: Value) => add(x, other),
  gate: (x: Value, other: Value) => mul(x, softmax(other)),
  tanh: (x: Value) => tanh(x),
  gelu: (x: Value) => gelu(x),
  scale: (x: Value) => scale(x, 0.5),
  dropout: (x: Value, _other: Value, graph: Graph) => mul(x, graph.dropoutMask(['B', width], 0.25)),
  // The gradient of this parameter is the gradient of the block's output itself, which may come from elsewhere.
  position: (x: Value, _other: Value, graph: Graph) =>
    add(x, graph.parameter('position', [rows, width], { kind: 'normal', deviation: 0.1 })),
} satisfies Record<string, (x: Value, other: Value, graph: Graph) => Value>;

function matrix(graph: Graph, name: string): Value {
  return graph.parameter(name, [width, width], { kind: 'normal', deviation: width ** -0.5 });
}

function vector(graph: Graph, name: string, kind: 'zeros' | 'ones'): Value {
  return graph.parameter(name, [width], { kind });
}

interface Layer {
  readonly kind: keyof typeof layers;
  /** Which of the values before it is the other operand. */
  readonly other: number;
}

/** Blocks of layers, one after the other, with connections that skip any number of them. */
function build(blocks: readonly (readonly Layer[])[], fixedRows: boolean): Value {
  const graph = new Graph();
  const table = graph.input('rows', 'int64', [fixedRows ? rows : 'B']);
  const weights = graph.input('weights', 'float32', [fixedRows ? rows : 'B', width]);
  const made: Value[] = [];
  blocks.forEach((block, b) => {
    graph.block(`block${b}`, () => {
      if (b === 0)
        made.push(
          gather(graph.parameter('table', [9, width], { kind: 'normal', deviation: 1 }), table, {
            unique: true,
          }),
        );
      block.forEach(({ kind, other }, i) => {
        const x = made[made.length - 1];
        made.push(graph.scope(`${i}`, () => layers[kind](x, made[other % made.length], graph)));
      });
      if (b === blocks.length - 1) made.push(reduceSum(mul(made[made.length - 1], weights), [0, 1]));
    });
  });
  return made[made.length - 1];
}

function inputs(microbatch: number): Record<string, TensorData> {
  const draw = randomStream(5, microbatch);
  const first = microbatch % 4;
  return {
    rows: { data: BigInt64Array.from([first, first + 2, first + 5], BigInt), dims: [rows] },
    weights: {
      data: Float32Array.from({ length: rows * width }, () => uniform(draw) - 0.5),
      dims: [rows, width],
    },
  };
}

const kinds = Object.keys(layers) as (keyof typeof layers)[];
const model = (names: readonly (keyof typeof layers)[]) =>
  fc.array(
    fc.array(fc.record({ kind: fc.constantFrom(...names), other: fc.nat(20) }), {
      minLength: 1,
      maxLength: 3,
    }),
    { minLength: 2, maxLength: 5 },
  );

describe('cuts', () => {
  test('change neither the loss nor any gradient, bit for bit', async () => {
    await fc.assert(
      fc.asyncProperty(model(kinds.filter((kind) => kind !== 'position')), fc.nat(), async (blocks, bits) => {
        await expectSame(blocks, bits, false);
      }),
      { numRuns: 40 },
    );
  });

  test('nor where a gradient arrives that no op has touched', async () => {
    await fc.assert(
      fc.asyncProperty(model(['position', 'residual', 'dense', 'tanh']), fc.nat(), async (blocks, bits) => {
        await expectSame(blocks, bits, true);
      }),
      { numRuns: 20 },
    );
  });

  async function expectSame(blocks: readonly Layer[][], bits: number, fixedRows: boolean): Promise<void> {
    const cuts = blocks.slice(1).flatMap((_, block) => ((bits >> block) & 1 ? [block] : []));
    const microbatches = [0, 1].map(inputs);
    const whole = await executeStages(compileStages(build(blocks, fixedRows), []), microbatches, { B: rows });
    const cut = await executeStages(compileStages(build(blocks, fixedRows), cuts), microbatches, { B: rows });
    expect(cut).toEqual(whole);
  }
});
