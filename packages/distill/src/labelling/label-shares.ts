/**
 * From the log-probabilities of an answer's tokens to shares of the labels of a closed set.
 *
 * An answer is a path through a tree of tokens. At each of its tokens the teacher also tells what else it might have
 * written and how likely; where what stands before, with the other token behind it, is the beginning of one label and
 * of no other, that label has this probability. What begins several labels, or none, stays out; the rest is scaled to 1.
 *
 * @module
 */

/** @returns undefined where the tokens are not those of the answer, or nothing is told of them */
export function labelShares(
  tokens: readonly unknown[],
  labels: ReadonlySet<string>,
  answer: string,
): Record<string, number> | undefined {
  const read = tokens.map(readToken);
  const mass = new Map<string, number>();
  let before = '';
  let reached = 1;
  for (const token of read) {
    if (token === undefined) return undefined;
    for (const { text, probability } of token.others) {
      if (text === token.text) continue;
      const label = onlyLabel(before + text, labels);
      if (label !== undefined) mass.set(label, (mass.get(label) ?? 0) + reached * probability);
    }
    before += token.text;
    reached *= token.probability;
  }
  if (before.trim() !== answer || read.length === 0) return undefined;
  mass.set(answer, (mass.get(answer) ?? 0) + reached);
  const whole = [...mass.values()].reduce((sum, one) => sum + one, 0);
  if (!(whole > 0)) return undefined;
  return Object.fromEntries(
    [...mass].sort(([, a], [, b]) => b - a).map(([label, share]) => [label, share / whole]),
  );
}

function onlyLabel(beginning: string, labels: ReadonlySet<string>): string | undefined {
  const begun = beginning.trimStart();
  if (begun === '') return undefined;
  let found: string | undefined;
  for (const label of labels) {
    if (!label.startsWith(begun)) continue;
    if (found !== undefined) return undefined;
    found = label;
  }
  return found;
}

interface Token {
  readonly text: string;
  readonly probability: number;
  readonly others: readonly { readonly text: string; readonly probability: number }[];
}

function readToken(value: unknown): Token | undefined {
  const one = readOne(value);
  if (!one) return undefined;
  const { top_logprobs: top } = value as Record<string, unknown>;
  return { ...one, others: (Array.isArray(top) ? top : []).flatMap((other) => readOne(other) ?? []) };
}

function readOne(value: unknown): { text: string; probability: number } | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { token, logprob } = value as Record<string, unknown>;
  if (typeof token !== 'string' || typeof logprob !== 'number') return undefined;
  return { text: token, probability: Math.min(1, Math.exp(logprob)) };
}
