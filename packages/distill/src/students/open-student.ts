/**
 * A student in service: a folder opened, a model on chips.
 *
 * @module
 */
import { type Chip, startChip } from '@kolben/engine';
import type { Certificate } from '../certificates/certificate.ts';
import { readStudentFolder } from './student-folder.ts';
import { decide, loadAnsweringProgram } from './words-and-bag/answering-program.ts';

export interface StudentTask {
  readonly name: string;
  readonly kind: 'classify';
  readonly labels: readonly string[];
}

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
  /** Ends the student's own chips; those it was given stay. */
  close(): Promise<void>;
}

export interface OpenStudentOptions {
  /** Chips to answer on: how many to start, or chips that are there. Default 1. */
  readonly chips?: number | readonly Chip[];
}

/** @throws StudentFolderError when the folder is not a whole student's. */
export async function openStudent(
  directory: string,
  { chips = 1 }: OpenStudentOptions = {},
): Promise<Student> {
  const { task, shape, certificate, onnx, digest } = await readStudentFolder(directory);
  const own = typeof chips === 'number';
  const used = own ? await Promise.all(Array.from({ length: chips }, (_, i) => startChip(i))) : chips;
  const closeOwn = async () => {
    if (own) await Promise.all(used.map((chip) => chip.close()));
  };
  const classes = task.labels.length;
  try {
    const program = await loadAnsweringProgram(onnx, { chips: used, classes, byteLimit: shape.byteLimit });
    return {
      directory,
      digest,
      task,
      certificate,
      async answer(texts) {
        const decisions = decide(await program.logits(texts), classes);
        return decisions.map(({ label, confidence }) => ({
          answer: task.labels[label],
          confidence,
          certified: certificate !== null && confidence >= certificate.threshold,
        }));
      },
      async close() {
        await program.release();
        await closeOwn();
      },
    };
  } catch (error) {
    await closeOwn();
    throw error;
  }
}
