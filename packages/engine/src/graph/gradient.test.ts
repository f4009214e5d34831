import { describe, expect, test } from 'vitest';
import { createSession, type OrtTensor, ort } from '../chips/ort.ts';
import { differentiate } from '../compile/differentiate.ts';
import { emitProgram, portName } from '../compile/program.ts';
import { arrayOf, type DType } from './dtype.ts';
import { apply, constant, Graph, GraphError, type Op, type Value } from './graph.ts';
import * as ops from './ops/index.ts';

/** What one op is checked with: tensors of float64 that vary, integers that don't, and how they are used. */
interface Case {
  readonly floats: readonly (readonly number[])[];
  readonly integers?: readonly { dims: readonly number[]; values: readonly number[] }[];
  readonly positive?: boolean;
  readonly build: (floats: Value[], integers: Value[]) => Value;
}

const {
  add,
  attend,
  attentionWeights,
  cast,
  concat,
  div,
  equal,
  exactGelu,
  exp,
  expandLike,
  flattenRows,
  gather,
  gatherElements,
  gelu,
  greater,
  groupQueries,
  layerNorm,
  log,
  logSoftmax,
  logSumExp,
  matmul,
  mergeHeads,
  mul,
  normalCdf,
  pad,
  reduceMax,
  reduceSum,
  relu,
  repeatHeads,
  reshapeLike,
  rmsNorm,
  rotary,
  scale,
  scatterAdd,
  scatterElements,
  shift,
  sigmoid,
  silu,
  slice,
  softmax,
  splitHeads,
  sqrt,
  squeeze,
  sub,
  sumHeadsOp,
  tanh,
  transpose,
  unsqueeze,
  zerosLike,
} = ops;

const cases: Record<string, Case[]> = {
  add: [
    {
      floats: [
        [2, 3],
        [2, 3],
      ],
      build: ([a, b]) => add(a, b),
    },
    { floats: [[2, 3], [3]], build: ([a, b]) => add(a, b) },
    {
      floats: [
        [2, 1],
        [4, 1, 3],
      ],
      build: ([a, b]) => add(a, b),
    },
  ],
  sub: [
    {
      floats: [
        [2, 3],
        [2, 1],
      ],
      build: ([a, b]) => sub(a, b),
    },
  ],
  mul: [
    {
      floats: [
        [2, 3],
        [1, 3],
      ],
      build: ([a, b]) => mul(a, b),
    },
    { floats: [[3]], build: ([a]) => mul(a, a) },
  ],
  div: [{ floats: [[2, 3], [3]], positive: true, build: ([a, b]) => div(a, b) }],
  scale: [{ floats: [[2, 3]], build: ([a]) => scale(a, -2.5) }],
  exp: [{ floats: [[2, 3]], build: ([a]) => exp(a) }],
  log: [{ floats: [[2, 3]], positive: true, build: ([a]) => log(a) }],
  sqrt: [{ floats: [[2, 3]], positive: true, build: ([a]) => sqrt(a) }],
  tanh: [{ floats: [[2, 3]], build: ([a]) => tanh(a) }],
  sigmoid: [{ floats: [[2, 3]], build: ([a]) => sigmoid(a) }],
  relu: [{ floats: [[4, 3]], build: ([a]) => relu(a) }],
  gelu: [{ floats: [[4, 3]], build: ([a]) => gelu(a) }],
  exactGelu: [{ floats: [[4, 3]], build: ([a]) => exactGelu(a) }],
  normalCdf: [{ floats: [[4, 3]], build: ([a]) => normalCdf(scale(a, 1.5)) }],
  // Steps: zero wherever they have a gradient, which finite differences see as well.
  equal: [{ floats: [[4], [4]], build: ([a, b]) => mul(add(a, b), equal(a, b)) }],
  greater: [{ floats: [[4], [4]], build: ([a, b]) => mul(add(a, b), greater(a, b)) }],
  gatherElements: [
    {
      floats: [[2, 4]],
      // One element twice: its gradients add up.
      integers: [{ dims: [2, 3], values: [3, 0, 3, 1, 2, 0] }],
      build: ([a], [indices]) => gatherElements(a, indices, 1),
    },
  ],
  scatterElements: (['none', 'add'] as const).map((reduction) => ({
    floats: [
      [2, 4],
      [2, 2],
    ],
    integers: [{ dims: [2, 2], values: [3, 0, 1, 2] }],
    build: ([base, updates], [indices]) => scatterElements(base, indices, updates, { axis: 1, reduction }),
  })),
  zerosLike: [{ floats: [[4]], build: ([a]) => add(a, zerosLike(a)) }],
  matmul: [
    ...[false, true].flatMap((transposeA) =>
      [false, true].map(
        (transposeB): Case => ({
          floats: [transposeA ? [4, 2] : [2, 4], transposeB ? [3, 4] : [4, 3]],
          build: ([a, b]) => matmul(a, b, { transposeA, transposeB }),
        }),
      ),
    ),
    ...[false, true].flatMap((transposeA) =>
      [false, true].map(
        (transposeB): Case => ({
          floats: [
            [2, ...(transposeA ? [4, 2] : [2, 4])],
            [2, ...(transposeB ? [3, 4] : [4, 3])],
          ],
          build: ([a, b]) => matmul(a, b, { transposeA, transposeB }),
        }),
      ),
    ),
    {
      floats: [
        [2, 3, 4],
        [4, 5],
      ],
      build: ([a, b]) => matmul(a, b),
    },
    {
      floats: [
        [2, 3, 4],
        [5, 4],
      ],
      build: ([a, b]) => matmul(a, b, { transposeB: true, factor: -0.5 }),
    },
    {
      floats: [
        [2, 3, 4],
        [2, 4, 5],
      ],
      build: ([a, b]) => matmul(a, b, { factor: 3 }),
    },
  ],
  flattenRows: [{ floats: [[2, 3, 4]], build: ([a]) => flattenRows(a) }],
  reshapeLike: [
    {
      floats: [
        [6, 4],
        [2, 3, 4],
      ],
      build: ([a, b]) => mul(reshapeLike(a, b), b),
    },
  ],
  expandLike: [
    {
      floats: [
        [1, 4],
        [3, 4],
      ],
      build: ([a, b]) => mul(expandLike(a, b), b),
    },
  ],
  reduceSum: [
    { floats: [[2, 3, 4]], build: ([a]) => reduceSum(a, [1]) },
    { floats: [[2, 3, 4]], build: ([a]) => reduceSum(a, [0, -1], { keepDims: true }) },
    { floats: [[2, 3, 4]], build: ([a]) => reduceSum(a, [0, 2]) },
  ],
  reduceMax: [{ floats: [[2, 3, 4]], build: ([a]) => reduceMax(a, [1]) }],
  unsqueeze: [{ floats: [[2, 3]], build: ([a]) => unsqueeze(a, 1) }],
  squeeze: [{ floats: [[2, 1, 3]], build: ([a]) => squeeze(a, 1) }],
  concat: [
    {
      floats: [
        [2, 3],
        [2, 1],
      ],
      build: ([a, b]) => concat([a, b, a], -1),
    },
  ],
  slice: [{ floats: [[2, 5]], build: ([a]) => slice(a, 1, 1, 3) }],
  pad: [{ floats: [[2, 3]], build: ([a]) => pad(a, 0, 1, 2) }],
  shift: [-4, -2, -1, 1, 2, 4].map((offset) => ({
    floats: [[2, 3, 2]],
    build: ([a]) => shift(a, 1, offset),
  })),
  transpose: [{ floats: [[2, 3, 4]], build: ([a]) => transpose(a, [2, 0, 1]) }],
  softmax: [{ floats: [[3, 4]], build: ([a]) => softmax(a) }],
  logSoftmax: [{ floats: [[3, 4]], build: ([a]) => logSoftmax(a) }],
  layerNorm: [{ floats: [[2, 3, 4], [4], [4]], build: ([x, gain, bias]) => layerNorm(x, gain, bias) }],
  gather: [
    {
      floats: [[5, 2]],
      integers: [{ dims: [2, 2], values: [1, 3, 3, 0] }],
      build: ([a], [i]) => gather(a, i),
    },
  ],
  scatterAdd: [
    {
      floats: [
        [5, 2],
        [3, 2],
      ],
      integers: [{ dims: [3], values: [1, 3, 1] }],
      build: ([base, updates], [i]) => scatterAdd(base, i, updates),
    },
  ],
  silu: [{ floats: [[4, 3]], build: ([a]) => silu(a) }],
  rmsNorm: [{ floats: [[2, 3, 4], [4]], build: ([x, gain]) => rmsNorm(x, gain) }],
  rotary: (['neighbours', 'halves'] as const).map((pairs) => ({
    floats: [[3, 8]],
    integers: [{ dims: [1, 3], values: [0, 5, 2] }],
    build: ([x], [positions]) => rotary(x, positions, { heads: 2, positions: 6, base: 100, pairs }),
  })),
  splitHeads: [
    {
      floats: [[6, 8]],
      integers: [{ dims: [2, 3], values: [0, 0, 0, 0, 0, 0] }],
      build: ([x], [like]) => splitHeads(x, like, 2),
    },
  ],
  mergeHeads: [
    {
      floats: [[2, 2, 3, 4]],
      integers: [{ dims: [2, 3], values: [0, 0, 0, 0, 0, 0] }],
      build: ([x], [like]) => mergeHeads(x, like),
    },
  ],
  groupQueries: [{ floats: [[2, 6, 3, 2]], build: ([q]) => groupQueries(q, 2) }],
  repeatHeads: [{ floats: [[2, 2, 3, 2]], build: ([x]) => repeatHeads(x, 3) }],
  sumHeads: [{ floats: [[2, 6, 3, 2]], build: ([x]) => apply(sumHeadsOp, [x], { times: 3 }) }],
  attend: [
    ...[false, true].map(
      (masked): Case => ({
        floats: [
          [2, 2, 3, 4],
          [2, 2, 5, 4],
          [2, 2, 5, 4],
        ],
        build: ([q, k, v]) => {
          const mask = constant(q, q.dtype, [0, 0, -9, -9, -9, 0, 0, 0, -9, -9, 0, 0, 0, 0, -9], [3, 5]);
          return attend(attentionWeights(q, k, 0.6, masked ? mask : undefined), q, k, v, 0.6);
        },
      }),
    ),
  ],
  logSumExp: [
    {
      floats: [
        [3, 4],
        [5, 4],
      ],
      build: ([x, table]) => logSumExp(x, table),
    },
  ],
  cast: [{ floats: [[2, 3]], build: ([a]) => cast(cast(a, 'float32'), 'float64') }],
};

/** Numbers that repeat, spread over (-1, 1) with no two alike. */
function numbers(count: number, seed: number, positive = false): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => {
    const x = Math.sin(seed * 12.9898 + (i + 1) * 78.233) * 43758.5453;
    const unit = x - Math.floor(x);
    return positive ? 0.5 + unit : 2 * unit - 1;
  });
}

const size = (dims: readonly number[]) => dims.reduce((product, dim) => product * dim, 1);

/** One case as a program of the given type, ready to run: the loss and its gradient by each float tensor. */
async function compileCase(testCase: Case, dtype: 'float32' | 'float64') {
  const graph = new Graph();
  const floats = testCase.floats.map((dims, i) =>
    graph.parameter(`x${i}`, dims, { kind: 'zeros' }, { dtype }),
  );
  const integers = (testCase.integers ?? []).map(({ dims }, i) => graph.input(`i${i}`, 'int64', dims));
  const y = testCase.build(floats, integers);
  // Random weights, so that a gradient that is right only for a sum of ones is found out.
  const dims = y.shape as number[];
  const data = arrayOf(y.dtype, Array.from(numbers(size(dims), 99)));
  const loss = reduceSum(
    mul(y, graph.constant({ data, dims }, y.dtype)),
    dims.map((_, axis) => axis),
  );
  const gradients = differentiate(loss, floats);
  const outputs = floats.map((x, i) => ({ value: gradients.get(x)?.get(0) as Value, name: `d${i}` }));
  const program = emitProgram({ name: 'case', outputs: [{ value: loss, name: 'loss' }, ...outputs] });
  // The optimizer fuses transposes of float64 into a kernel that exists for float32 alone.
  const session = await createSession(program.onnx, { optimize: dtype === 'float32' });
  return async (values: readonly Float64Array[]) => {
    const feeds: Record<string, OrtTensor> = {};
    floats.forEach((x, i) => {
      feeds[portName(x)] = new ort.Tensor(
        dtype,
        arrayOf(dtype, Array.from(values[i])) as Float64Array,
        testCase.floats[i],
      );
    });
    (testCase.integers ?? []).forEach(({ dims, values }, i) => {
      feeds[`i${i}`] = new ort.Tensor('int64', arrayOf('int64', values) as BigInt64Array, dims);
    });
    const used = new Set(program.inputs.map((port) => port.name));
    const results = await session.run(
      Object.fromEntries(Object.entries(feeds).filter(([key]) => used.has(key))),
    );
    return (key: string) => Array.from(results[key].data as Float64Array);
  };
}

async function check(name: string, testCase: Case): Promise<void> {
  const values = testCase.floats.map((dims, i) => numbers(size(dims), i + 1, testCase.positive));
  const run = await compileCase(testCase, 'float64');
  const analytic = await run(values);
  // A float32 in the middle hides differences below its own resolution.
  const [step, digits] = name === 'cast' ? [1e-2, 3] : [1e-5, 7];
  for (let i = 0; i < values.length; i++) {
    const gradient = analytic(`d${i}`);
    for (let j = 0; j < values[i].length; j++) {
      const x = values[i][j];
      values[i][j] = x + step;
      const above = (await run(values))('loss')[0];
      values[i][j] = x - step;
      const below = (await run(values))('loss')[0];
      values[i][j] = x;
      expect(gradient[j], `d/dx${i}[${j}]`).toBeCloseTo((above - below) / (2 * step), digits);
    }
  }
  // What trains is float32, partly through other kernels: it must say the same.
  if (name === 'cast') return;
  const single = await (await compileCase(testCase, 'float32'))(values);
  for (let i = 0; i < values.length; i++) {
    analytic(`d${i}`).forEach((expected, j) => {
      expect(single(`d${i}`)[j], `float32 d/dx${i}[${j}]`).toBeCloseTo(expected, 4);
    });
  }
}

describe('gradients agree with central finite differences', () => {
  for (const [name, list] of Object.entries(cases)) {
    test.each(list.map((testCase, i) => [`${name} ${i}`, testCase] as const))('%s', (label, testCase) =>
      check(label.split(' ')[0], testCase),
    );
  }

  test('every op with a gradient has a case, and every other says that it has none', () => {
    for (const value of Object.values(ops)) {
      if (typeof value === 'function') continue;
      const op = value as unknown as Op;
      if (op.gradient) expect(Object.keys(cases), op.name).toContain(op.name);
    }
  });
});

describe('mistakes in a model', () => {
  const inputs = (...types: [DType, (number | string)[]][]) => {
    const graph = new Graph();
    return { graph, values: types.map(([dtype, shape], i) => graph.input(`x${i}`, dtype, shape)) };
  };

  test('a shape that does not match names the op, its place in the model and the shapes', () => {
    const { graph, values } = inputs(['float32', ['B', 3]], ['float32', [4, 5]]);
    expect(() =>
      graph.block('head', () => graph.scope('linear', () => matmul(values[0], values[1]))),
    ).toThrow(
      new GraphError(
        'graph_shape',
        'matmul at "head/linear" cannot take float32 (B, 3) and float32 (4, 5): the inner dimensions 3 and 4 differ.',
      ),
    );
  });

  test('a loss that is not a single number', () => {
    const { values } = inputs(['float32', ['B']]);
    expect(() => differentiate(values[0], [])).toThrow(/must be a single number, not \(B\)/);
  });

  test('a parameter that nothing uses', () => {
    const { graph, values } = inputs(['float32', ['B']]);
    const w = graph.parameter('w', [2], { kind: 'zeros' });
    expect(() => differentiate(reduceSum(values[0], [0]), [w])).toThrow(
      /does not depend on the parameter "w"/,
    );
  });

  test('values of two graphs', () => {
    const [a, b] = [inputs(['float32', [1]]), inputs(['float32', [1]])];
    expect(() => add(a.values[0], b.values[0])).toThrow(/value of another graph/);
  });
});
