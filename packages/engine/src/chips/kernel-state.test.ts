import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { emitProgram, type Output } from '../compile/program.ts';
import { Graph, GraphError, type Value } from '../graph/graph.ts';
import { add } from '../graph/ops/add.ts';
import { expandLike } from '../graph/ops/expand-like.ts';
import { mul } from '../graph/ops/mul.ts';
import { reduceSum } from '../graph/ops/reduce-sum.ts';
import { scatterElements } from '../graph/ops/scatter-elements.ts';
import { unsqueeze } from '../graph/ops/unsqueeze.ts';
import { type Chip, startChip } from './chip.ts';

let chip: Chip;
beforeAll(async () => {
  chip = await startChip(2);
});
afterAll(() => chip.close());

const integers = (...numbers: number[]) => ({
  data: BigInt64Array.from(numbers, BigInt),
  dims: [numbers.length],
});
const floats = (dims: number[], ...numbers: number[]) => ({ data: Float32Array.from(numbers), dims });

/** Writes rows (N, 2) into a table of C rows that it keeps, and answers the sums of all rows. */
function table() {
  const graph = new Graph();
  const slots = graph.input('slots', 'float32', ['C']);
  const kept = graph.input('kept', 'float32', ['C', 2]);
  const fresh = graph.input('fresh', 'float32', ['N', 2]);
  const rows = graph.input('rows', 'int64', ['N']);
  const written = scatterElements(kept, expandLike(unsqueeze(rows, 1), fresh), fresh, { axis: 0 });
  return emitProgram({
    name: 'table',
    outputs: [
      { value: reduceSum(mul(written, unsqueeze(slots, 1)), [0]), name: 'sums' },
      { value: written, name: 'next', replaces: 'kept' },
    ],
    intoGivenMemory: true,
  });
}

describe('a state', () => {
  const program = table();
  const write = (row: number, a: number, b: number) => ({
    fresh: floats([1, 2], a, b),
    rows: integers(row),
  });
  const slots = (count: number) => ({ slots: floats([count], ...Array<number>(count).fill(1)) });
  const sums = (a: number, b: number) => ({ sums: floats([2], a, b) });

  test('keeps what replaces an input, grows with the others, and holds them until they are given again', async () => {
    const loaded = await chip.load(program.onnx);
    const state = await loaded.openState(program.replaced);
    expect(await state.run({ ...write(0, 1, 2), ...slots(2) })).toEqual(sums(1, 2));
    expect(await state.run(write(1, 10, 20))).toEqual(sums(11, 22));
    expect(await state.run(write(0, 3, 4))).toEqual(sums(13, 24));
    expect(await state.run({ ...write(4, 100, 200), ...slots(5) })).toEqual(sums(113, 224));
    expect(await state.run({ slots: floats([5], 1, 0, 0, 0, 0) })).toEqual(sums(3, 4));
    await loaded.release();
  });

  test('knows nothing of another, whose runs come in between', async () => {
    const loaded = await chip.load(program.onnx);
    const states = await Promise.all([1, 10, 100].map(() => loaded.openState(program.replaced)));
    const steps = [0, 1, 2].map((row) =>
      Promise.all(states.map((state, i) => state.run({ ...write(row, 10 ** i, i), ...slots(3) }))),
    );
    expect((await Promise.all(steps)).at(-1)).toEqual([sums(3, 0), sums(30, 3), sums(300, 6)]);
    await loaded.release();
  });

  test('is gone when it is closed, and when its program is released', async () => {
    const loaded = await chip.load(program.onnx);
    const [closed, left] = [
      await loaded.openState(program.replaced),
      await loaded.openState(program.replaced),
    ];
    const first = { ...write(0, 1, 2), ...slots(1) };
    await closed.run(first);
    await closed.close();
    const gone = 'Chip 2: the state has been closed, or its program released; open another.';
    await expect(closed.run(first)).rejects.toThrow(gone);
    expect(await left.run(first)).toEqual(sums(1, 2));
    await loaded.release();
    await expect(left.run(first)).rejects.toThrow(gone);
    await expect(loaded.openState(program.replaced)).rejects.toThrow('the program has been released');
  });

  test('says what is wrong with what it is given', async () => {
    const loaded = await chip.load(program.onnx);
    const open = (replaced: Record<string, string>) => loaded.openState(replaced);
    await expect(open({ none: 'next' })).rejects.toThrow('it has no input "none"');
    await expect(open({ kept: 'none' })).rejects.toThrow('it has no output "none"');
    await expect(open({ kept: 'sums' })).rejects.toThrow(
      'its output "sums", float32 (2), cannot take the place of the input "kept", float32 (C, 2)',
    );
    const state = await open(program.replaced);
    await expect(state.run(write(0, 1, 2))).rejects.toThrow('the input "slots" is missing');
    await expect(state.run({ ...write(0, 1, 2), ...slots(1), kept: floats([1, 2], 0, 0) })).rejects.toThrow(
      'the input "kept" is kept on the chip and cannot be given',
    );
    await expect(state.run({ rows: { ...integers(1), dims: [2] } })).rejects.toThrow('(2) has 2');
    await loaded.release();
    const graph = new Graph();
    const plain = emitProgram({ name: 'plain', outputs: [{ value: graph.input('x', 'float32', ['N']) }] });
    const other = await chip.load(plain.onnx);
    await expect(other.openState({})).rejects.toThrow('emit it with `intoGivenMemory`');
    await other.release();
  });
});

describe('an output that replaces an input', () => {
  const emit = (build: (kept: Value) => Output[]) => () => {
    const graph = new Graph();
    return emitProgram({ name: 'p', outputs: build(graph.input('kept', 'float32', ['N'])) });
  };

  test('may be the only thing made of it', () => {
    expect(emit((kept) => [{ value: add(kept, kept), name: 'next', replaces: 'kept' }])().replaced).toEqual({
      kept: 'next',
    });
    const both = (kept: Value): Output[] => [
      { value: add(kept, kept), name: 'next', replaces: 'kept' },
      { value: mul(kept, kept), name: 'square' },
    ];
    expect(emit(both)).toThrow(GraphError);
    expect(emit(both)).toThrow(
      'The output "next" cannot be written over the input "kept": it is not the only one made of it',
    );
    expect(emit((kept) => [{ value: add(kept, kept), replaces: 'other' }])).toThrow(
      'the program has no such input',
    );
  });
});
