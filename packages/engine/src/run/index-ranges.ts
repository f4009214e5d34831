/**
 * Which inputs of a model name rows of something, and how many rows there are: a number beyond them would fail inside
 * a kernel, or be taken for another row, or be read from memory that is somebody else's.
 *
 * @module
 */
import type { Call, Value } from '../graph/graph.ts';
import { flattenRowsOp } from '../graph/ops/flatten-rows.ts';
import { gatherOp } from '../graph/ops/gather.ts';
import { rotaryOp } from '../graph/ops/rotary.ts';
import { squeezeOp } from '../graph/ops/squeeze.ts';
import { unsqueezeOp } from '../graph/ops/unsqueeze.ts';
import { formatShape } from '../graph/shape.ts';
import type { Microbatch } from './microbatch-orders.ts';
import { TrainError } from './train-error.ts';

/** What an input may hold, and who says so. */
export interface IndexRange {
  readonly input: string;
  /** Numbers lie in [0, rows). */
  readonly rows: number;
  /** The op, its place in the model and the shape that it takes rows of. */
  readonly taker: string;
}

const throughShapes: readonly unknown[] = [flattenRowsOp, squeezeOp, unsqueezeOp];

/**
 * The ranges of all inputs that reach such an op with no more than their shape changed; of others, those that they
 * were declared with.
 */
export function indexRanges(loss: Value): IndexRange[] {
  const { values } = loss.graph;
  const taken = values.flatMap(({ call }) => (call ? rangesOf(call) : []));
  const declared = values.flatMap(({ source }): IndexRange[] =>
    source?.kind === 'input' &&
    source.below !== undefined &&
    !taken.some(({ input }) => input === source.name)
      ? [{ input: source.name, rows: source.below, taker: `the model has ${source.below} of them` }]
      : [],
  );
  return [...taken, ...declared];
}

function rangesOf(call: Call): IndexRange[] {
  const taken = rowsOf(call);
  if (!taken) return [];
  let source = call.inputs[1];
  while (source.call && throughShapes.includes(source.call.op)) source = source.call.inputs[0];
  if (source.source?.kind !== 'input' || source.dtype !== 'int64') return [];
  const place = call.scope === '' ? '' : ` at "${call.scope}"`;
  return [
    { input: source.source.name, rows: taken.rows, taker: `${call.op.name}${place} takes ${taken.what}` },
  ];
}

function rowsOf({ op, inputs, attributes }: Call): { rows: number; what: string } | undefined {
  const [rows] = inputs[0].shape;
  if ((op as unknown) === gatherOp && typeof rows === 'number')
    return { rows, what: `rows of ${formatShape(inputs[0].shape)}` };
  if ((op as unknown) !== rotaryOp) return undefined;
  const { positions } = attributes as { positions: number };
  return { rows: positions, what: `${positions} positions` };
}

/** @throws TrainError (`train_inputs`) naming the input, the number, and the op that cannot take it. */
export function checkIndexRanges(
  microbatches: readonly Microbatch[],
  ranges: readonly IndexRange[],
  step: number,
): void {
  for (const [microbatch, inputs] of microbatches.entries()) {
    for (const { input, rows, taker } of ranges) {
      const { data, dims } = inputs[input];
      const wrong = firstBeyond(data as BigInt64Array, rows);
      if (wrong !== undefined)
        throw new TrainError(
          'train_inputs',
          `Input "${input}" ${formatShape(dims)} of step ${step}, microbatch ${microbatch} holds ${wrong}: ${taker}, so give numbers from 0 to ${rows - 1}.`,
        );
    }
  }
}

/** The first number outside [0, rows). */
function firstBeyond(numbers: BigInt64Array, rows: number): bigint | undefined {
  // In halves: a comparison of big integers takes twenty times as long, and this is done for every step.
  const halves = new Int32Array(numbers.buffer, numbers.byteOffset, 2 * numbers.length);
  for (let i = 0; i < numbers.length; i++) {
    const low = halves[2 * i];
    if (halves[2 * i + 1] !== 0 || low < 0 || low >= rows) return numbers[i];
  }
  return undefined;
}
