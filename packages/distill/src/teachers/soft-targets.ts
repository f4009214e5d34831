/**
 * What a student learns of a teacher's distribution: its likeliest tokens with their shares, and the rest as one.
 *
 * @module
 */

/** For each token of an answer, which token the teacher would rather have written. */
export interface SoftTargets {
  /** K tokens for each position, all different. */
  readonly tokens: Int32Array;
  /** K + 1 natural logarithms for each position: of those tokens' shares, and of all others' together. */
  readonly logShares: Float32Array;
}

/** Stands for a share of nothing. */
export const leastLogShare = -30;

/** The `known` likeliest tokens of each row of logits (rows, vocabulary), and the rest. */
export function softTargetsOf(logits: Float32Array, vocabulary: number, known: number): SoftTargets {
  const rows = logits.length / vocabulary;
  const tokens = new Int32Array(rows * known);
  const logShares = new Float32Array(rows * (known + 1));
  for (let row = 0; row < rows; row++) {
    const own = logits.subarray(row * vocabulary, (row + 1) * vocabulary);
    const order = likeliest(own, known);
    const most = own[order[0]];
    let rest = 0;
    let all = 0;
    const chosen = new Set(order);
    own.forEach((logit, token) => {
      const weight = Math.exp(logit - most);
      all += weight;
      if (!chosen.has(token)) rest += weight;
    });
    order.forEach((token, k) => {
      tokens[row * known + k] = token;
      logShares[row * (known + 1) + k] = Math.max(leastLogShare, own[token] - most - Math.log(all));
    });
    logShares[row * (known + 1) + known] = Math.max(leastLogShare, Math.log(rest / all));
  }
  return { tokens, logShares };
}

/** The places of the largest numbers, the largest first; of equal ones the first. */
export function likeliest(logits: Float32Array, count: number): number[] {
  const found: number[] = [];
  for (let token = 0; token < logits.length; token++) {
    if (found.length === count && logits[token] <= logits[found[count - 1]]) continue;
    let at = found.length;
    while (at > 0 && logits[found[at - 1]] < logits[token]) at--;
    found.splice(at, 0, token);
    if (found.length > count) found.pop();
  }
  return found;
}
