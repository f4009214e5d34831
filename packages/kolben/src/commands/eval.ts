/**
 * `kolben eval`: how good a student is on examples with answers.
 *
 * @module
 */
import { evaluateStudent, readExamples } from '@kolben/distill';
import { defineKolbenCommand } from '../cli/command.ts';
import { table } from '../cli/table.ts';
import { readEquality } from '../config/written-answers.ts';
import { count, counted, milliseconds, percent } from '../progress/words.ts';

export const evaluate = defineKolbenCommand({
  name: 'eval',
  description: 'measure a student on examples that have answers',
  examples: ['kolben eval my-student test.jsonl', 'kolben eval my-student test.jsonl --json'],
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
  },
  async run(args, context) {
    const phase = context.progress.phase('Answering');
    const report = await evaluateStudent(args.student, readExamples(args.examples), {
      ...(args.equality === undefined ? {} : { equality: await readEquality(args.equality, context.cwd) }),
      signal: context.signal,
      onProgress: (done, total) => phase.update(done, `of ${count(total)}`),
    }).finally(() => phase.stop());
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
