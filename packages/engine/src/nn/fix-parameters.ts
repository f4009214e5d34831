import { type PackedTensor, quantiseRows } from '../compile/packed-tensor.ts';
import type { TensorData } from '../graph/dtype.ts';
import { type Graph, GraphError, type Value } from '../graph/graph.ts';
import { formatShape } from '../graph/shape.ts';
import type { Parameters } from '../run/run-state.ts';

/**
 * A graph's parameters with their numbers, to be written into a program: see `ProgramOptions.fixed`.
 *
 * @throws GraphError (`graph_parameters`) for one that is missing or of another size
 */
export function fixParameters(graph: Graph, parameters: Parameters): Map<Value, TensorData> {
  const fixed = new Map<Value, TensorData>();
  for (const value of graph.values) {
    if (value.source?.kind !== 'parameter') continue;
    const { name } = value.source;
    const dims = value.shape as number[];
    const data = parameters[name];
    if (data?.length !== dims.reduce((product, dim) => product * dim, 1))
      throw new GraphError(
        'graph_parameters',
        `The parameter "${name}" ${data ? `has ${data.length} numbers` : 'is missing'}; the model needs it as ${formatShape(dims)}.`,
      );
    fixed.set(value, { data, dims });
  }
  return fixed;
}

/** How a program keeps the numbers that are written into it. */
export interface KeptNumbers {
  /**
   * Matrices and tables in whole numbers of so many bits, with a scale for each row (`quantiseRows`). Default: all as
   * they are.
   */
  readonly rowBits?: 8 | undefined;
}

/** The numbers of `fixed` as a program is to keep them, for `ProgramOptions`. */
export function keptNumbers(
  fixed: ReadonlyMap<Value, TensorData>,
  { rowBits }: KeptNumbers,
): { readonly fixed: ReadonlyMap<Value, TensorData>; readonly packed?: ReadonlyMap<Value, PackedTensor> } {
  if (rowBits === undefined) return { fixed };
  const [whole, packed] = [new Map<Value, TensorData>(), new Map<Value, PackedTensor>()];
  for (const [value, tensor] of fixed)
    if (tensor.dims.length === 2 && tensor.data instanceof Float32Array)
      packed.set(value, quantiseRows(tensor.data, tensor.dims, rowBits));
    else whole.set(value, tensor);
  return { fixed: whole, packed };
}
