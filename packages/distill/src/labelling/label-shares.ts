/**
 * From the log-probabilities of an answer's tokens to shares of the labels of a closed set.
 *
 * An answer is a path through a tree of tokens. At each of its tokens the teacher also tells what else it might have
 * written and how likely. Where what stands before, with the other token behind it, is the beginning of one label, that
 * label has this probability; where it is the beginning of several, they have it in equal parts; where it is the
 * beginning of none, no label would have come of it, and it doesn't count: shares are those of an answer that is a label.
 *
 * What the teacher doesn't tell (it names its likeliest few tokens) is the rest, by which the shares fall short of 1.
 *
 * @module
 */

/**
 * @returns by label, the largest first, adding up to 1 or less; undefined where the tokens are not those of the answer,
 *   or nothing is told of them
 */
export function labelShares(
  tokens: readonly unknown[],
  labels: ReadonlySet<string>,
  answer: string,
): Record<string, number> | undefined {
  const read = tokens.map(readToken);
  const mass = new Map<string, number>();
  const give = (label: string, share: number) => mass.set(label, (mass.get(label) ?? 0) + share);
  let before = '';
  let reached = 1;
  let noLabel = 0;
  for (const token of read) {
    if (token === undefined) return undefined;
    for (const { text, probability } of token.others) {
      const begun = (before + text).trimStart();
      // White space alone begins all of them, and so says nothing.
      if (text === token.text || begun === '') continue;
      const begins = [...labels].filter((label) => label.startsWith(begun));
      if (begins.length === 0) noLabel += reached * probability;
      for (const label of begins) give(label, (reached * probability) / begins.length);
    }
    before += token.text;
    reached *= token.probability;
  }
  if (before.trim() !== answer || read.length === 0) return undefined;
  give(answer, reached);
  const named = [...mass.values()].reduce((sum, one) => sum + one, 0);
  // Teachers round: what they tell may add up to a little more than 1.
  const whole = Math.max(named, 1 - noLabel);
  if (!(whole > 0)) return undefined;
  return Object.fromEntries(
    [...mass].sort(([, a], [, b]) => b - a).map(([label, share]) => [label, share / whole]),
  );
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
