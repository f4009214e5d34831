/**
 * A student in service: a folder opened, a model on chips.
 *
 * @module
 */
import { type Chip, startChip } from '@kolben/engine';
import type { Certificate } from '../certificates/certificate.ts';
import { normaliseAnswer } from '../datasets/normalise.ts';
import type { Equality } from '../equality/equality.ts';
import type { Calibrated } from '../evaluation/service-drift.ts';
import { answersEqual } from './answers-equal.ts';
import { familyNamed } from './families.ts';
import type { Weighed } from './family.ts';
import { doubtAmbiguous, redactorOf, restore } from './redacted.ts';
import { readStudentFolder, StudentFolderError } from './student-folder.ts';
import type { StudentTask } from './task.ts';

export interface Answer {
  readonly answer: string;
  /** In (0, 1]: the calibrated probability that the teacher would have answered so. */
  readonly confidence: number;
  /** There is a certificate, and the confidence reaches its threshold. */
  readonly certified: boolean;
}

export interface Student {
  readonly directory: string;
  /** Names the student's content: two folders with one digest answer alike. */
  readonly digest: string;
  readonly task: StudentTask;
  readonly certificate: Certificate | null;
  /** One answer for each text, in order. */
  answer(texts: readonly string[]): Promise<Answer[]>;
  /** What the answers are chosen by, where the family of its model shows it. */
  weigh?(texts: readonly string[]): Promise<Weighed>;
  /** Share of the texts' words that it doesn't know, where its family tells; null where they have no word. */
  unknownWords?(texts: readonly string[]): Promise<number | null>;
  /** Of each text the share of its words and their n-grams that it doesn't know, where its family tells. */
  unknownGrams?(texts: readonly string[]): Promise<(number | null)[]>;
  /**
   * Whether an answer of it says what the teacher's says, as its certificate counted.
   *
   * @param teacher as the teacher wrote it
   * @throws EqualityError where its task compares by a user's function and that isn't given
   */
  agrees(teacher: string, answer: string, equality?: Equality): boolean;
  /** What its calibration split looked like to it, where its folder tells. */
  readonly calibrated: Calibrated | undefined;
  /** Ends the student's own chips; those it was given stay. */
  close(): Promise<void>;
}

export interface OpenStudentOptions {
  /** Chips to answer on: how many to start, or chips that are there. Default 1. */
  readonly chips?: number | readonly Chip[];
  /**
   * Answer by the quantised copy, which is smaller and may differ. What is certified is the model itself, so the copy's
   * answers are not. Default false.
   */
  readonly quantised?: boolean;
}

/** @throws StudentFolderError when the folder is not a whole student's. */
export async function openStudent(
  directory: string,
  { chips = 1, quantised = false }: OpenStudentOptions = {},
): Promise<Student> {
  const { family: name, task, redaction, files, digest, ...folder } = await readStudentFolder(directory);
  const certificate = quantised ? null : folder.certificate;
  const family = familyNamed(name);
  if (!family)
    throw new StudentFolderError(
      'student_folder_version',
      directory,
      `this Kolben knows no models of the family ${JSON.stringify(name)}; use the version named in kolben.json, or a newer one`,
    );
  const redact = redaction && redactorOf(redaction, directory);
  const own = typeof chips === 'number';
  const used = own ? await Promise.all(Array.from({ length: chips }, (_, i) => startChip(i))) : chips;
  const readBy = (texts: readonly string[]) => (redact ? texts.map((text) => redact(text).text) : texts);
  const closeOwn = async () => {
    if (own) await Promise.all(used.map((chip) => chip.close()));
  };
  try {
    const model = await family.open(files, task, { chips: used, directory, quantised });
    return {
      directory,
      digest,
      task,
      certificate,
      async answer(texts) {
        const read = texts.map((text) => redact?.(text) ?? { text, found: [] });
        const answers = await model.answer(read.map(({ text }) => text));
        return answers.map((given, i) => {
          const { answer, confidence } = redaction ? doubtAmbiguous(given, read[i].text, redaction) : given;
          return {
            answer: restore(answer, texts[i], read[i]),
            confidence,
            certified: certificate !== null && confidence >= certificate.threshold,
          };
        });
      },
      ...(model.weigh && { weigh: (texts: readonly string[]) => model.weigh!(readBy(texts)) }),
      ...(model.unknownWords && {
        unknownWords: (texts: readonly string[]) => model.unknownWords!(readBy(texts)),
      }),
      ...(model.unknownGrams && {
        unknownGrams: (texts: readonly string[]) => model.unknownGrams!(readBy(texts)),
      }),
      agrees: (teacher, answer, equality) => answersEqual(task, normaliseAnswer(teacher), answer, equality),
      calibrated: folder.measurements.calibrated,
      async close() {
        await model.release();
        await closeOwn();
      },
    };
  } catch (error) {
    await closeOwn();
    throw error;
  }
}
