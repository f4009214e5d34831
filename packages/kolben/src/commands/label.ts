/**
 * `kolben label`: has the task's teacher answer inputs that have no answer yet.
 *
 * @module
 */
import { resolve } from 'node:path';
import {
  type LabelChosenReport,
  type LabelProgress,
  type LabelReport,
  labelChosen,
  labelExamples,
  readExamples,
  rejectedFile,
  writeLabelled,
} from '@kolben/distill';
import { defineKolbenCommand, type Output } from '../cli/command.ts';
import { UsageError } from '../cli/errors.ts';
import { table } from '../cli/table.ts';
import { storeArgs, withStore } from '../config/with-store.ts';
import { CHOICE_SEED, labelArgs, readLabelArgs } from '../labelling/label-args.ts';
import { checkLabelled, withTeacher } from '../labelling/with-teacher.ts';
import { count, counted, dollars } from '../progress/words.ts';

export const label = defineKolbenCommand({
  name: 'label',
  description: "have a task's teacher answer inputs that have no answer yet, under a price cap",
  examples: [
    'kolben label inputs.jsonl --task mails --out labelled.jsonl --budget 5',
    'kolben label inputs.jsonl --task mails --out labelled.jsonl --votes 5 --concurrency 32',
    'kolben label inputs.jsonl --task mails --out labelled.jsonl --choose 3000',
    'kolben label inputs.jsonl --task mails --out labelled.jsonl --gateway http://127.0.0.1:4141',
  ],
  args: {
    inputs: {
      type: 'positional',
      required: true,
      description: "a file in OpenAI's fine-tuning chat format; lines with an answer are passed through",
    },
    task: {
      type: 'string',
      required: true,
      description: 'the task whose teacher is asked',
      valueHint: 'task',
    },
    out: {
      type: 'string',
      required: true,
      description: 'the file of labelled examples to write',
      valueHint: 'file',
    },
    ...labelArgs,
    ...storeArgs,
  },
  async run(args, context): Promise<Output> {
    const choice = await readLabelArgs(args);
    const most = choice.choose;
    const inputs = resolve(context.cwd, args.inputs);
    const out = resolve(context.cwd, args.out);
    if (out === inputs) throw new UsageError('--out must be another file than the inputs.');
    await checkLabelled('--out', args.out, out);

    return withStore(args, context, async (store, config) => {
      if (!config) throw new UsageError('kolben label needs a configuration: it says who the teacher is.');
      const { signal } = context;
      const examples = () => readExamples(inputs, { answers: 'none' });
      // What is wrong with the file is told before anything is paid.
      let waiting = 0;
      for await (const { answer } of examples()) {
        signal.throwIfAborted();
        if (answer === undefined) waiting++;
      }
      return withTeacher({ config, store, task: args.task, out }, choice, async (teacher) => {
        const { settings, work, labelling } = teacher;
        const phase = context.progress.phase('Labelling', Math.min(waiting, most ?? waiting), 'inputs');
        const options = {
          ...labelling,
          examples: examples(),
          signal,
          onProgress: ({ done, rejected, spent }: LabelProgress) =>
            phase.update(done, `${dollars(spent)}${rejected > 0 ? `, ${count(rejected)} set apart` : ''}`),
        };
        const { report, drawnOf } = await (most === undefined
          ? labelExamples(options).then((report) => ({ report, drawnOf: undefined }))
          : labelChosen({ ...options, choose: most, seed: CHOICE_SEED })
        ).finally(() => phase.stop());
        const written = await writeLabelled(out, examples(), work, settings, signal, drawnOf);
        const complete = report.unanswered === 0;
        // With answers still to come, what was paid for is needed again.
        if (complete) await work.remove();
        return {
          json: {
            out: args.out,
            ...report,
            complete,
            written: written.written,
            rejectedFile: written.rejected > 0 ? rejectedFile(args.out) : null,
          },
          text: words(report, { out: args.out, budget: choice.budget, written: written.written }),
        };
      });
    });
  },
});

function words(
  report: LabelReport | LabelChosenReport,
  { out, budget, written }: { out: string; budget: number | undefined; written: number },
): string {
  const { labelled, answered, reused, calls, spent, unanswered, stoppedBy } = report;
  const reasons = Object.entries(report.rejected);
  const apart = reasons.reduce((total, [, n]) => total + n, 0);
  const rows = [
    [
      'examples',
      `${counted(written, 'example')} in ${out}; ${count(labelled)} labelled, ${count(answered)} had an answer`,
    ],
    ...('drawn' in report
      ? [
          [
            'asked',
            `${count(report.drawn.random + report.drawn.chosen)} of ${counted(report.pool, 'input')}: ${count(report.drawn.random)} drawn at random, ${count(report.drawn.chosen)} chosen`,
          ],
        ]
      : []),
    ['calls', `${count(calls)}; the answers to ${counted(reused, 'input')} were there from before`],
    ['cost', `${dollars(spent)}${budget === undefined ? '' : ` of at most ${dollars(budget)}`}`],
    ...(apart > 0
      ? [
          [
            'set apart',
            `${count(apart)} (${reasons.map(([reason, n]) => `${reason.replaceAll('_', ' ')} ${count(n)}`).join(', ')}), in ${rejectedFile(out)}`,
          ],
        ]
      : []),
  ];
  const left =
    unanswered === 0
      ? []
      : stoppedBy === 'budget'
        ? [
            `Note: the price cap is reached and ${counted(unanswered, 'input')} have no answer yet; the same command with a larger --budget goes on from here.`,
          ]
        : [
            `Note: ${counted(unanswered, 'input')} got no answer, for the teacher was busy or out of order; the same command asks for them again.`,
          ];
  return [table(rows, [], ''), ...left].join('\n');
}
