/**
 * `kolben distill`: examples in, a certified student out.
 *
 * @module
 */
import { basename, relative, resolve } from 'node:path';
import type { DistillOptions } from '@kolben/distill';
import type { Config } from '@kolben/gateway/config';
import type { ArgsDef, ParsedArgs } from 'citty';
import { type Context, defineKolbenCommand, type Output } from '../cli/command.ts';
import { UsageError } from '../cli/errors.ts';
import { fraction, positive, whole } from '../cli/options.ts';
import { findConfig } from '../config/find-config.ts';
import { loadConfig } from '../config/load-config.ts';
import { redactOf } from '../config/redact-of.ts';
import { storeArgs, withStore } from '../config/with-store.ts';
import { type Begun, settingsFor } from '../distilling/begun.ts';
import { distilFile } from '../distilling/distil-file.ts';
import { distilWhileLabelling } from '../distilling/distil-while-labelling.ts';
import { inJson, inWords } from '../distilling/distilled-in-words.ts';
import { writeReport } from '../distilling/write-report.ts';
import { writtenOptions } from '../distilling/written-options.ts';
import { labelArgs } from '../labelling/label-args.ts';
import { showDistill } from '../progress/show-distill.ts';
import { distillRecorded, placeInWords } from '../students/distill-recorded.ts';
import { studentArgs, studentOptions } from '../students/student-args.ts';

/** The function of the configuration, where the command line names none. */
function equalityOf(
  config: Config | undefined,
  task: string,
  written: Pick<DistillOptions, 'equality'>,
): Pick<DistillOptions, 'equality'> {
  const equality = written.equality ?? config?.tasks[task]?.equality;
  return equality === undefined ? {} : { equality };
}

async function digestOf(student: string): Promise<string> {
  const { readStudentFolder } = await import('@kolben/distill');
  return (await readStudentFolder(student)).digest;
}

const distillArgs = {
  examples: {
    type: 'positional',
    required: false,
    description:
      "a file of examples in OpenAI's fine-tuning chat format, or the folder of a dataset; without it, the recorded calls of --task",
  },
  out: {
    type: 'string',
    description: 'the student folder to write (with recorded calls, by default one in the data folder)',
    valueHint: 'folder',
  },
  task: { type: 'string', description: "the task's name", valueHint: 'task' },
  ...studentArgs,
  equality: {
    type: 'string',
    description:
      'of kind generate, when two answers are the same: exact, normalised (the default), or a file that exports a function (teacher, student) => boolean',
    valueHint: 'equality',
  },
  'teacher-logits': {
    type: 'string',
    description:
      'of kind generate, a decoder that teaches its distribution beside the answers: a folder, or the address of a server on this machine (llama.cpp, vLLM), http://127.0.0.1:8080/v1 or …/v1#model, with its key in KOLBEN_TEACHER_KEY if it has one',
    valueHint: 'folder or address',
  },
  'teacher-tokenizer': {
    type: 'string',
    description:
      'for a --teacher-logits that is an address, the folder with config.json and tokenizer.json of its model; by default that of --base',
    valueHint: 'folder',
  },
  alpha: {
    type: 'string',
    description: 'the largest share of disagreement to certify',
    default: '0.05',
    valueHint: 'share',
  },
  delta: {
    type: 'string',
    description: 'the largest probability that the certificate is false',
    default: '0.05',
    valueHint: 'share',
  },
  chips: {
    type: 'string',
    description: 'how many chips to train on, 1 to 4',
    default: '2',
    valueHint: 'n',
  },
  memory: {
    type: 'string',
    description: 'mebibytes that each chip may use; a student that needs more is cut into stages',
    valueHint: 'MiB',
  },
  seed: {
    type: 'string',
    description: 'the same examples, seed and chips give the same student',
    default: '0',
    valueHint: 'n',
  },
  'time-budget': {
    type: 'string',
    description: 'seconds that the training may take',
    default: '300',
    valueHint: 'seconds',
  },
  parent: { type: 'string', description: 'the student folder that this one follows', valueHint: 'folder' },
  distributed: {
    type: 'boolean',
    description: "the student is meant for third parties: the providers' terms are asked for that use",
    default: false,
  },
  purpose: {
    type: 'string',
    description: 'what the student is for, in a sentence, for its model card',
    valueHint: 'sentence',
  },
  contact: {
    type: 'string',
    description: 'whom to ask about it, for its model card',
    valueHint: 'address',
  },
  report: { type: 'string', description: 'also write an HTML report', valueHint: 'file' },
  label: {
    type: 'boolean',
    description: 'have the teacher of --task answer the examples that have no answer, and train meanwhile',
  },
  ...labelArgs,
  ...storeArgs,
} as const satisfies ArgsDef;

export type DistillArgs = ParsedArgs<typeof distillArgs>;

export const distill = defineKolbenCommand({
  name: 'distill',
  description: 'train and certify a student, from a file of examples or from recorded calls',
  examples: [
    'kolben distill examples.jsonl --out my-student',
    'kolben distill examples.jsonl --out my-student --alpha 0.02 --report report.html --json',
    'kolben distill examples.jsonl --out my-student --kind generate --equality normalised',
    'kolben distill --task mails',
    'kolben distill inputs.jsonl --label --task mails --out my-student --budget 5',
    'kolben distill examples.jsonl --out my-student --base ./MiniLM-L6 --lora 16',
  ],
  args: distillArgs,
  run: (args, context) => runDistill(args, context, { by: 'distill' }),
});

/** The command, whoever calls it: the command line, or a thread that trains for the console. */
export async function runDistill(args: DistillArgs, context: Context, begun: Begun): Promise<Output> {
  const common = {
    ...(await studentOptions(args, context.cwd)),
    alpha: fraction('--alpha', args.alpha),
    delta: fraction('--delta', args.delta),
    chips: whole('--chips', args.chips, 1, 4),
    seed: whole('--seed', args.seed, 0, 2 ** 31 - 1),
    timeBudget: positive('--time-budget', args['time-budget']),
    distribution: args.distributed ? ('distributed' as const) : ('internal' as const),
    ...(args.parent === undefined ? {} : { parent: await digestOf(resolve(context.cwd, args.parent)) }),
    ...(args.purpose === undefined ? {} : { purpose: args.purpose }),
    ...(args.contact === undefined ? {} : { contact: args.contact }),
    ...(args.memory === undefined ? {} : { memoryLimit: positive('--memory', args.memory) * 2 ** 20 }),
  };
  const written = await writtenOptions(args, context.cwd);
  const reportFile = args.report === undefined ? undefined : resolve(context.cwd, args.report);
  const settings = `--alpha ${common.alpha} --delta ${common.delta} --chips ${common.chips} --seed ${common.seed} --time-budget ${common.timeBudget}${args.memory === undefined ? '' : ` --memory ${args.memory}`}${args.base === undefined ? '' : ` --base ${args.base}`}${args.lora === undefined ? '' : ` --lora ${args.lora}`}${written.words}`;

  if (args.label && args.base !== undefined)
    throw new UsageError(
      '--label trains a student from scratch while answers come; for one on --base, run kolben label first.',
    );
  if (args.label && written.words !== '')
    throw new UsageError(
      '--label trains a student that chooses among labels; for one that writes, run kolben label first.',
    );
  if (args.label) return distilWhileLabelling(args, context, common, { reportFile, settings }, begun);
  const stray = Object.keys(labelArgs).find((name) => args[name as keyof typeof labelArgs] !== undefined);
  if (stray !== undefined)
    throw new UsageError(`--${stray} is for --label: add that, or leave --${stray} out.`);

  if (args.examples !== undefined) {
    if (args.out === undefined)
      throw new UsageError('kolben distill needs --out: the student folder to write.');
    if (args.data !== undefined) {
      throw new UsageError('--data is for recorded calls: leave it out, or leave out the file.');
    }
    // A file may tell who answered; what their terms say stands in the configuration, where there is one.
    const configFile = findConfig(context.cwd, args.config);
    const config = configFile === undefined ? undefined : await loadConfig(configFile);
    const task = args.task ?? basename(args.examples).replace(/\.jsonl?$/, '');
    const { isDatasetFolder, readDataset, readExamples } = await import('@kolben/distill');
    const report = await distilFile(
      {
        options: {
          ...common,
          ...written.options,
          examples: (await isDatasetFolder(args.examples))
            ? await readDataset(args.examples)
            : readExamples(args.examples),
          out: args.out,
          task,
          source: args.examples,
          ...(config && { providers: config.providers, redact: redactOf(config) }),
        },
        task,
        teacher: {
          name: args.examples,
          kind: 'file',
          about: `The answers stood in the file ${basename(args.examples)}; whoever wrote them is the teacher.`,
        },
        command: `npx kolben distill ${args.examples} --out ${args.out} ${settings}`,
        ...{ reportFile, config, settings: settingsFor(args, context, begun), run: begun.run },
      },
      context,
    );
    return { json: inJson(report), text: inWords(report) };
  }

  const task = args.task;
  if (task === undefined) {
    throw new UsageError(
      'kolben distill needs a file of examples, or --task for the recorded calls of a task.',
    );
  }
  return withStore(args, context, async (store, config) => {
    const teacher = config?.tasks[task]?.teacher;
    const shown = showDistill(context.progress);
    const made = await distillRecorded({
      store,
      config,
      task,
      options: {
        ...common,
        ...written.options,
        ...equalityOf(config, task, written.options),
        signal: context.signal,
        onProgress: shown.onProgress,
      },
      ...(args.out !== undefined && { out: resolve(context.cwd, args.out) }),
      ...(begun.asOf && { asOf: begun.asOf }),
      recorded: { ...settingsFor(args, context, begun), run: begun.run },
      note: context.note,
    }).finally(() => shown.end());
    const { report, out, registered, promoted } = made;
    if (reportFile !== undefined) {
      const about = {
        name: teacher ?? 'recorded calls',
        kind: 'model' as const,
        about: `The student learned from recorded calls${teacher === undefined ? '' : ` that ${teacher} answered`}.`,
      };
      const command = `npx kolben distill --task ${task} ${settings}`;
      await writeReport(reportFile, report, { task, command, teacher: about });
      context.note(`Report: ${reportFile}`);
    }
    return {
      json: { ...inJson(report), student: out, registered: registered.id, promoted },
      text: `${inWords({ ...report, student: relative(context.cwd, out) || out })}\n\n${placeInWords(made, task)}`,
    };
  });
}
