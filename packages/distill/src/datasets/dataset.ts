/**
 * The shape of a dataset: a frozen, de-duplicated set of examples, split five ways. Never changed once made.
 *
 * @module
 */

/** In the order in which a run uses them. */
export const SPLITS = ['train', 'validation', 'tune', 'calibration', 'test'] as const;
export type Split = (typeof SPLITS)[number];

/** What answers are: one of a set of labels, or written texts. */
export type DatasetKind = 'classify' | 'generate';

export interface DatasetExample {
  /** What the student reads (`inputText`), as it was written. */
  text: string;
  /** The teacher's answer. */
  answer: string;
  /** How many of the examples given said just this. */
  count: number;
  /** When it was first said, where the source knows. */
  at?: Date;
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
  /** Of these: repetitions of an input with the answer that was kept. */
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
  kind: DatasetKind;
  seed: number;
  /** The answers that occur in train, where they are labels: what a student can learn to say. In code unit order. */
  labels: string[];
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
