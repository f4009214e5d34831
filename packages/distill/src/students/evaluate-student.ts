/**
 * Measures a student on labelled examples: agreement with their answers, what the cascade would answer and how
 * often that would disagree, and how fast it is.
 *
 * @module
 */
import { KolbenError } from '@kolben/engine';
import type { Example } from '@kolben/store';
import { upperBound } from '../certificates/upper-bound.ts';
import { normaliseAnswer } from '../datasets/normalise.ts';
import type { Equality } from '../equality/equality.ts';
import { type EvalDetails, evalDetails } from '../evaluation/details.ts';
import type { Reference } from '../evaluation/drift.ts';
import { inputText } from '../examples/input-text.ts';
import { answersEqual } from './answers-equal.ts';
import { type Answer, openStudent, type Student } from './open-student.ts';
import { readStudentFolder } from './student-folder.ts';

export interface EvalReport {
  /** Examples with an answer. */
  readonly n: number;
  /** Share of all of them on which student and teacher agree. */
  readonly agreement: number;
  /** Examples at or above the certificate's threshold; 0 where there is no certificate. */
  readonly answered: number;
  readonly coverage: number;
  /** Share of the answered ones on which they disagree; null where none is answered. */
  readonly disagreementAmongAnswered: number | null;
  /** One-sided 95 % Clopper–Pearson upper bound of that; null where none is answered. */
  readonly upperBound95: number | null;
  /** Texts a second when many are asked at once. */
  readonly answersPerSecond: number;
  /** Milliseconds for one text asked alone. */
  readonly latencyMs: { readonly p50: number; readonly p99: number };
  /** Where they were asked for. */
  readonly details?: EvalDetails;
}

export interface EvaluateOptions {
  /** Also tell where and when student and teacher disagree. Default false. */
  readonly details?: boolean;
  /** Chips to answer on. Default 1. */
  readonly chips?: number;
  /** When two written answers count as the same, where the student's task names a user's function. */
  readonly equality?: Equality;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

export class EvaluateError extends KolbenError {}

/** Texts that are asked alone in order to measure latency, after as many that warm the model up. */
const timed = 500;
const warmUp = 50;
const together = 256;

/** @throws EvaluateError when no example has an answer, StudentFolderError for a folder that is not a student's. */
export async function evaluateStudent(
  directory: string,
  examples: AsyncIterable<Example> | Iterable<Example>,
  options: EvaluateOptions = {},
): Promise<EvalReport> {
  const student = await openStudent(directory, { chips: options.chips ?? 1 });
  try {
    const reference = options.details
      ? (await readStudentFolder(directory)).measurements.reference
      : undefined;
    return await evaluate(student, examples, options, reference);
  } finally {
    await student.close();
  }
}

async function evaluate(
  student: Student,
  examples: AsyncIterable<Example> | Iterable<Example>,
  { equality, signal, onProgress, details = false }: EvaluateOptions,
  reference: Reference | undefined,
): Promise<EvalReport> {
  const texts: string[] = [];
  const expected: string[] = [];
  for await (const example of examples) {
    if (example.answer === undefined) continue;
    texts.push(inputText(example.messages));
    expected.push(normaliseAnswer(example.answer));
  }
  if (texts.length === 0)
    throw new EvaluateError(
      'eval_unlabelled',
      'None of the examples has an answer to compare with; give a file in which the last message is the assistant’s.',
    );

  const alone = texts.slice(0, timed);
  for (const text of alone.slice(0, warmUp)) await student.answer([text]);
  const latencies: number[] = [];
  for (const text of alone) {
    signal?.throwIfAborted();
    const start = performance.now();
    await student.answer([text]);
    latencies.push(performance.now() - start);
  }

  const answers: Answer[] = [];
  const start = performance.now();
  for (let i = 0; i < texts.length; i += together) {
    signal?.throwIfAborted();
    answers.push(...(await student.answer(texts.slice(i, i + together))));
    onProgress?.(answers.length, texts.length);
  }
  const seconds = (performance.now() - start) / 1000;

  const agreed = answers.map(({ answer }, i) => answersEqual(student.task, expected[i], answer, equality));
  const answered = answers.map((answer) => answer.certified);
  const count = answered.filter(Boolean).length;
  const wrong = answered.filter((certified, i) => certified && !agreed[i]).length;
  latencies.sort((a, b) => a - b);
  return {
    n: texts.length,
    agreement: agreed.filter(Boolean).length / texts.length,
    answered: count,
    coverage: count / texts.length,
    disagreementAmongAnswered: count === 0 ? null : wrong / count,
    upperBound95: count === 0 ? null : upperBound(wrong, count),
    answersPerSecond: texts.length / seconds,
    latencyMs: { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) },
    ...(details && {
      details: evalDetails(
        answers.map(({ answer, confidence, certified }, i) => ({
          text: texts[i],
          teacher: expected[i],
          student: answer,
          confidence,
          certified,
          agrees: agreed[i],
        })),
        {
          kind: student.task.kind,
          reference,
          unknownWords: (await student.unknownWords?.(texts)) ?? null,
        },
      ),
    }),
  };
}

/** Of sorted values, the smallest that at least the share `p` does not exceed. */
function percentile(sorted: readonly number[], p: number): number {
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)];
}
