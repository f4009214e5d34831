/**
 * A student as the gateway needs it. `Student` of `@kolben/distill` is one; so is anything else that answers.
 *
 * @module
 */

import type { Calibrated, Equality } from '@kolben/distill';

/** What a student says to one text. */
export interface StudentOpinion {
  answer: string;
  /** 0 … 1. */
  confidence: number;
  /** There is a certificate and `confidence` reaches its threshold. */
  certified: boolean;
}

export interface ServingStudent {
  /** Digest of its folder: what to call it where it isn't registered in the store. */
  readonly digest: string;
  /** Null: it may answer, but nothing is promised of its answers. `alpha`: the risk that was certified. */
  readonly certificate: { readonly alpha: number } | null;
  answer(texts: readonly string[]): Promise<StudentOpinion[]>;
  /**
   * Whether an answer of it says what the teacher's says, as its certificate counted.
   *
   * @throws KolbenError where that cannot be told
   */
  agrees(teacher: string, answer: string, equality?: Equality): boolean;
  /** What its calibration split looked like to it, where it tells. */
  readonly calibrated?: Calibrated | undefined;
  /** Of each text the share of its words and n-grams that it doesn't know, in [0, 1], where it can tell. */
  unknownGrams?(texts: readonly string[]): Promise<(number | null)[]>;
  close(): Promise<void>;
}

/** Opens the student in this folder. Rejects where the folder holds none that can be used. */
export type StudentLoader = (directory: string) => Promise<ServingStudent>;
