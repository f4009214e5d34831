/**
 * Gives every input one answer: the majority's, or none.
 *
 * @module
 */
import type { Inputs } from './collect-inputs.ts';
import type { Conflict, Dataset } from './dataset.ts';

/** An answer that isn't one of the kind, in place of its number. */
export const STRAY = -1;

export interface Settled {
  /** Inputs that have an answer, in the order given, … */
  entries: Int32Array;
  /** … its number in the canonical answers, and how many of the examples said so. */
  answers: Int32Array;
  counts: Int32Array;
  /** Inputs that were answered in different ways, … */
  conflicts: number;
  /** … the first of them, in the order given. */
  shown: Conflict[];
  /** Examples whose answer is not the one kept. */
  contradicting: number;
  /** Examples that repeat an input with the answer kept. */
  duplicatesRemoved: number;
  strays: number;
  selfAgreement: Dataset['selfAgreement'];
}

interface Ranked {
  answer: number;
  count: number;
}

/**
 * @param order all inputs, in the order of the dataset
 * @param canonical for each answer of `inputs` the number of what it says in `names`, or `STRAY`
 * @param inherited whether the input is one that only the dataset's parent has: its repetitions were counted then
 */
export function settleAnswers(
  inputs: Inputs,
  order: Uint32Array,
  canonical: Int32Array,
  names: readonly string[],
  inherited: (index: number) => boolean,
  conflictsShown: number,
): Settled {
  const entries = new Int32Array(order.length);
  const answers = new Int32Array(order.length);
  const counts = new Int32Array(order.length);
  const shown: Conflict[] = [];
  const sums = { conflicts: 0, contradicting: 0, duplicatesRemoved: 0, strays: 0 };
  let [kept, repeated, agreement] = [0, 0, 0];
  for (const index of order) {
    const { ranked, strays } = rank(inputs, index, canonical, names);
    sums.strays += strays;
    const [first, second] = ranked;
    if (first === undefined) continue;
    const tied = second !== undefined && second.count === first.count;
    if (!tied) {
      entries[kept] = index;
      answers[kept] = first.answer;
      counts[kept++] = first.count;
    }
    if (inherited(index)) continue;
    const total = ranked.reduce((sum, { count }) => sum + count, 0);
    sums.contradicting += tied ? total : total - first.count;
    sums.duplicatesRemoved += tied ? 0 : first.count - 1;
    if (total > 1) {
      repeated++;
      const pairs = ranked.reduce((sum, { count }) => sum + count * (count - 1), 0);
      agreement += pairs / (total * (total - 1));
    }
    if (second === undefined) continue;
    sums.conflicts++;
    if (shown.length < conflictsShown) {
      shown.push({
        text: inputs.texts[index]!,
        answers: ranked.map(({ answer, count }) => ({ answer: names[answer]!, count })),
        kept: tied ? null : names[first.answer]!,
      });
    }
  }
  return {
    entries: entries.slice(0, kept),
    answers: answers.slice(0, kept),
    counts: counts.slice(0, kept),
    shown,
    ...sums,
    selfAgreement: repeated === 0 ? null : { inputs: repeated, agreement: agreement / repeated },
  };
}

/** What an input was answered, commonest first, and how many of its answers are strays. */
function rank(
  inputs: Inputs,
  index: number,
  canonical: Int32Array,
  names: readonly string[],
): { ranked: Ranked[]; strays: number } {
  const only = inputs.onlyAnswer(index);
  if (only !== -1) {
    const answer = canonical[only]!;
    const count = inputs.onlyCount(index);
    return answer === STRAY ? { ranked: [], strays: count } : { ranked: [{ answer, count }], strays: 0 };
  }
  const sums = new Map<number, number>();
  let strays = 0;
  for (const { answer: given, count } of inputs.tallies(index)) {
    const answer = canonical[given]!;
    if (answer === STRAY) strays += count;
    else sums.set(answer, (sums.get(answer) ?? 0) + count);
  }
  return { ranked: ranking(sums, names), strays };
}

function ranking(sums: ReadonlyMap<number, number>, names: readonly string[]): Ranked[] {
  return Array.from(sums, ([answer, count]) => ({ answer, count })).sort(
    (a, b) => b.count - a.count || (names[a.answer]! < names[b.answer]! ? -1 : 1),
  );
}

/** Smaller shares are left to the rest: they would be many, and teach nothing. */
const LEAST_SHARE = 0.001;

/**
 * The shares that an input's answers have, the largest first, as far as they are known: by what the teacher's
 * log-probabilities or votes say, and by how often each answer was given where they say nothing. Undefined where all of
 * it is one answer's.
 */
export function softShares(
  inputs: Inputs,
  index: number,
  canonical: Int32Array,
  names: readonly string[],
): Readonly<Record<string, number>> | undefined {
  if (!inputs.hasShares(index) && inputs.onlyAnswer(index) !== -1) return undefined;
  const { masses, asked } = inputs.shares(index);
  const sums = new Map<number, number>();
  let whole = asked;
  for (const [given, mass] of masses) {
    const answer = canonical[given]!;
    if (answer === STRAY) whole -= mass;
    else sums.set(answer, (sums.get(answer) ?? 0) + mass);
  }
  const told = ranking(sums, names).filter(({ count }) => count >= LEAST_SHARE * whole);
  const first = told[0];
  if (first === undefined || (told.length === 1 && first.count > (1 - LEAST_SHARE) * whole)) return undefined;
  // Millionths are rounded, each for itself.
  const sum = told.reduce((all, { count }) => all + count, 0);
  return Object.fromEntries(told.map(({ answer, count }) => [names[answer]!, count / Math.max(whole, sum)]));
}
