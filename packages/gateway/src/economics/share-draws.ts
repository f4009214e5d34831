/**
 * The quantiles of a share, many at a time.
 *
 * Each is an exact limit (`shareQuantile`), and to find one the incomplete beta function has to be inverted: two thousand
 * of them take as long as all the rest of a result ten times over. Below and above the middle they are a smooth function
 * of the normal quantile, so a few are found exactly, about where the Chebyshev points of each half lie, and those between
 * by the barycentric formula (Berrut and Trefethen, Barycentric Lagrange interpolation, SIAM Review 46, 2004).
 *
 * @module
 */
import { normalQuantile, shareQuantile } from './quantiles.ts';

/** Of each half. */
const exact = 16;

/** The quantiles at (i + ½) / n of a share that was seen as k of m, in pieces of the list. @param n even */
export function* shareDraws(n: number, k: number, m: number): Generator<number[], void, undefined> {
  const half = n / 2;
  for (const from of [0, half]) {
    const z = Array.from({ length: half }, (_, i) => normalQuantile((from + i + 0.5) / n));
    const known = new Map<number, number>();
    for (const i of nodesIn(z)) known.set(i, shareQuantile((from + i + 0.5) / n, k, m));
    const nodes = [...known].map(([i, value]) => ({ i, at: z[i]!, value }));
    const weights = nodes.map(({ i, at }) =>
      nodes.reduce((product, other) => (other.i === i ? product : product / (at - other.at)), 1),
    );
    yield z.map((at, i) => {
      const value = known.get(i);
      if (value !== undefined) return value;
      let [above, below] = [0, 0];
      for (const [j, node] of nodes.entries()) {
        const part = weights[j]! / (at - node.at);
        above += part * node.value;
        below += part;
      }
      return above / below;
    });
  }
}

/** The places nearest to the Chebyshev points, each once. @param z ascending */
function nodesIn(z: readonly number[]): number[] {
  const [low, high] = [z[0]!, z.at(-1)!];
  const places = Array.from({ length: exact }, (_, j) => {
    const wanted = (low + high) / 2 - ((high - low) / 2) * Math.cos((j * Math.PI) / (exact - 1));
    const next = z.findIndex((one) => one >= wanted);
    if (next <= 0) return next === 0 ? 0 : z.length - 1;
    return wanted - z[next - 1]! < z[next]! - wanted ? next - 1 : next;
  });
  return [...new Set(places)];
}
