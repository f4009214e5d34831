/**
 * `kolben label`: has the task's teacher answer inputs that have no answer yet.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import {
  type LabelReport,
  type LabelSettings,
  labelExamples,
  readExamples,
  rejectedFile,
  WorkFile,
  writeLabelled,
} from '@kolben/distill';
import { KolbenError } from '@kolben/engine';
import { gatewayAsk } from '@kolben/gateway';
import { defineKolbenCommand, type Output } from '../cli/command.ts';
import { UsageError } from '../cli/errors.ts';
import { positive, whole } from '../cli/options.ts';
import { table } from '../cli/table.ts';
import { storeArgs, withStore } from '../config/with-store.ts';
import { openOwnDoor, remoteDoor } from '../labelling/open-door.ts';
import { recordedCalls, teacherOf } from '../labelling/teacher-of.ts';
import { count, counted, dollars } from '../progress/words.ts';

const mostVotes = 100;
const mostAtOnce = 1_000;

/** Where the answers are kept until the file is complete. */
export function labelWork(out: string): string {
  return join(dirname(out), `.${basename(out)}.labelling`);
}

export const label = defineKolbenCommand({
  name: 'label',
  description: "have a task's teacher answer inputs that have no answer yet, under a price cap",
  examples: [
    'kolben label inputs.jsonl --task mails --out labelled.jsonl --budget 5',
    'kolben label inputs.jsonl --task mails --out labelled.jsonl --votes 5 --concurrency 32',
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
    budget: {
      type: 'string',
      description: 'the most that it may cost in US dollars; it is never exceeded',
      valueHint: 'usd',
    },
    votes: {
      type: 'string',
      description: 'how often each input is asked; the majority is the label',
      default: '1',
      valueHint: 'k',
    },
    concurrency: { type: 'string', description: 'calls under way at once', default: '16', valueHint: 'n' },
    temperature: {
      type: 'string',
      description: 'of the answers; by default 0 for one vote and 1 for several',
      valueHint: 't',
    },
    'max-tokens': {
      type: 'string',
      description: "the most tokens of an answer; by default 2,048 with --budget, else the teacher's",
      valueHint: 'n',
    },
    gateway: {
      type: 'string',
      description: 'a gateway that runs already, with its key in KOLBEN_KEY; by default one in this process',
      valueHint: 'url',
    },
    ...storeArgs,
  },
  async run(args, context): Promise<Output> {
    const votes = whole('--votes', args.votes, 1, mostVotes);
    const concurrency = whole('--concurrency', args.concurrency, 1, mostAtOnce);
    const budget = args.budget === undefined ? undefined : positive('--budget', args.budget);
    const temperature = args.temperature === undefined ? undefined : warmth(args.temperature);
    const maxTokens =
      args['max-tokens'] === undefined ? undefined : whole('--max-tokens', args['max-tokens'], 1, 1_000_000);
    const inputs = resolve(context.cwd, args.inputs);
    const out = resolve(context.cwd, args.out);
    await checkOut(args.out, out, inputs);

    return withStore(args, context, async (store, config) => {
      if (!config) throw new UsageError('kolben label needs a configuration: it says who the teacher is.');
      const settings: LabelSettings = { ...teacherOf(config, args.task), votes, temperature, maxTokens };
      const examples = () => readExamples(inputs, { answers: 'none' });
      // What is wrong with the file is told before anything is paid.
      let waiting = 0;
      for await (const { answer } of examples()) {
        context.signal.throwIfAborted();
        if (answer === undefined) waiting++;
      }
      const work = await WorkFile.open(labelWork(out));
      const door =
        args.gateway === undefined
          ? await openOwnDoor(config, store, args.task, concurrency)
          : remoteDoor(args.gateway, args.task, process.env);
      const ask = gatewayAsk(door);
      const phase = context.progress.phase('Labelling', waiting, 'inputs');
      let report: LabelReport;
      try {
        report = await labelExamples({
          ...settings,
          examples: examples(),
          ask,
          work,
          budget,
          concurrency,
          recorded: (since) => recordedCalls(store, args.task, since),
          signal: context.signal,
          onProgress: ({ done, rejected, spent }) =>
            phase.update(done, `${dollars(spent)}${rejected > 0 ? `, ${count(rejected)} set apart` : ''}`),
        });
      } catch (error) {
        await work.close();
        throw error;
      } finally {
        phase.stop();
        ask.close();
        await door.close();
      }
      const written = await writeLabelled(out, examples(), work, settings, context.signal).catch(
        async (error: unknown) => {
          await work.close();
          throw error;
        },
      );
      const complete = report.unanswered === 0;
      // With answers still to come, what was paid for is needed again.
      await (complete ? work.remove() : work.close());
      return {
        json: {
          out: args.out,
          ...report,
          complete,
          written: written.written,
          rejectedFile: written.rejected > 0 ? rejectedFile(args.out) : null,
        },
        text: words(report, { out: args.out, budget, written: written.written }),
      };
    });
  },
});

function words(
  report: LabelReport,
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

function warmth(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (!(value >= 0 && value <= 2))
    throw new UsageError(`--temperature must be a number from 0 to 2; it was '${text}'.`);
  return value;
}

/** @throws KolbenError where the file would overwrite something that was paid for, or cannot be written */
async function checkOut(named: string, out: string, inputs: string): Promise<void> {
  if (out === inputs) throw new UsageError('--out must be another file than the inputs.');
  const folder = await stat(dirname(out)).catch(() => undefined);
  if (!folder?.isDirectory())
    throw new KolbenError(
      'file_unwritable',
      `--out ${named} cannot be written: its folder does not exist. Name a file in a folder that exists.`,
    );
  if (existsSync(out) && !existsSync(labelWork(out)))
    throw new KolbenError(
      'label_out_exists',
      `--out ${named} is there already, and what stands in it may have been paid for: name another file, or remove it.`,
    );
}
