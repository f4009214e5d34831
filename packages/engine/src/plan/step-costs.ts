import type { ModelCosts } from './model-costs.ts';

/** Milliseconds of each piece in a step on one chip: what stages are evened out by. */
export function stepCosts({ costs, microbatches }: Pick<ModelCosts, 'costs' | 'microbatches'>): number[] {
  return costs.map(
    ({ forward, backwardInput, backwardWeight, update }) =>
      microbatches * (forward + backwardInput + backwardWeight) + update,
  );
}
