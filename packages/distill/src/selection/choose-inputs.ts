/**
 * Which inputs to put to a teacher, where not all can be: those that teach most.
 *
 * At first nothing is known but the texts, so those are asked that cover them best. From then on a linear model of the
 * answers so far says of which texts it is least sure, and of these such are asked as lie apart from each other, in
 * rounds that grow with what is known. Of near duplicates one is asked until nothing else is left.
 *
 * The choice is anything but a random sample: see decision 0125 for what may be done with it.
 *
 * @module
 */
import { randomStream, shuffle } from '@kolben/engine';
import { READ_CHARACTERS } from '../baselines/ngram-linear.ts';
import type { SparseRows } from '../baselines/sparse-rows.ts';
import { fitTfidf } from '../baselines/tfidf.ts';
import { DisjointSets } from '../datasets/disjoint-sets.ts';
import { findNearDuplicates } from '../datasets/near-duplicates.ts';
import { normaliseAnswer, normaliseText } from '../datasets/normalise.ts';
import { denseVectors } from './dense-vectors.ts';
import { marginsOf } from './margins.ts';
import { spread } from './spread.ts';

export interface ChooseInputsOptions {
  readonly texts: readonly string[];
  /** How many to choose; all of them where there are no more. */
  readonly budget: number;
  /**
   * Has these inputs answered: to each its answer, or undefined where there is none of use. May be called with inputs
   * that were answered to an earlier process. Resolves to undefined where answers are missing and the choice is to end
   * with what was asked.
   */
  readonly ask: (indices: readonly number[]) => Promise<readonly (string | undefined)[] | undefined>;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: ChoiceProgress) => void) | undefined;
}

export interface ChoiceProgress {
  readonly phase: 'compare' | 'cover' | 'doubt' | 'ask';
  /** Counted from 1. */
  readonly round: number;
  /** Inputs chosen before this round. */
  readonly chosen: number;
}

/** Asked before any answer is known. */
export const FIRST_ROUND = 256;
/** Later rounds are this share of what was asked before. */
const GROWTH = 0.5;
/** The least sure are taken, as many times more than are asked; of these the ones that lie apart. */
const DOUBTED = 1.2;
/** With so many answers to a label or fewer, on average, answers are no labels and there is nothing to be unsure between. */
const REPEATED = 2;
/** Of a larger pool so many, at random, are looked at: more would not be told apart any better. */
const POOL = 50_000;

/**
 * The indices chosen, in order: exactly `budget` distinct ones, or all. The same texts, seed and answers give the same
 * choice, and a smaller budget's is the beginning of a larger one's, unless it was cut short by `ask`.
 *
 * @throws RangeError for a budget that is no whole number from 0
 * @throws the signal's reason once it is aborted, and whatever `ask` throws
 */
export async function chooseInputs(options: ChooseInputsOptions): Promise<number[]> {
  const { texts, budget, ask, seed, signal, onProgress } = options;
  if (!(Number.isSafeInteger(budget) && budget >= 0))
    throw new RangeError(`${budget} inputs cannot be chosen.`);
  const wanted = Math.min(budget, texts.length);
  let round = 1;
  const tell = (phase: ChoiceProgress['phase'], chosen: number) => onProgress?.({ phase, round, chosen });
  tell('compare', 0);
  const { firsts, others } = await apart(texts, seed, signal);
  const rows = rowsOfTexts(firsts.map((index) => texts[index]!));
  const vectors = denseVectors(rows);
  const stream = randomStream('choose', seed);

  // From here on places in `firsts`.
  const known = new Map<number, string>();
  const places: number[] = [];
  const open = new Set(firsts.keys());
  const takeNext = async (batch: readonly number[]): Promise<boolean> => {
    // A round is chosen whole and cut off where the budget ends, so that a larger budget begins alike.
    const asked = batch.slice(0, wanted - places.length);
    for (const place of asked) {
      places.push(place);
      open.delete(place);
    }
    tell('ask', places.length - asked.length);
    const answers = await ask(asked.map((place) => firsts[place]!));
    signal?.throwIfAborted();
    if (answers === undefined) return false;
    for (const [i, place] of asked.entries()) {
      const answer = answers[i];
      if (answer !== undefined) known.set(place, normaliseAnswer(answer));
    }
    return true;
  };
  const indices = () => places.map((place) => firsts[place]!);

  while (places.length < wanted && open.size > 0) {
    const count = places.length === 0 ? FIRST_ROUND : Math.ceil(GROWTH * places.length);
    const doubted = await leastSure(rows, known, [...open], Math.ceil(DOUBTED * count), {
      seed,
      signal,
      begin: () => tell('doubt', places.length),
    });
    if (!doubted) tell('cover', places.length);
    const batch = await spread({
      vectors,
      from: doubted ?? [...open],
      count,
      taken: doubted ? [] : places,
      stream,
      signal,
    });
    if (!(await takeNext(batch))) return indices();
    round++;
  }
  const rest = others.slice(0, wanted - places.length);
  if (rest.length > 0) {
    tell('ask', places.length);
    await ask(rest);
  }
  return [...indices(), ...rest];
}

/** The places that a model of the answers is least sure of; undefined where the answers don't make one. */
async function leastSure(
  rows: SparseRows,
  known: ReadonlyMap<number, string>,
  open: readonly number[],
  count: number,
  { seed, signal, begin }: { seed: number; signal: AbortSignal | undefined; begin: () => void },
): Promise<number[] | undefined> {
  const answers = [...new Set(known.values())].sort();
  if (answers.length < 2 || answers.length * REPEATED > known.size) return undefined;
  begin();
  const numbers = new Map(answers.map((answer, number) => [answer, number]));
  const learned = new Map(Array.from(known, ([place, answer]) => [place, numbers.get(answer)!]));
  const margins = await marginsOf(rows, learned, answers.length, seed, signal);
  return [...open].sort((a, b) => margins[a]! - margins[b]! || a - b).slice(0, count);
}

/** One of each group of near duplicates, and those that were passed over; both in random order. */
async function apart(
  texts: readonly string[],
  seed: number,
  signal: AbortSignal | undefined,
): Promise<{ firsts: number[]; others: number[] }> {
  const order = shuffle([...texts.keys()], randomStream('order', seed));
  const pool = order.slice(0, POOL);
  const groups = new DisjointSets();
  for (const _ of pool) groups.add();
  await findNearDuplicates(
    pool.length,
    (place) => normaliseText(texts[pool[place]!]!),
    (one, other) => groups.union(one, other),
    signal,
  );
  const seen = new Set<number>();
  const firsts: number[] = [];
  const others: number[] = [];
  for (const [place, index] of pool.entries()) {
    const group = groups.find(place);
    (seen.has(group) ? others : firsts).push(index);
    seen.add(group);
  }
  return { firsts, others: [...others, ...order.slice(POOL)] };
}

function rowsOfTexts(texts: readonly string[]): SparseRows {
  return fitTfidf(texts, { minDocuments: 1, maxCharacters: READ_CHARACTERS }).rows;
}
