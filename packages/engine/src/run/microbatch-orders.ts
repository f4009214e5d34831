/**
 * From a step's microbatches to what chips are sent, and what is wrong with them before any chip sees it: a wrong
 * shape would otherwise fail inside a kernel.
 *
 * @module
 */
import type { Port } from '../compile/program.ts';
import { dtypeOf, isTensorData, type TensorData } from '../graph/dtype.ts';
import { evaluateDim, formatShape, type Shape } from '../graph/shape.ts';
import type { MicrobatchOrder } from './job.ts';
import { TrainError } from './train-error.ts';

/** The inputs of the model for one microbatch, by name. */
export type Microbatch = Readonly<Record<string, TensorData>>;

type Extents = Readonly<Record<string, number>>;

/** The symbols in a shape, each once for every time it occurs. */
export function symbolsOf(shape: Shape): string[] {
  return shape.flatMap((dim) =>
    typeof dim === 'number' ? [] : dim.split('*').filter((factor) => !/^\d+$/.test(factor)),
  );
}

/**
 * @param ports all inputs of the model
 * @throws TrainError naming step, microbatch, input and shapes.
 */
export function microbatchOrders(
  microbatches: readonly Microbatch[],
  ports: readonly Port[],
  bounds: Extents,
  step: number,
): MicrobatchOrder[] {
  return microbatches.map((inputs, microbatch) => {
    const extents: Record<string, number> = {};
    const taken = ports.map((port): [string, TensorData] => {
      const where = `Input "${port.name}" of step ${step}, microbatch ${microbatch}`;
      const tensor = inputs[port.name];
      if (!tensor)
        throw new TrainError(
          'train_inputs',
          `${where} is missing; the model expects ${port.dtype} ${formatShape(port.shape)}.`,
        );
      if (!isTensorData(tensor))
        throw new TrainError(
          'train_inputs',
          `${where} is no tensor; give { data, dims } with a typed array and its extents, ${port.dtype} ${formatShape(port.shape)}.`,
        );
      if (tensor.dims.length !== port.shape.length) throw misfit(where, tensor, port.shape, extents);
      bind(extents, port.shape, tensor.dims);
      return [where, tensor];
    });
    for (const [i, [where, tensor]] of taken.entries()) {
      const { shape, dtype } = ports[i];
      const { data, dims } = tensor;
      if (!shape.every((dim, axis) => evaluateDim(dim, extents) === dims[axis]))
        throw misfit(where, tensor, shape, extents);
      if (dtypeOf(data) !== dtype)
        throw new TrainError('train_inputs', `${where} is ${dtypeOf(data)}; the model expects ${dtype}.`);
      const length = dims.reduce((product, dim) => product * dim, 1);
      if (data.length !== length)
        throw new TrainError(
          'train_inputs',
          `${where} has ${data.length} elements; ${formatShape(dims)} has ${length}.`,
        );
    }
    if (taken.length > 0 && taken.every(([, { data }]) => data.length === 0))
      throw new TrainError(
        'train_inputs',
        `Microbatch ${microbatch} of step ${step} is empty: none of its inputs has an element; leave no microbatch without an example.`,
      );
    for (const [symbol, extent] of Object.entries(extents)) {
      if (bounds[symbol] !== undefined && extent > bounds[symbol])
        throw new TrainError(
          'train_bounds',
          `Dimension ${symbol} is ${extent} in step ${step}, above its bound of ${bounds[symbol]}; raise the bound.`,
        );
    }
    return { inputs, extents };
  });
}

/** Takes the extents of symbols from the first input that has them. */
function bind(extents: Record<string, number>, shape: Shape, dims: readonly number[]): void {
  for (const [axis, dim] of shape.entries()) {
    if (typeof dim === 'string' && !dim.includes('*')) extents[dim] ??= dims[axis];
  }
}

/** Says with which extents of symbols the shape is read, so that one sees which input is at odds with which. */
function misfit(where: string, { dims }: TensorData, shape: Shape, extents: Extents): TrainError {
  const known = [...new Set(symbolsOf(shape))]
    .filter((symbol) => extents[symbol] !== undefined)
    .map((symbol) => `${symbol} = ${extents[symbol]}`);
  const reading = known.length === 0 ? '' : ` with ${known.join(', ')}`;
  return new TrainError(
    'train_inputs',
    `${where} is ${formatShape(dims)}; the model expects ${formatShape(shape)}${reading}.`,
  );
}
