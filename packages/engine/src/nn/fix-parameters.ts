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
