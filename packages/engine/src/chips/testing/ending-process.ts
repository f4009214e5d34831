/**
 * A process with a chip, and how it ends: the first argument says.
 *
 * @module
 */
import { emitProgram } from '../../compile/program.ts';
import { Graph } from '../../graph/graph.ts';
import { matmul } from '../../graph/ops/matmul.ts';
import { tanh } from '../../graph/ops/tanh.ts';
import { startChip } from '../chip.ts';

const chip = await startChip();
const graph = new Graph();
const size = 256;
const x = graph.input('x', 'float32', [size, size]);
let y = x;
for (let i = 0; i < 50; i++) y = tanh(matmul(y, x));
const { onnx } = emitProgram({ name: 'long', outputs: [{ value: y, name: 'y' }] });
const run = async () => {
  const program = await chip.load(onnx);
  const once = () => program.run({ x: { data: new Float32Array(size * size), dims: [size, size] } });
  return { first: once(), others: Promise.all(Array.from({ length: 50 }, once)) };
};

switch (process.argv[2]) {
  case 'a chip that was never asked':
    break;
  case 'a chip that has run':
    await (await run()).first;
    break;
  case 'a chip at work, by process.exit': {
    await (await run()).first;
    process.exit(3);
    break;
  }
  case 'a chip at work, by an error': {
    await (await run()).first;
    throw new Error('nobody catches this');
  }
  case 'a chip at work, by its work being done': {
    const { others } = await run();
    others.then(
      () => process.stdout.write('done'),
      () => process.stdout.write('failed'),
    );
    break;
  }
}
