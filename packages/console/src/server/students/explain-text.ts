/**
 * Why a student answers a text as it does.
 *
 * @module
 */
import {
  type Explanation,
  explainAnswer,
  type LabelledText,
  learnedDataset,
  openStudent,
  readStudentFolder,
} from '@kolben/distill';
import type { ConsoleServices } from '../services.ts';
import type { FoundStudent } from './find-student.ts';

export interface TextExplanation extends Explanation {
  /**
   * Why there are no nearest examples; null where there are or none were asked for. `changed`: the recorded calls are
   * not, or no longer, what it learned from.
   */
  readonly neighboursMissing: 'changed' | null;
}

/** Enough for marks; `kolben explain` weighs more finely. */
const evaluations = 512;
const neighbours = 5;

/** What the student asked last learned from: making it again reads all calls. */
export class LearnedTexts {
  #kept: { digest: string; texts: readonly LabelledText[] | undefined } | undefined;

  async get(
    { store }: Pick<ConsoleServices, 'store'>,
    { digest, directory, task }: FoundStudent,
    signal: AbortSignal,
  ): Promise<readonly LabelledText[] | undefined> {
    if (this.#kept?.digest === digest) return this.#kept.texts;
    const folder = await readStudentFolder(directory);
    const texts = (await learnedDataset(folder, store.calls.examples(task), signal))?.splits.train;
    this.#kept = { digest, texts };
    return texts;
  }
}

/** @throws KolbenError (`explain_empty`) for a text without words */
export async function explainText(
  services: ConsoleServices,
  found: FoundStudent,
  text: string,
  {
    learned,
    signal,
  }: {
    /** Where the nearest are sought; none are otherwise. */ learned: LearnedTexts | undefined;
    signal: AbortSignal;
  },
): Promise<TextExplanation> {
  const examples = await learned?.get(services, found, signal);
  const student = await openStudent(found.directory);
  try {
    const explanation = await explainAnswer(student, text, { evaluations, neighbours, examples, signal });
    return { ...explanation, neighboursMissing: learned && !examples ? 'changed' : null };
  } finally {
    await student.close();
  }
}
