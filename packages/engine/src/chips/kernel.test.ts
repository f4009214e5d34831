import { expect, test } from 'vitest';
import { emitProgram, type Program } from '../compile/program.ts';
import { Graph, type Value } from '../graph/graph.ts';
import { add } from '../graph/ops/add.ts';
import { gather } from '../graph/ops/gather.ts';
import { mul } from '../graph/ops/mul.ts';
import { ChipError } from './chip-error.ts';
import { chipTensor, Kernel } from './kernel.ts';

function program(build: (graph: Graph) => Record<string, Value>): Program {
  const outputs = Object.entries(build(new Graph())).map(([name, value]) => ({ name, value }));
  return emitProgram({ name: 'test', outputs, intoGivenMemory: true });
}

const vector = (data: Float32Array) => chipTensor('float32', data, [data.length]);

test('writes several outputs where it is told to, also over its inputs', async () => {
  const { onnx } = program((graph) => {
    const [a, b] = ['a', 'b'].map((name) => graph.input(name, 'float32', ['N']));
    return { sum: add(a, b), product: mul(a, b) };
  });
  const kernel = await Kernel.load(onnx);
  const a = vector(Float32Array.of(1, 2, 3));
  const b = vector(Float32Array.of(10, 20, 30));
  const product = vector(new Float32Array(3));
  await kernel.runInto({ a, b }, { sum: a, product });
  expect(a.data).toEqual(Float32Array.of(11, 22, 33));
  expect(product.data).toEqual(Float32Array.of(10, 40, 90));
  await kernel.release();
});

// The reason for the output in front of all others; should a new ONNX Runtime make it pointless, this tells.
test('makes no copies of its outputs', async () => {
  const length = 250_000;
  const kernel = await Kernel.load(
    program((graph) => ({
      twice: add(graph.input('x', 'float32', ['N']), graph.input('y', 'float32', ['N'])),
    })).onnx,
  );
  const [x, y] = [vector(new Float32Array(length)), vector(new Float32Array(length))];
  const run = () => kernel.runInto({ x, y }, { twice: y });
  await run();
  const before = process.memoryUsage().arrayBuffers;
  for (let i = 0; i < 20; i++) await run();
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(length * 4);
  await kernel.release();
});

test('a run that fails is told from one that ends', async () => {
  const { onnx } = program((graph) => {
    const table = graph.input('table', 'float32', ['V']);
    return { rows: gather(table, graph.input('at', 'int64', ['N'])) };
  });
  const kernel = await Kernel.load(onnx, 'program F0');
  const table = vector(Float32Array.of(1, 2));
  const run = (at: bigint, rows: Float32Array) =>
    kernel.runInto({ table, at: chipTensor('int64', BigInt64Array.of(at), [1]) }, { rows: vector(rows) });
  const rows = new Float32Array(1);
  await expect(run(2n, rows)).rejects.toThrow(/^program F0 failed: .*idx=2 must be within .*\.$/);
  await expect(run(1n, new Float32Array(2))).rejects.toThrow(ChipError);
  await run(1n, rows);
  expect(rows).toEqual(Float32Array.of(2));
  await kernel.release();
});
