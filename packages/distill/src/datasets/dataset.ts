/**
 * The shape of a dataset: a frozen, de-duplicated set of examples, split five ways. Never changed once made.
 *
 * @module
 */

import type { ChosenKind } from './choose-kind.ts';

/** In the order in which a run uses them. */
export const SPLITS = ['train', 'validation', 'tune', 'calibration', 'test'] as const;
export type Split = (typeof SPLITS)[number];

export interface DatasetExample {
  /** What the student reads (`inputText`), as it was written. */
  text: string;
  /** The teacher's answer. */
  answer: string;
  /** How many of the examples given said just this. */
  count: number;
  /** When it was first said, where the source knows. */
  at?: Date;
  /**
   * Where the teacher wavered: answers with their shares, the largest first, adding up to 1 or, where it didn't tell all,
   * to less. They come of its votes, of its log-probabilities, or of its answers to an input that it was given again.
   */
  soft?: Readonly<Record<string, number>>;
  /** Digests of the conversations in which it was said: they tell which examples belong together, and no more. */
  conversations?: readonly string[];
}

/** How texts were redacted before anything was made of them: a student must have its questions redacted likewise. */
export interface DatasetRedaction {
  /** `REDACTION_VERSION` then. */
  version: number;
  /** Countries whose national phone numbers were known. */
  countries: readonly string[];
  /** Patterns of one's own: name, source and flags of the regular expression. */
  patterns: readonly { name: string; source: string; flags: string }[];
  /** How often each kind was taken out of an input, as far as this version of the dataset read it. */
  found: Readonly<Record<string, number>>;
}

/** An input that was answered in different ways. */
export interface Conflict {
  text: string;
  /** Every answer with the number of times it was given, commonest first. */
  answers: { answer: string; count: number }[];
  /** The majority's answer; null where there was none, and the input was left out. */
  kept: string | null;
}

export interface DatasetCounts {
  /** Distinct inputs in all splits together. */
  n: number;
  train: number;
  validation: number;
  tune: number;
  calibration: number;
  test: number;
  /** Examples given, answered or not. */
  read: number;
  /** Of these: without an answer, left out. */
  unlabelled: number;
  /** Of these: with an answer that is none of this kind, such as a refusal; left out. */
  strays: number;
  /** Of these: with an input from which personal data was taken. */
  redacted: number;
  /** Inputs that only the dataset's parent has; not counted in `read`. */
  inherited: number;
  /** Of the examples read: repetitions of an input with the answer that was kept. */
  duplicatesRemoved: number;
  /** Of these: left out because the input was answered otherwise as often or more often. */
  contradicting: number;
  /** Inputs that were answered in different ways. */
  conflicts: number;
  /** Inputs that are nearly the same as another one; all are kept, on one side of every split. */
  nearDuplicates: number;
}

export interface Dataset {
  /** `sha256:` and 64 hexadecimal digits, of the examples and their splits. */
  digest: string;
  kind: ChosenKind['kind'];
  /** For `classify`: whether an answer is a list of labels, as JSON in code unit order. */
  multiple: boolean;
  seed: number;
  /** Digest of the dataset of which this is the next version. */
  parent: string | null;
  /** For `classify` the labels that occur in train: what a student can learn to say. In code unit order. Else none. */
  labels: string[];
  /** The file or the task, as the user knows it; null where it wasn't named. */
  source: string | null;
  /** Null where texts were taken as they are. */
  redaction: DatasetRedaction | null;
  splits: Record<Split, DatasetExample[]>;
  /** How the splits were drawn: at random, or train from the older and the others from the newer examples. */
  splitBy: 'random' | 'time';
  counts: DatasetCounts;
  /** The first of the conflicts, for a person to read. */
  conflicts: Conflict[];
  /**
   * How often the teacher agreed with itself: over inputs that were given more than once, the mean share of
   * pairs of answers that are the same. No student can be expected to agree with it more. Null where nothing
   * was given twice.
   */
  selfAgreement: { inputs: number; agreement: number } | null;
  /** What the user should know, each one sentence. */
  warnings: string[];
}

/** What `map` gives for each split. */
export function mapSplits<T>(map: (split: Split) => T): Record<Split, T> {
  return {
    train: map('train'),
    validation: map('validation'),
    tune: map('tune'),
    calibration: map('calibration'),
    test: map('test'),
  };
}
