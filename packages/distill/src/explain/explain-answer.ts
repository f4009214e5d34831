/**
 * Why a student answers as it does: what in the text decided, what else it might have said, what it learned from that
 * is like it.
 *
 * It works for every family of models, by asking the student about the text without some of its words. Where the family
 * shows its scores, what is explained is the gap between the answer and the runner-up in log-odds; otherwise the
 * confidence in the answer.
 *
 * @module
 */
import { KolbenError } from '@kolben/engine';
import type { Weighed } from '../students/family.ts';
import type { Student } from '../students/open-student.ts';
import { type LabelledText, type Neighbours, nearestExamples } from './nearest.ts';
import { shapley } from './shapley.ts';
import { keepParts, splitWords } from './split-words.ts';

export interface ExplainOptions {
  /** What the student learned from, or other labelled texts to compare with; without them no neighbours are named. */
  readonly examples?: readonly LabelledText[] | undefined;
  /** How many neighbours. Default 5. */
  readonly neighbours?: number;
  /** Texts that the student may be asked about for the words' shares, 2 or more. Default 1,024. */
  readonly evaluations?: number;
  /** Of the orders that are drawn where there are too many words for all. Default 0. */
  readonly seed?: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface ExplainedWord {
  /** Offsets in UTF-16 units of the text. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** Its share of `value - baseline`: above 0 it speaks for the answer, below 0 against it. */
  readonly contribution: number;
  /** Standard error of that; 0 where it is exact, null where it isn't known. */
  readonly error: number | null;
  /** What the value loses when this word alone is missing. */
  readonly alone: number;
}

export interface Explanation {
  readonly student: string;
  readonly text: string;
  readonly answer: string;
  readonly confidence: number;
  /** From which confidence on answers are certified; null where there is no certificate. */
  readonly threshold: number | null;
  readonly certified: boolean;
  /** What it would have said otherwise; null where the family doesn't show it. */
  readonly runnerUp: { readonly answer: string; readonly confidence: number } | null;
  /**
   * What the words share out: `log-odds` of the answer against the runner-up, in nats, or the `confidence` in the
   * answer, 0 where another is given.
   */
  readonly measure: 'log-odds' | 'confidence';
  /** The measure of the whole text. */
  readonly value: number;
  /** The measure of the text without any word. */
  readonly baseline: number;
  /** Whether all orders of the words were reckoned with, or some drawn. */
  readonly exact: boolean;
  /** Texts that the student was asked about. */
  readonly evaluations: number;
  /** In the order of the text; of a long text, runs of words. Contributions add up to `value - baseline`. */
  readonly words: readonly ExplainedWord[];
  /** Null where no examples were given. */
  readonly neighbours: Neighbours | null;
}

/** More parts than this are joined to runs of words. */
const mostParts = 64;
const textsAtOnce = 256;

/** @throws KolbenError (`explain_empty`) for a text without words; the signal's reason when aborted */
export async function explainAnswer(
  student: Student,
  text: string,
  { examples, neighbours = 5, evaluations = 1024, seed = 0, signal, onProgress }: ExplainOptions = {},
): Promise<Explanation> {
  const parts = splitWords(text, Math.max(1, Math.min(mostParts, Math.floor(evaluations / 4))));
  if (parts.length === 0)
    throw new KolbenError('explain_empty', 'There is no text to explain: give some words.');
  const weigh = student.weigh?.bind(student);
  const [{ answer, confidence, certified }] = await student.answer([text]);
  const runnerUp = weigh ? runnerUpOf(await weigh([text]), answer) : null;

  const valuesOf = async (texts: readonly string[]): Promise<number[]> => {
    if (weigh && runnerUp) {
      const { answers, scores } = await weigh(texts);
      const [own, other] = [answers.indexOf(answer), answers.indexOf(runnerUp.answer)];
      return texts.map((_, i) => scores[i * answers.length + own] - scores[i * answers.length + other]);
    }
    const given = await student.answer(texts);
    return given.map((one) => (one.answer === answer ? one.confidence : 0));
  };
  const shares = await shapley(
    parts.length,
    async (sets) => {
      const values: number[] = [];
      for (let i = 0; i < sets.length; i += textsAtOnce) {
        signal?.throwIfAborted();
        values.push(
          ...(await valuesOf(sets.slice(i, i + textsAtOnce).map((kept) => keepParts(text, parts, kept)))),
        );
      }
      return values;
    },
    { evaluations, seed, onProgress },
  );
  return {
    student: student.digest,
    text,
    answer,
    confidence,
    threshold: student.certificate?.threshold ?? null,
    certified,
    runnerUp,
    measure: runnerUp ? 'log-odds' : 'confidence',
    value: shares.all,
    baseline: shares.none,
    exact: shares.exact,
    evaluations: shares.evaluations,
    words: parts.map(({ start, end }, i) => ({
      start,
      end,
      text: text.slice(start, end),
      contribution: shares.contributions[i],
      error: shares.errors[i],
      alone: shares.alone[i],
    })),
    neighbours:
      examples === undefined
        ? null
        : await nearestExamples(text, examples, { weigh, count: neighbours, signal }),
  };
}

/** The likeliest answer but the one given. Null where there is no other, or the answer isn't one of those weighed. */
function runnerUpOf(
  { answers, scores }: Weighed,
  answer: string,
): { answer: string; confidence: number } | null {
  const own = answers.indexOf(answer);
  if (own === -1) return null;
  let best = -1;
  for (let i = 0; i < answers.length; i++)
    if (i !== own && (best === -1 || scores[i] > scores[best])) best = i;
  if (best === -1) return null;
  const largest = Math.max(...scores.subarray(0, answers.length));
  let sum = 0;
  for (let i = 0; i < answers.length; i++) sum += Math.exp(scores[i] - largest);
  return { answer: answers[best], confidence: Math.exp(scores[best] - largest) / sum };
}
