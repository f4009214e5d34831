/**
 * Which of a stage's weights each of its copies moves.
 *
 * @module
 */
import type { StageParameter } from '../compile/stages.ts';

/** A stretch of one parameter's elements. */
export interface Share {
  /** Index of the parameter among the stage's. */
  readonly parameter: number;
  readonly start: number;
  /** Not included. */
  readonly end: number;
}

export function elementsOf({ shape }: Pick<StageParameter, 'shape'>): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

/**
 * For each copy, the stretches that are its to move; together they are every element once.
 *
 * Elements are dealt out evenly, in order; or whole parameters, the largest first to whoever has least, where the
 * optimizer must see a parameter as a whole.
 */
export function sharesOf(
  parameters: readonly Pick<StageParameter, 'shape'>[],
  copies: number,
  wholeParameters: boolean,
): Share[][] {
  const sizes = parameters.map(elementsOf);
  const shares: Share[][] = Array.from({ length: copies }, () => []);
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
  for (const [copy, own] of shares.entries()) {
    const [from, to] = [Math.floor((total * copy) / copies), Math.floor((total * (copy + 1)) / copies)];
    let begin = 0;
    for (const [parameter, size] of sizes.entries()) {
      const [start, end] = [Math.max(from - begin, 0), Math.min(to - begin, size)];
      if (start < end) own.push({ parameter, start, end });
      begin += size;
    }
  }
  return shares;
}
