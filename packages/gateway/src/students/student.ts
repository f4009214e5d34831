/**
 * A student as the gateway needs it. `Student` of `@kolben/distill` is one; so is anything else that answers.
 *
 * @module
 */

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
  /** Null: it may answer, but nothing is promised of its answers. */
  readonly certificate: object | null;
  answer(texts: readonly string[]): Promise<StudentOpinion[]>;
  close(): Promise<void>;
}

/** Opens the student in this folder. Rejects where the folder holds none that can be used. */
export type StudentLoader = (directory: string) => Promise<ServingStudent>;
