/**
 * The next token by its logits.
 *
 * @module
 */
import { uniform } from '../run/random.ts';

/** How a token is chosen. */
export interface Choice {
  /** 0 takes the likeliest token; above, logits are divided by it and a token is drawn. Default 0. */
  readonly temperature?: number;
  /** Draws among so many of the likeliest tokens only, 1 or more. Default: all. */
  readonly topK?: number;
  /**
   * Draws among the likeliest tokens that together have this share of those left by `topK`, in (0, 1]: as few as have
   * it (Holtzman et al., arXiv 1904.09751). Default 1.
   */
  readonly topP?: number;
}

/** A token drawn from the softmax of `logits`, or the likeliest; of equally likely ones, the first come first. */
export function chooseToken(
  logits: Float32Array,
  { temperature = 0, topK = logits.length, topP = 1 }: Choice,
  draw: () => number,
): number {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i] > logits[best]) best = i;
  if (temperature === 0) return best;
  const candidates = topK < logits.length ? largest(logits, topK) : Int32Array.from(logits.keys());
  const weights = Float64Array.from(candidates, (i) => Math.exp((logits[i] - logits[best]) / temperature));
  if (topP < 1) keepShare(candidates, weights, topP);
  let left = uniform(draw) * weights.reduce((sum, weight) => sum + weight, 0);
  let last = best;
  for (let i = 0; i < candidates.length; i++) {
    if (weights[i] === 0) continue;
    last = candidates[i];
    left -= weights[i];
    if (left < 0) break;
  }
  return last;
}

/** Where the `count` largest numbers are, in order of place. */
function largest(numbers: Float32Array, count: number): Int32Array {
  const least = numbers.slice().sort()[numbers.length - count];
  let equals = count;
  for (const number of numbers) if (number > least) equals--;
  let found = 0;
  const places = new Int32Array(count);
  for (let i = 0; i < numbers.length && found < count; i++)
    if (numbers[i] > least || (numbers[i] === least && equals-- > 0)) places[found++] = i;
  return places;
}

/** Sets to zero the weights beyond the largest ones that together have the share `topP` of all. */
function keepShare(candidates: Int32Array, weights: Float64Array, topP: number): void {
  const order = Uint32Array.from(candidates.keys()).sort((a, b) => weights[b] - weights[a] || a - b);
  let wanted = topP * weights.reduce((sum, weight) => sum + weight, 0);
  for (const place of order) {
    if (wanted <= 0) weights[place] = 0;
    else wanted -= weights[place];
  }
}
