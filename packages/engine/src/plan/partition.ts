/**
 * Which consecutive blocks make a stage.
 *
 * @module
 */
import { PlanError } from './plan-error.ts';

/**
 * Cuts blocks into stages so that the most costly stage costs as little as possible; of several such cuts, those
 * of which the squares of the stages' costs sum to the least, the most even ones.
 *
 * Dynamic programming over (blocks, stages): O(stages · cuts²).
 *
 * @param costs of the blocks, in any unit, each 0 or more
 * @param stages 1 or more
 * @param possible blocks after which the model can be cut, ascending; by default every one but the last
 * @returns the blocks after which to cut, ascending: one fewer than `stages`
 * @throws PlanError when there are too few possible cuts, or a cost is not a number of 0 or more.
 */
export function partition(
  costs: readonly number[],
  stages: number,
  possible: readonly number[] = costs.slice(1).map((_, block) => block),
): number[] {
  const wrong = costs.findIndex((cost) => !(cost >= 0 && Number.isFinite(cost)));
  if (wrong >= 0)
    throw new PlanError(
      'plan_cost',
      `Block ${wrong} cannot cost ${costs[wrong]}; give a number of 0 or more.`,
    );
  if (!Number.isInteger(stages) || stages < 1 || stages > possible.length + 1)
    throw new PlanError(
      'plan_stages',
      `The blocks can be cut into 1 to ${possible.length + 1} stages, not into ${stages}.`,
    );

  /** The blocks at which pieces end, from which stages are made; the last one ends the model. */
  const ends = [...possible, costs.length - 1];
  const sums = [0];
  for (const cost of costs) sums.push(sums[sums.length - 1] + cost);
  /** The cost of the pieces after piece `from`, up to piece `to`. */
  const cost = (from: number, to: number) => sums[ends[to] + 1] - (from < 0 ? 0 : sums[ends[from] + 1]);

  const smallest = bestCuts(ends.length, stages, (before, last) => Math.max(before, last), cost);
  const bound = largest(smallest, cost, ends.length);
  const even = bestCuts(
    ends.length,
    stages,
    (before, last) => (last <= bound ? before + last * last : Number.POSITIVE_INFINITY),
    cost,
  );
  return even.map((piece) => ends[piece]);
}

/** The pieces after which to cut so that the stages' costs, folded by `join` from the first to the last, are least. */
function bestCuts(
  pieces: number,
  stages: number,
  join: (before: number, last: number) => number,
  cost: (from: number, to: number) => number,
): number[] {
  /** By stages made and the piece that they end with: the least cost, and the piece after which the last one begins. */
  let best = Array.from({ length: pieces }, (_, to) => join(0, cost(-1, to)));
  const begins: number[][] = [];
  for (let stage = 1; stage < stages; stage++) {
    const from: number[] = [];
    best = best.map((_, to) => {
      let least = Number.POSITIVE_INFINITY;
      from[to] = stage - 1;
      for (let before = stage - 1; before < to; before++) {
        const joined = join(best[before], cost(before, to));
        if (joined < least) [least, from[to]] = [joined, before];
      }
      return least;
    });
    begins.push(from);
  }
  const cuts: number[] = [];
  let to = pieces - 1;
  for (const from of begins.reverse()) {
    to = from[to];
    cuts.unshift(to);
  }
  return cuts;
}

function largest(
  cuts: readonly number[],
  cost: (from: number, to: number) => number,
  pieces: number,
): number {
  return Math.max(...[...cuts, pieces - 1].map((to, i) => cost(cuts[i - 1] ?? -1, to)));
}
