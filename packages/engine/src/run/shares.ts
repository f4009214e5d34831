/**
 * Which weights each of the chips that hold them moves.
 *
 * @module
 */
import type { StageParameter } from '../compile/stages.ts';

/** A stretch of one parameter's elements. */
export interface Share {
  /** Index of the parameter among those that are shared out. */
  readonly parameter: number;
  readonly start: number;
  /** Not included. */
  readonly end: number;
}

export function elementsOf({ shape }: Pick<StageParameter, 'shape'>): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

/**
 * For each of so many holders, the stretches that are its to move; together they are every element once.
 *
 * Elements are dealt out evenly, in order; or whole parameters, the largest first to whoever has least, where the
 * optimizer must see a parameter as a whole.
 */
export function sharesOf(
  parameters: readonly Pick<StageParameter, 'shape'>[],
  holders: number,
  wholeParameters: boolean,
): Share[][] {
  const sizes = parameters.map(elementsOf);
  const shares: Share[][] = Array.from({ length: holders }, () => []);
  if (wholeParameters) {
    const loads = shares.map(() => 0);
    const largestFirst = [...sizes.keys()].sort((a, b) => sizes[b] - sizes[a] || a - b);
    for (const parameter of largestFirst) {
      const least = loads.indexOf(Math.min(...loads));
      loads[least] += sizes[parameter];
      shares[least].push({ parameter, start: 0, end: sizes[parameter] });
    }
    return shares.map((own) => own.sort((a, b) => a.parameter - b.parameter));
  }
  const total = sizes.reduce((sum, size) => sum + size, 0);
  for (const [holder, own] of shares.entries()) {
    const [from, to] = [holder, holder + 1].map((i) => Math.floor((total * i) / holders));
    let begin = 0;
    for (const [parameter, size] of sizes.entries()) {
      const [start, end] = [Math.max(from - begin, 0), Math.min(to - begin, size)];
      if (start < end) own.push({ parameter, start, end });
      begin += size;
    }
  }
  return shares;
}
