import type { Value } from '../graph/graph.ts';
import { needed } from './needed.ts';

/**
 * The blocks after which a model can be cut, ascending; `compileStages` takes any of them together.
 *
 * Left out are cuts between two blocks that use the same parameter, and those that would make a stage of which
 * nothing is used.
 */
export function possibleCuts(loss: Value): number[] {
  const blocks = new Set<number>();
  const uses = new Map<Value, { first: number; last: number }>();
  for (const { call } of needed([loss])) {
    if (!call) continue;
    const { block, inputs } = call;
    blocks.add(block);
    for (const parameter of inputs.filter(({ source }) => source?.kind === 'parameter')) {
      const { first, last } = uses.get(parameter) ?? { first: block, last: block };
      uses.set(parameter, { first: Math.min(first, block), last: Math.max(last, block) });
    }
  }
  const isShared = (cut: number) => [...uses.values()].some(({ first, last }) => first <= cut && cut < last);
  // After the last block there is nothing to cut off.
  return [...blocks]
    .sort((a, b) => a - b)
    .slice(0, -1)
    .filter((cut) => !isShared(cut));
}
