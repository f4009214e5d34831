import type { Graph, Parameters, TensorData, Value } from '@kolben/engine';

/** Trained parameters as a program that answers holds them: for `emitProgram`. */
export function fixedParameters(graph: Graph, parameters: Parameters): Map<Value, TensorData> {
  return new Map(
    graph.values.flatMap((value) =>
      value.source?.kind === 'parameter'
        ? [[value, { data: parameters[value.source.name], dims: value.shape as number[] }] as const]
        : [],
    ),
  );
}
