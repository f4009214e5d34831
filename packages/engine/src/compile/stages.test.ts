import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TensorData } from '../graph/dtype.ts';
import { Graph, scalar, type Value } from '../graph/graph.ts';
import { add } from '../graph/ops/add.ts';
import { cast } from '../graph/ops/cast.ts';
import { gather } from '../graph/ops/gather.ts';
import { gelu } from '../graph/ops/gelu.ts';
import { greater } from '../graph/ops/greater.ts';
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
const length = 2;

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
  dropout: (x: Value, _other: Value, graph: Graph) => mul(x, graph.dropoutMask(x.shape, 0.25)),
  // The gradient of this parameter is the gradient of the block's output itself, which may come from elsewhere.
  position: (x: Value, _other: Value, graph: Graph) => add(x, state(graph, 'position')),
  // One matrix for all blocks, as a factor and as a table.
  tiedDense: (x: Value, _other: Value, _graph: Graph, tied: Value) => matmul(x, tied),
  tiedRows: (x: Value, _other: Value, graph: Graph, tied: Value) =>
    add(x, gather(tied, inputNamed(graph, 'rows'))),
} satisfies Record<string, (x: Value, other: Value, graph: Graph, tied: Value) => Value>;

function matrix(graph: Graph, name: string): Value {
  return graph.parameter(name, [width, width], { kind: 'normal', deviation: width ** -0.5 });
}

function vector(graph: Graph, name: string, kind: 'zeros' | 'ones'): Value {
  return graph.parameter(name, [width], { kind });
}

function state(graph: Graph, name: string): Value {
  return graph.parameter(name, [rows, length, width], { kind: 'normal', deviation: 0.5 });
}

function inputNamed(graph: Graph, name: string): Value {
  const found = graph.values.find(({ source }) => source?.kind === 'input' && source.name === name);
  if (!found) throw new TypeError(`no input ${name}`);
  return found;
}

function rowsOfTable(graph: Graph): Value {
  const table = graph.parameter('table', [9, width], { kind: 'normal', deviation: 1 });
  return gather(table, graph.input('rows', 'int64', ['B', length]));
}

interface Layer {
  readonly kind: keyof typeof layers;
  /** Which of the values before it is the other operand. */
  readonly other: number;
}

/** Blocks of layers, one after the other, with connections that skip any number of them. */
function build(blocks: readonly (readonly Layer[])[], first: 'rows of a table' | 'parameters'): Value {
  const graph = new Graph();
  const batch = first === 'parameters' ? rows : 'B';
  const weights = graph.input('weights', 'float32', [batch, length, width]);
  const tied = matrix(graph, 'tied');
  const made: Value[] = [];
  blocks.forEach((block, b) => {
    graph.block(`block${b}`, () => {
      if (b === 0)
        made.push(first === 'parameters' ? add(state(graph, 'a'), state(graph, 'b')) : rowsOfTable(graph));
      block.forEach(({ kind, other }, i) => {
        const x = made[made.length - 1];
        made.push(graph.scope(`${i}`, () => layers[kind](x, made[other % made.length], graph, tied)));
      });
      if (b === blocks.length - 1) made.push(reduceSum(mul(made[made.length - 1], weights), [0, 1, 2]));
    });
  });
  return made[made.length - 1];
}

function inputs(microbatch: number): Record<string, TensorData> {
  const draw = randomStream(5, microbatch);
  return {
    rows: {
      data: BigInt64Array.from({ length: rows * length }, (_, i) => BigInt((microbatch + i) % 9)),
      dims: [rows, length],
    },
    weights: {
      data: Float32Array.from({ length: rows * length * width }, () => uniform(draw) - 0.5),
      dims: [rows, length, width],
    },
  };
}

/** A digest for each gradient: matchers compare numbers one by one, and there are hundreds of thousands. */
const digestsOf = (gradients: Readonly<Record<string, Float32Array>>) =>
  Object.fromEntries(
    Object.entries(gradients).map(([name, values]) => [
      name,
      createHash('sha256').update(values).digest('hex'),
    ]),
  );

const withoutTies = (Object.keys(layers) as (keyof typeof layers)[]).filter(
  (kind) => !['position', 'tiedDense', 'tiedRows'].includes(kind),
);
const cutsOf = (blocks: readonly unknown[], bits: number) =>
  blocks.slice(1).flatMap((_, block) => ((bits >> block) & 1 ? [block] : []));
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
      fc.asyncProperty(model(withoutTies), fc.nat(), async (blocks, bits) => {
        await expectSame(blocks, bits, 'rows of a table');
      }),
      { seed: 1, numRuns: 20 },
    );
  });

  test('between the uses of a parameter divide its gradient, and change nothing else', async () => {
    let divided = 0;
    await fc.assert(
      fc.asyncProperty(
        model(['tiedDense', 'tiedRows', 'dense', 'residual', 'tanh', 'norm']),
        fc.nat(),
        async (blocks, bits) => {
          const cuts = cutsOf(blocks, bits);
          const microbatches = [0, 1].map(inputs);
          const loss = () => build(blocks, 'rows of a table');
          const stages = compileStages(loss(), cuts);
          const holders = stages.filter(({ parameters }) => parameters.some(({ name }) => name === 'tied'));
          divided += Number(holders.length > 1);
          const whole = await executeStages(compileStages(loss(), []), microbatches, { B: rows });
          const cut = await executeStages(stages, microbatches, { B: rows });
          const { tied: expected, ...others } = whole.gradients;
          const { tied: found, ...othersFound } = cut.gradients;
          expect(cut.loss).toBe(whole.loss);
          expect(digestsOf(othersFound)).toEqual(digestsOf(others));
          const largest = Math.max(...(expected ?? []).map(Math.abs));
          // Parts are rounded before they are added.
          const furthest = expected?.reduce((most, v, i) => Math.max(most, Math.abs(found[i] - v)), 0) ?? 0;
          expect(furthest).toBeLessThanOrEqual(1e-5 * Math.max(largest, 0));
        },
      ),
      { seed: 2, numRuns: 12 },
    );
    expect(divided).toBeGreaterThan(5);
  });

  test('nor where a gradient arrives that no op has touched', async () => {
    await fc.assert(
      fc.asyncProperty(model(['position', 'residual', 'dense', 'tanh']), fc.nat(), async (blocks, bits) => {
        await expectSame(blocks, bits, 'parameters');
      }),
      { seed: 1, numRuns: 10 },
    );
  });

  async function expectSame(
    blocks: readonly Layer[][],
    bits: number,
    first: Parameters<typeof build>[1],
  ): Promise<void> {
    const cuts = cutsOf(blocks, bits);
    const microbatches = [0, 1].map(inputs);
    const whole = await executeStages(compileStages(build(blocks, first), []), microbatches, { B: rows });
    const cut = await executeStages(compileStages(build(blocks, first), cuts), microbatches, { B: rows });
    expect({ ...cut, gradients: digestsOf(cut.gradients) }).toEqual({
      ...whole,
      gradients: digestsOf(whole.gradients),
    });
  }

  test('a tensor that a middle stage does not need passes over it', async () => {
    const blocks: Layer[][] = [
      [{ kind: 'tanh', other: 0 }],
      [{ kind: 'dense', other: 0 }],
      // The first value made, in block 0.
      [{ kind: 'residual', other: 0 }],
    ];
    const stages = compileStages(build(blocks, 'rows of a table'), [0, 1]);
    const [skipping] = stages[1].receives.filter(({ name }) =>
      stages[2].receives.some((port) => port.name === name),
    );
    expect(stages[0].sends).toContainEqual(skipping);
    expect(stages[1].sends).toContainEqual(skipping);
    expect(stages[1].forward.inputs).not.toContainEqual(skipping);
    // Its gradient is that of the sum: it serves the middle stage as well, and passes over it.
    const [gradient] = stages[1].receivesGradients;
    expect(stages[1].receivesGradients).toEqual([gradient]);
    expect(stages[1].sendsGradients).toContainEqual(gradient);
    expect(stages[1].sendsGradients.length).toBe(2);
  });

  test('stages name their blocks and the parameters that they use', () => {
    const stages = compileStages(build([[dense], [dense], [dense, dense]], 'rows of a table'), [0, 1]);
    expect(stages.map(({ blocks }) => blocks)).toEqual([['block0'], ['block1'], ['block2']]);
    expect(stages.map(({ parameters }) => parameters.map(({ name }) => name))).toEqual([
      ['block0.table', 'block0.0.weight', 'block0.0.bias'],
      ['block1.0.weight', 'block1.0.bias'],
      ['block2.0.weight', 'block2.0.bias', 'block2.1.weight', 'block2.1.bias'],
    ]);
  });

  test('a parameter that two stages use is one of both, with a gradient where its use gives one', () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', ['B', width]);
    const [shared, hidden] = graph.block('first', () => {
      const weight = matrix(graph, 'weight');
      return [weight, tanh(matmul(x, weight))];
    });
    const middle = graph.block('second', () => tanh(hidden));
    // Which elements are above zero has no gradient.
    const last = graph.block('third', () =>
      matmul(middle, cast(greater(shared, scalar(shared, 0)), 'float32')),
    );
    const loss = graph.block('fourth', () => reduceSum(matmul(last, shared), [0, 1]));
    const stages = compileStages(loss, [0, 1, 2]);
    expect(stages.map(({ parameters }) => parameters.map(({ name }) => name))).toEqual([
      ['first.weight'],
      [],
      ['first.weight'],
      ['first.weight'],
    ]);
    expect(stages.map(({ backwardWeight }) => backwardWeight !== undefined)).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });

  test('one model can be cut several times', async () => {
    const loss = build([[dense], [dense]], 'rows of a table');
    const microbatches = [inputs(0)];
    const first = await executeStages(compileStages(loss, []), microbatches, { B: rows });
    expect(await executeStages(compileStages(loss, [0]), microbatches, { B: rows })).toEqual(first);
  });
});

const dense: Layer = { kind: 'dense', other: 0 };

describe('what cannot be cut', () => {
  const small = () => build([[dense], [dense]], 'rows of a table');

  test.each([[[1]], [[-1]], [[0.5]], [[Number.NaN]]])('cuts %j of two blocks', (cuts) => {
    expect(() => compileStages(small(), cuts)).toThrow(/Cuts are ascending block numbers from 0 to 0, not/);
  });

  test('more stages than blocks', () => {
    expect(() => compileStages(small(), [0, 0])).toThrow(
      'The model has 2 blocks and cannot be cut into 3 stages; use 2 or fewer.',
    );
  });

  test('a stage of which nothing is used', () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', ['B', width]);
    const y = graph.block('first', () => matmul(x, matrix(graph, 'weight')));
    graph.block('idle', () => tanh(y));
    const loss = graph.block('last', () => reduceSum(y, [0, 1]));
    expect(() => compileStages(loss, [0, 1])).toThrow(/Nothing that the blocks of stage 1 compute is used/);
    expect(compileStages(loss, [0]).length).toBe(2);
  });

  test('a model without blocks, and a loss that nothing computes', () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', []);
    expect(() => compileStages(tanh(x), [])).toThrow('The model has no blocks');
    graph.block('only', () => tanh(x));
    expect(() => compileStages(x, [])).toThrow('The loss must be made by an op, not given.');
  });
});
