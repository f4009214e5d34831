/**
 * Asks a student for many who ask at once: texts that wait together are answered together.
 *
 * Nobody is made to wait for company. A text that comes while a chip is free goes to it at once and alone; those that
 * come while all are at work gather, and the next chip that is free takes what has gathered. So a quiet gateway
 * answers as fast as the student can, and a busy one as many as it can.
 *
 * @module
 */
import type { ServingStudent, StudentOpinion } from './student.ts';

/**
 * Texts of one batch, at most: more would make the first of them wait for the last, and gain nothing, since a chip
 * splits them again.
 */
const mostTexts = 64;

interface Waiting {
  text: string;
  resolve: (opinion: StudentOpinion) => void;
  reject: (error: unknown) => void;
}

export class Batches {
  readonly #student: Pick<ServingStudent, 'answer'>;
  readonly #atOnce: number;
  #waiting: Waiting[] = [];
  #running = 0;

  /** @param atOnce batches that may be under way at once: as many as the student has chips */
  constructor(student: Pick<ServingStudent, 'answer'>, atOnce: number) {
    this.#student = student;
    this.#atOnce = atOnce;
  }

  /** Rejects with what the student rejected with for this text. */
  ask(text: string): Promise<StudentOpinion> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ text, resolve, reject });
      if (this.#running < this.#atOnce) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running += 1;
    while (this.#waiting.length > 0) await this.#answer(this.#waiting.splice(0, mostTexts));
    this.#running -= 1;
  }

  async #answer(batch: readonly Waiting[]): Promise<void> {
    try {
      const opinions = await this.#student.answer(batch.map(({ text }) => text));
      for (const [i, { resolve, reject }] of batch.entries()) {
        const opinion = opinions[i];
        if (isOpinion(opinion)) resolve(opinion);
        else reject(new TypeError('A student gave no answer, or a confidence outside 0 … 1.'));
      }
    } catch (error) {
      // One text that a student can't take must not be the end of the others.
      if (batch.length > 1) for (const one of batch) await this.#answer([one]);
      else batch[0]?.reject(error);
    }
  }
}

/** What isn't so could be neither answered with nor written down. */
function isOpinion(said: StudentOpinion | undefined): said is StudentOpinion {
  return typeof said?.answer === 'string' && said.confidence >= 0 && said.confidence <= 1;
}
