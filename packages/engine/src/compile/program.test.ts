import onnxProto from 'onnx-proto';
import { describe, expect, test } from 'vitest';
import { chipTensor, Kernel } from '../chips/kernel.ts';
import type { TensorData } from '../graph/dtype.ts';
import { dtypeOf } from '../graph/dtype.ts';
import { Graph, GraphError, type Value } from '../graph/graph.ts';
import { add } from '../graph/ops/add.ts';
import { gather } from '../graph/ops/gather.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { mul } from '../graph/ops/mul.ts';
import { reduceSum } from '../graph/ops/reduce-sum.ts';
import { scale } from '../graph/ops/scale.ts';
import { differentiate } from './differentiate.ts';
import { emitProgram, type Output, type Program, portName } from './program.ts';

const { onnx } = onnxProto;

const floats = (dims: number[], ...numbers: number[]): TensorData => ({
  data: Float32Array.from(numbers),
  dims,
});

async function run(program: Program, inputs: Record<string, TensorData>): Promise<Record<string, number[]>> {
  const kernel = await Kernel.load(program.onnx);
  const outputs = await kernel.run(
    Object.fromEntries(
      Object.entries(inputs).map(([name, { data, dims }]) => [name, chipTensor(dtypeOf(data), data, dims)]),
    ),
  );
  await kernel.release();
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { data }]) => [name, Array.from(data as Float32Array, Number)]),
  );
}

/** What another reader of ONNX files finds in it. */
function read({ onnx: bytes }: Program) {
  const model = onnx.ModelProto.decode(bytes);
  const graph = model.graph as onnxProto.onnx.GraphProto;
  const port = ({ name, type }: onnxProto.onnx.IValueInfoProto) => ({
    name,
    dims: type?.tensorType?.shape?.dim?.map((dim) => dim.dimParam || Number(dim.dimValue)),
  });
  return {
    irVersion: Number(model.irVersion),
    opsets: model.opsetImport.map(({ domain, version }) => [domain, Number(version)]),
    metadata: model.metadataProps.map(({ key, value }) => [key, value]),
    nodes: graph.node.map(({ name, opType }) => `${name} ${opType}`),
    types: graph.node.map(({ opType }) => opType),
    inputs: graph.input.map(port),
    outputs: graph.output.map(port),
    initializers: graph.initializer.length,
  };
}

function small() {
  const graph = new Graph();
  const x = graph.input('x', 'float32', ['B', 2]);
  const weight = graph.parameter('weight', [2, 2], { kind: 'ones' });
  const y = graph.block('head', () => graph.scope('linear', () => matmul(x, weight)));
  return { graph, x, weight, y };
}

describe('a program', () => {
  test('is a standard model: opset 21, names of the model, symbolic dimensions', () => {
    const { y, weight } = small();
    const program = emitProgram({
      name: 'F0',
      outputs: [{ value: y, name: 'y' }],
      metadata: { by: 'test' },
    });
    expect(read(program)).toEqual({
      irVersion: 10,
      opsets: [['', 21]],
      metadata: [['by', 'test']],
      nodes: ['head/linear/n0 MatMul'],
      types: ['MatMul'],
      inputs: [
        { name: 'x', dims: ['B', 2] },
        { name: portName(weight), dims: [2, 2] },
      ],
      outputs: [{ name: 'y', dims: ['B', 2] }],
      initializers: 0,
    });
    expect(program.inputs).toEqual([
      { name: 'x', dtype: 'float32', shape: ['B', 2] },
      { name: portName(weight), dtype: 'float32', shape: [2, 2] },
    ]);
    expect(program.outputs).toEqual([{ name: 'y', dtype: 'float32', shape: ['B', 2] }]);
  });

  test('says so where it needs operators beyond the standard', () => {
    const graph = new Graph();
    const a = graph.input('a', 'float32', ['B', 2, 3]);
    const value = matmul(a, a, { transposeB: true });
    expect(read(emitProgram({ name: 'p', outputs: [{ value }] })).opsets).toEqual([
      ['', 21],
      ['com.microsoft', 1],
    ]);
  });

  test('takes what is given and what makes nothing else, and writes in what is fixed', async () => {
    const { x, weight, y } = small();
    const doubled = scale(y, 2);
    const tail = emitProgram({ name: 'p', outputs: [{ value: doubled, name: 'z' }], given: new Set([y]) });
    expect(tail.inputs.map(({ name }) => name)).toEqual([portName(y)]);
    const fixed = new Map([[weight, floats([2, 2], 1, 2, 3, 4)]]);
    const whole = emitProgram({ name: 'p', outputs: [{ value: doubled, name: 'z' }], fixed });
    expect(whole.inputs.map(({ name }) => name)).toEqual([portName(x)]);
    expect(await run(whole, { x: floats([1, 2], 1, 1) })).toEqual({ z: [8, 12] });
  });

  test('puts out what it makes, is given or contains, under any number of names', async () => {
    const { graph, x, y } = small();
    const fixed = new Map([[graph.values[1], floats([2, 2], 1, 0, 0, 1)]]);
    const constant = graph.constant(floats([1], 7), 'float32');
    const outputs: Output[] = [
      { value: y, name: 'once' },
      { value: y, name: 'twice' },
      // It is made from another output, which keeps its name.
      { value: scale(y, 3), name: 'tripled' },
      { value: x, name: 'given' },
      { value: constant, name: 'constant' },
      { value: add(constant, constant) },
    ];
    const program = emitProgram({ name: 'p', outputs, fixed });
    expect(await run(program, { x: floats([1, 2], 1, 2) })).toEqual({
      once: [1, 2],
      twice: [1, 2],
      tripled: [3, 6],
      given: [1, 2],
      constant: [7],
      out5: [14],
    });
  });

  test('a constant with too few numbers', () => {
    const graph = new Graph();
    const value = graph.constant({ data: Float32Array.of(1, 2), dims: [3] }, 'float32');
    expect(() => emitProgram({ name: 'p', outputs: [{ value }] })).toThrow(
      new GraphError('graph_tensor', 'A tensor of (3) cannot have 2 elements.'),
    );
  });
});

describe('accumulation', () => {
  /** The gradient of a table by a weighted sum of its rows, added to what is there. */
  function tableGradient(build: (table: Value, graph: Graph) => Value): Program {
    const graph = new Graph();
    const table = graph.parameter('table', [4, 2], { kind: 'zeros' });
    const loss = build(table, graph);
    const value = differentiate(loss, [table]).get(table)?.get(0) as Value;
    return emitProgram({
      name: 'W0',
      outputs: [{ value, name: 'sum.next', accumulateInto: 'sum' }],
    });
  }
  // The table itself is of use only for what the forward pass would have saved.
  const given = { '%0': floats([4, 2], 0, 0, 0, 0, 0, 0, 0, 0) };
  const sum = floats([4, 2], 10, 20, 30, 40, 50, 60, 70, 80);
  const rows = (...numbers: number[]): TensorData => ({
    data: BigInt64Array.from(numbers, BigInt),
    dims: [numbers.length],
  });

  test('into rows touches these alone: no table of zeros is made and added', async () => {
    const program = tableGradient((table, graph) => {
      const taken = gather(table, graph.input('rows', 'int64', ['R']));
      return reduceSum(mul(taken, graph.input('weights', 'float32', ['R', 2])), [0, 1]);
    });
    const { types, outputs } = read(program);
    expect(types).toContain('ScatterND');
    for (const type of ['ConstantOfShape', 'Sum', 'Identity']) expect(types).not.toContain(type);
    expect(outputs).toEqual([{ name: 'sum.next', dims: [4, 2] }]);
    const inputs = { ...given, rows: rows(3, 1), weights: floats([2, 2], 1, 2, 3, 4), sum };
    expect(await run(program, inputs)).toEqual({ 'sum.next': [10, 20, 33, 44, 50, 60, 71, 82] });
  });

  test('a row that is taken twice receives both', async () => {
    const program = tableGradient((table, graph) => {
      const taken = gather(table, graph.input('rows', 'int64', ['R']));
      return reduceSum(mul(taken, graph.input('weights', 'float32', ['R', 2])), [0, 1]);
    });
    const inputs = { ...given, rows: rows(2, 2), weights: floats([2, 2], 1, 2, 3, 4), sum };
    expect(await run(program, inputs)).toEqual({ 'sum.next': [10, 20, 30, 40, 54, 66, 70, 80] });
  });

  test('a table that is read in two places, and one that is used whole', async () => {
    const twice = tableGradient((table, graph) => {
      const taken = ['a', 'b'].map((name) => gather(table, graph.input(name, 'int64', ['R'])));
      return reduceSum(add(taken[0], scale(taken[1], 2)), [0, 1]);
    });
    expect(await run(twice, { ...given, a: rows(0), b: rows(1), sum })).toEqual({
      'sum.next': [11, 21, 32, 42, 50, 60, 70, 80],
    });
    const whole = tableGradient((table) => reduceSum(table, [0, 1]));
    expect(await run(whole, { ...given, sum })).toEqual({ 'sum.next': [11, 21, 31, 41, 51, 61, 71, 81] });
  });

  test('of a gradient that is given', async () => {
    const { y } = small();
    const program = emitProgram({
      name: 'W0',
      outputs: [{ value: y, name: 'next', accumulateInto: 'sum' }],
      given: new Set([y]),
    });
    const inputs = { [portName(y)]: floats([1, 2], 1, 2), sum: floats([1, 2], 10, 20) };
    expect(await run(program, inputs)).toEqual({ next: [11, 22] });
  });
});
