import type { Value } from '../graph/graph.ts';
import { add } from '../graph/ops/add.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { adapterNames, type LowRank, type Projection, projections } from './low-rank.ts';

/** What a projection has beside its matrix. */
export interface ProjectOptions {
  /** Whether something is added to every row. Default false. */
  readonly bias?: boolean;
  /** Adapters, of which this matrix may get one. Default: none. */
  readonly adapters?: LowRank | undefined;
}

/**
 * x · Wᵀ: (N, inputs) → (N, outputs), between hidden units. Parameters: `name` (outputs, inputs); `nameBias` (outputs)
 * where there is a bias; `nameLoraA` (rank, inputs) and `nameLoraB` (outputs, rank), which are trained whatever else is
 * frozen, where there is an adapter. B begins at zero, so that training begins at the model as it was.
 */
export function project(
  x: Value,
  name: Projection,
  inputs: number,
  outputs: number,
  { bias = false, adapters }: ProjectOptions = {},
): Value {
  const { graph } = x;
  const deviation = inputs ** -0.5;
  const weight = graph.parameter(name, [outputs, inputs], { kind: 'normal', deviation }, { hidden: true });
  const product = matmul(x, weight, { transposeB: true });
  const sum = bias ? add(product, graph.parameter(`${name}Bias`, [outputs], { kind: 'zeros' })) : product;
  if (!adapters || !(adapters.of ?? projections).includes(name)) return sum;
  const { rank, alpha } = adapters;
  const names = adapterNames(name);
  const a = graph.parameter(names.a, [rank, inputs], { kind: 'normal', deviation }, { trainable: true });
  const b = graph.parameter(names.b, [outputs, rank], { kind: 'zeros' }, { trainable: true });
  const low = matmul(x, a, { transposeB: true });
  return add(sum, matmul(low, b, { transposeB: true, factor: alpha / rank }));
}
