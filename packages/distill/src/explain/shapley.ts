/**
 * What each of several parts contributes to a value that they have together: Shapley's shares.
 *
 * The contribution of a part is the mean, over all orders in which the parts could join, of what the value gains when
 * it does (Shapley, A value for n-person games, 1953). The contributions add up to the value of all less that of none.
 * Few parts are reckoned out exactly; of more, orders are drawn, each beside its reverse (Mitchell et al., Sampling
 * permutations for Shapley value estimation, arXiv 2104.12199), and each order by itself adds up likewise.
 *
 * @module
 */
import { randomStream, shuffle } from '@kolben/engine';

export interface ShapleyOptions {
  /** Sets of parts whose value may be asked for, 2 or more; at least one order and its reverse are drawn. */
  readonly evaluations: number;
  readonly seed: number;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

export interface Shares {
  readonly contributions: readonly number[];
  /** Standard errors of the contributions: 0 where all orders were reckoned with; null where one pair alone was drawn. */
  readonly errors: readonly (number | null)[];
  /** What the value loses when this part alone is taken away. */
  readonly alone: readonly number[];
  readonly none: number;
  readonly all: number;
  readonly exact: boolean;
  /** Sets whose value was asked for. */
  readonly evaluations: number;
}

/** @param valuesOf the values of sets of parts, each given as which parts are in it */
export async function shapley(
  parts: number,
  valuesOf: (sets: readonly (readonly boolean[])[]) => Promise<readonly number[]>,
  { evaluations, seed, onProgress }: ShapleyOptions,
): Promise<Shares> {
  const known = new Map<string, number>();
  const key = (set: readonly boolean[]) => set.map(Number).join('');
  const ask = async (sets: readonly (readonly boolean[])[]) => {
    const missing = new Map(sets.filter((set) => !known.has(key(set))).map((set) => [key(set), set]));
    if (missing.size === 0) return;
    const values = await valuesOf([...missing.values()]);
    [...missing.keys()].forEach((name, i) => {
      known.set(name, values[i]);
    });
  };
  const value = (set: readonly boolean[]) => known.get(key(set)) as number;

  const full = new Array<boolean>(parts).fill(true);
  const empty = new Array<boolean>(parts).fill(false);
  const without = full.map((_, i) => full.with(i, false));
  await ask([full, empty, ...without]);
  const exact = parts <= 24 && 2 ** parts <= evaluations;
  const { contributions, errors } = exact
    ? await exactShares(parts, ask, value, onProgress)
    : await drawnShares(parts, ask, value, { evaluations, seed, onProgress });
  return {
    contributions,
    errors,
    alone: without.map((set) => value(full) - value(set)),
    none: value(empty),
    all: value(full),
    exact,
    evaluations: known.size,
  };
}

type Ask = (sets: readonly (readonly boolean[])[]) => Promise<void>;
type ValueOf = (set: readonly boolean[]) => number;

async function exactShares(
  parts: number,
  ask: Ask,
  value: ValueOf,
  onProgress: ShapleyOptions['onProgress'],
): Promise<Pick<Shares, 'contributions' | 'errors'>> {
  const total = 2 ** parts;
  const sets = Array.from({ length: total }, (_, number) =>
    Array.from({ length: parts }, (_, i) => Math.floor(number / 2 ** i) % 2 === 1),
  );
  for (let i = 0; i < total; i += setsAtOnce) {
    await ask(sets.slice(i, i + setsAtOnce));
    onProgress?.(Math.min(total, i + setsAtOnce), total);
  }
  // A set of s others stands before the part in s! (n - 1 - s)! of the n! orders.
  const weight = [1 / Math.max(1, parts)];
  for (let s = 1; s < parts; s++) weight.push((weight[s - 1] * s) / (parts - s));
  const contributions = new Array<number>(parts).fill(0);
  for (const set of sets) {
    const size = set.filter(Boolean).length;
    set.forEach((inside, i) => {
      if (!inside) contributions[i] += weight[size] * (value(set.with(i, true)) - value(set));
    });
  }
  return { contributions, errors: contributions.map(() => 0) };
}

const setsAtOnce = 256;

async function drawnShares(
  parts: number,
  ask: Ask,
  value: ValueOf,
  { evaluations, seed, onProgress }: ShapleyOptions,
): Promise<Pick<Shares, 'contributions' | 'errors'>> {
  const pairs = Math.max(1, Math.floor(evaluations / (2 * parts)));
  const draw = randomStream(seed, 'orders of parts');
  const sums = new Array<number>(parts).fill(0);
  const squares = new Array<number>(parts).fill(0);
  for (let pair = 0; pair < pairs; pair++) {
    const order = Array.from({ length: parts }, (_, i) => i);
    shuffle(order, draw);
    const orders = [order, [...order].reverse()];
    const paths = orders.map((one) => {
      const path = [new Array<boolean>(parts).fill(false)];
      for (const part of one) path.push(path[path.length - 1].with(part, true));
      return path;
    });
    await ask(paths.flat());
    const gains = new Array<number>(parts).fill(0);
    orders.forEach((one, o) => {
      one.forEach((part, place) => {
        gains[part] += (value(paths[o][place + 1]) - value(paths[o][place])) / 2;
      });
    });
    gains.forEach((gain, part) => {
      sums[part] += gain;
      squares[part] += gain * gain;
    });
    onProgress?.(pair + 1, pairs);
  }
  return {
    contributions: sums.map((sum) => sum / pairs),
    errors: sums.map((sum, part) =>
      pairs === 1 ? null : Math.sqrt(Math.max(0, squares[part] - sum ** 2 / pairs) / (pairs - 1) / pairs),
    ),
  };
}
