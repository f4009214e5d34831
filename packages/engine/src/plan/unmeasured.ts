import { possibleCuts } from '../compile/possible-cuts.ts';
import { compileStages } from '../compile/stages.ts';
import type { Value } from '../graph/graph.ts';
import type { Division } from './divisions-of.ts';
import type { ModelCosts } from './model-costs.ts';

/** Costs of a model as if all its pieces took the same time: for questions of memory, which times don't change. */
export function unmeasured(
  loss: () => Value,
  { chips, threads }: Division,
  microbatches: number,
  recompute: boolean,
): ModelCosts {
  const model = loss();
  const cuts = possibleCuts(model);
  const pieces = compileStages(model, cuts).map(({ blocks }) => blocks);
  const alike = { forward: 1, backwardInput: 1, backwardWeight: 1, update: 1 };
  return {
    chips,
    threads,
    microbatches,
    recompute,
    pieces,
    ends: [...cuts, model.graph.blocks.length - 1],
    costs: pieces.map(() => alike),
    perProgram: { forward: 0, backwardInput: 0, backwardWeight: 0, update: 0 },
    receive: { message: 0, byte: 0 },
    exchange: { scatter: 0, sum: 0, gather: 0 },
    wake: 0,
    host: 0,
    strain: { alone: 1, pipeline: 1, exchange: 1 },
  };
}
