import type { Stage, StageParameter } from '../compile/stages.ts';
import { elementsOf } from '../run/shares.ts';
import type { ModelCosts } from './model-costs.ts';
import { bytesOf } from './predict-step.ts';

/**
 * About how many bytes each piece of a model brings to its chip: parameters with gradients and moments, and what is
 * kept of as many microbatches as a pipeline over all chips has under way. Not to the byte: it is what cuts are
 * weighed by, and `memoryOf` judges what comes of it.
 *
 * @param stages with every piece a stage
 */
export function pieceBytes(
  stages: readonly Pick<Stage, 'parameters' | 'frozen' | 'forward'>[],
  { chips, microbatches }: Pick<ModelCosts, 'chips' | 'microbatches'>,
  bounds: Readonly<Record<string, number>>,
): number[] {
  return stages.map(({ parameters, frozen, forward }) => {
    const elements = (all: readonly Pick<StageParameter, 'shape'>[]) =>
      all.reduce((sum, parameter) => sum + elementsOf(parameter), 0);
    return (
      16 * elements(parameters) +
      4 * elements(frozen) +
      Math.min(chips, microbatches) * bytesOf(forward.outputs, bounds)
    );
  });
}
