/**
 * `kolben eval`: how good a student is on examples with answers.
 *
 * @module
 */
import {
  type EvalReport,
  type Explanation,
  evaluateStudent,
  explainAnswer,
  openStudent,
  readExamples,
} from '@kolben/distill';
import { type Context, defineKolbenCommand } from '../cli/command.ts';
import { table } from '../cli/table.ts';
import { writeWhole } from '../cli/write-whole.ts';
import { readEquality } from '../config/written-answers.ts';
import { count, counted, milliseconds, percent } from '../progress/words.ts';

/** Disagreements whose deciding words are marked. */
const explainedAtMost = 5;
/** Enough for a mark; `kolben explain` weighs more finely. */
const evaluations = 256;

async function pageOf(
  report: EvalReport,
  args: { student: string; examples: string },
  { signal, progress }: Pick<Context, 'signal' | 'progress'>,
): Promise<string> {
  const { details } = report;
  if (!details) throw new TypeError('A report needs details.');
  const student = await openStudent(args.student);
  const phase = progress.phase('Explaining');
  try {
    const explained = new Map<string, Explanation>();
    for (const { text } of details.surest.slice(0, explainedAtMost)) {
      if (text.trim() === '') continue;
      explained.set(text, await explainAnswer(student, text, { evaluations, signal }));
      phase.update(explained.size);
    }
    const { renderEvaluation } = await import('../report/render-evaluation.tsx');
    return renderEvaluation({
      report: { ...report, details },
      task: student.task.name,
      source: args.examples,
      digest: student.digest,
      certificate: student.certificate,
      explained,
    });
  } finally {
    phase.stop();
    await student.close();
  }
}

export const evaluate = defineKolbenCommand({
  name: 'eval',
  description: 'measure a student on examples that have answers',
  examples: [
    'kolben eval my-student test.jsonl --report evaluation.html',
    'kolben eval my-student test.jsonl --details --json',
  ],
  args: {
    student: { type: 'positional', required: true, description: 'the student folder' },
    examples: {
      type: 'positional',
      required: true,
      description: "a file of examples in OpenAI's fine-tuning chat format",
    },
    equality: {
      type: 'string',
      description: 'the file with the function by which the answers of the student are compared',
      valueHint: 'file',
    },
    report: {
      type: 'string',
      description: 'also write an HTML report: risk, reliability, mix-ups, disagreements, drift',
      valueHint: 'file',
    },
    details: { type: 'boolean', description: 'with --json, also what a report shows', default: false },
  },
  async run(args, context) {
    const phase = context.progress.phase('Answering');
    const report = await evaluateStudent(args.student, readExamples(args.examples), {
      ...(args.equality === undefined ? {} : { equality: await readEquality(args.equality, context.cwd) }),
      details: args.details || args.report !== undefined,
      signal: context.signal,
      onProgress: (done, total) => phase.update(done, `of ${count(total)}`),
    }).finally(() => phase.stop());
    if (args.report !== undefined) {
      await writeWhole('--report', args.report, await pageOf(report, args, context), context.cwd);
      context.note(`Report: ${args.report}`);
    }
    const { n, agreement, answered, coverage, disagreementAmongAnswered, upperBound95 } = report;
    const cascade =
      disagreementAmongAnswered === null || upperBound95 === null
        ? 'none: no answer reached the threshold of a certificate'
        : `${counted(answered, 'example')} (${percent(coverage)}), disagreeing with the teacher in ${percent(disagreementAmongAnswered, 2)} of them, at most ${percent(upperBound95, 2)} with 95 % confidence`;
    const rows = [
      ['agreement', `${percent(agreement, 2)} on ${counted(n, 'example')}`],
      ['answered under the certificate', cascade],
      [
        'speed',
        `${count(report.answersPerSecond)} answers a second; one alone p50 ${milliseconds(report.latencyMs.p50)}, p99 ${milliseconds(report.latencyMs.p99)}`,
      ],
    ];
    return { json: { ...report }, text: table(rows, [], '') };
  },
});
