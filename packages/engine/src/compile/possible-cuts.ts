import type { Value } from '../graph/graph.ts';
import { needed } from './needed.ts';

/**
 * The blocks after which a model can be cut, ascending; `compileStages` takes any of them together.
 *
 * Left out are those that would make a stage of which nothing is used.
 */
export function possibleCuts(loss: Value): number[] {
  const blocks = new Set([...needed([loss])].flatMap(({ call }) => (call ? [call.block] : [])));
  // After the last block there is nothing to cut off.
  return [...blocks].sort((a, b) => a - b).slice(0, -1);
}
