/**
 * `kolben distill`: examples in, a certified student out.
 *
 * @module
 */
import { rename, rm, writeFile } from 'node:fs/promises';
import { basename, relative, resolve } from 'node:path';
import type { DistillOptions, DistillReport, FactoryOptions, ServedDecoder } from '@kolben/distill';
import { KolbenError } from '@kolben/engine/error';
import type { Config } from '@kolben/gateway/config';
import type { ArgsDef, ParsedArgs } from 'citty';
import { type Context, defineKolbenCommand, type Output } from '../cli/command.ts';
import { UsageError } from '../cli/errors.ts';
import { fraction, positive, whole } from '../cli/options.ts';
import { table } from '../cli/table.ts';
import { findConfig } from '../config/find-config.ts';
import { loadConfig } from '../config/load-config.ts';
import { redactOf } from '../config/redact-of.ts';
import { storeArgs, withStore } from '../config/with-store.ts';
import { readEquality } from '../config/written-answers.ts';
import { CHOICE_SEED, labelArgs, readLabelArgs } from '../labelling/label-args.ts';
import { checkLabelled, withTeacher } from '../labelling/with-teacher.ts';
import { showDistill } from '../progress/show-distill.ts';
import { count, counted, dollars, duration, percent, plainPercent } from '../progress/words.ts';
import type { ReportContext } from '../report/from-distill.ts';
import { type KnownRun, outcomeOf, recordTraining, storeAtHand } from '../runs/record-training.ts';
import { type RunSettings, typedArgs } from '../runs/run-settings.ts';
import { distillRecorded, placeInWords } from '../students/distill-recorded.ts';
import { registerStudent } from '../students/register-student.ts';
import { studentArgs, studentOptions } from '../students/student-args.ts';
import { studentInService } from '../students/student-in-service.ts';

/** What `--json` prints: the contract, without what only the HTML report shows. */
function contract({ details: _details, ...report }: DistillReport): Record<string, unknown> {
  return { ...report };
}

function words(report: DistillReport): string {
  const { dataset, training, test, baselines, certificate } = report;
  const left = `${counted(dataset.duplicatesRemoved, 'duplicate')} removed, ${counted(dataset.conflicts, 'input')} with different answers`;
  const rows = [
    ['student', report.student],
    ...(report.task.kind === 'classify' ? [['labels', count(report.task.labels.length)]] : []),
    [
      'examples',
      `${count(dataset.n)} (train ${count(dataset.train)}, validation ${count(dataset.validation)}, tune ${count(dataset.tune)}, calibration ${count(dataset.calibration)}, test ${count(dataset.test)}); ${left}`,
    ],
    [
      'training',
      `${duration(training.seconds)} on ${counted(training.chips, 'chip')}, ${counted(training.steps, 'step')}, schedule ${training.schedule}, ${percent(training.bubble)} waiting; ${count(training.tokensPerSecond)} tokens a second, ${percent(training.paddingShare)} padding`,
    ],
    [
      'agreement',
      `${percent(test.agreement)} on ${counted(test.n, 'test example')}; ${baselines.ngramLinear === null ? '' : `linear n-gram model ${percent(baselines.ngramLinear)}, `}most frequent answer ${percent(baselines.majority)}`,
    ],
    [
      'certificate',
      certificate === null
        ? `none: ${report.reason ?? ''}`
        : `at confidence ${certificate.threshold.toFixed(4)} and above it answers ${percent(certificate.coverage)} of calls and disagrees with the teacher in at most ${plainPercent(certificate.alpha)} (bound ${percent(certificate.disagreementUpperBound, 2)}, from ${counted(certificate.n, 'calibration example')})`,
    ],
  ];
  return [table(rows, [], ''), ...report.warnings.map((warning) => `Note: ${warning}`)].join('\n');
}

async function writeReport(file: string, report: DistillReport, about: ReportContext): Promise<void> {
  const [{ reportFromDistill }, { renderReport }] = await Promise.all([
    import('../report/from-distill.ts'),
    import('../report/report-page.ts'),
  ]);
  const html = await renderReport(reportFromDistill(report, about));
  try {
    await writeFile(`${file}.part`, html);
    await rename(`${file}.part`, file);
  } catch (error) {
    await rm(`${file}.part`, { force: true });
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new KolbenError(
      'report_unwritable',
      `The student is complete, but the report ${file} could not be written (${code}): choose another --report.`,
      { cause: error },
    );
  }
}

interface Job {
  options: Omit<DistillOptions, 'signal' | 'onProgress' | 'onDataset' | 'listener'>;
  task: string;
  teacher: ReportContext['teacher'];
  command: string;
  reportFile: string | undefined;
  /** Says where the run is recorded. */
  config: Config | undefined;
  settings: RunSettings;
  run: KnownRun | undefined;
}

/** Who begins a training, and of which run, where that is known beforehand. */
export interface Begun {
  readonly by: RunSettings['by'];
  readonly run?: KnownRun | undefined;
  /** Of recorded calls: those that came in later are left out. Default: now. */
  readonly asOf?: Date | undefined;
}

function settingsFor(args: Readonly<Record<string, unknown>>, { cwd }: Context, { by }: Begun): RunSettings {
  return { by, args: typedArgs(args), cwd };
}

/** Labels and distils at once. */
async function label(
  args: {
    readonly examples?: string | undefined;
    readonly out?: string | undefined;
    readonly task?: string | undefined;
  } & ParsedArgs<typeof labelArgs & typeof storeArgs>,
  context: Context,
  common: Omit<FactoryOptions, 'inputs' | 'labelling' | 'out'>,
  { reportFile, settings }: { readonly reportFile: string | undefined; readonly settings: string },
  begun: Begun,
): Promise<Output> {
  const { examples, out, task } = args;
  if (examples === undefined || out === undefined || task === undefined)
    throw new UsageError(
      'kolben distill --label needs a file of inputs, --task whose teacher answers them, and --out for the student folder.',
    );
  const choice = await readLabelArgs(args);
  const { distillWhileLabelling, readExamples, writeLabelled } = await import('@kolben/distill');
  const folder = resolve(context.cwd, out);
  const labelled = `${folder}.labelled.jsonl`;
  await checkLabelled('--out', out, labelled);
  return withStore(args, context, async (store, config) => {
    if (!config)
      throw new UsageError('kolben distill --label needs a configuration: it says who the teacher is.');
    const inputs = () => readExamples(resolve(context.cwd, examples), { answers: 'none' });
    return withTeacher({ config, store, task, out: labelled }, choice, async (teacher) => {
      const { work, labelling } = teacher;
      const shown = showDistill(context.progress);
      const inService = await studentInService(store, task);
      const { drawnOf, ...report } = await recordTraining(
        {
          ...{
            store,
            task,
            source: 'labelling',
            settings: settingsFor(args, context, begun),
            run: begun.run,
          },
          ...{ signal: context.signal, onProgress: shown.onProgress, note: context.note },
        },
        async (hooks) => {
          const made = await distillWhileLabelling({
            ...inService.options,
            ...common,
            inputs: inputs(),
            labelling,
            choose: choice.choose === undefined ? undefined : { count: choice.choose, seed: CHOICE_SEED },
            out: folder,
            task,
            source: examples,
            teachers: [labelling.teacher],
            providers: config.providers,
            redact: redactOf(config),
            ...hooks,
            onLabelProgress: shown.onLabelProgress,
          });
          return { result: made, outcome: outcomeOf(made, { folder }) };
        },
      ).finally(() => shown.end());
      const written = await writeLabelled(
        labelled,
        inputs(),
        work,
        teacher.settings,
        context.signal,
        drawnOf,
      );
      const promoted = inService.isOutdoneBy(report);
      const registered = await registerStudent(store, task, folder, { promote: promoted });
      if (report.labelling.unanswered === 0) await work.remove();
      if (reportFile !== undefined) {
        const about = {
          name: labelling.teacher,
          kind: 'model' as const,
          about: `The student learned from ${count(report.labelling.labelled)} answers that ${labelling.teacher} gave for it.`,
        };
        const command = `npx kolben distill ${examples} --label --task ${task} --out ${out} ${settings}`;
        await writeReport(reportFile, report, { task, command, teacher: about });
        context.note(`Report: ${reportFile}`);
      }
      const { labelled: answered, spent, unanswered } = report.labelling;
      const lines = [
        words({ ...report, student: out }),
        `Labelled ${counted(answered, 'input')} for ${dollars(spent)}; the answers are in ${relative(context.cwd, labelled)}.`,
        ...(unanswered === 0 ? [] : [`Note: ${counted(unanswered, 'input')} got no answer.`]),
        '',
        placeInWords({ report, registered, promoted }, task),
      ];
      return {
        json: {
          ...contract(report),
          student: out,
          labelled: relative(context.cwd, labelled),
          written: written.written,
          registered: registered.id,
          promoted,
        },
        text: lines.join('\n'),
      };
    });
  });
}

async function train(
  { options, task, teacher, command, reportFile, config, settings, run }: Job,
  context: Context,
): Promise<DistillReport> {
  const { distill } = await import('@kolben/distill');
  const store = await storeAtHand(config, context.note);
  const shown = showDistill(context.progress);
  const { signal, note } = context;
  let report: DistillReport;
  try {
    report = await recordTraining(
      { ...{ store, task, source: 'file', settings, run, signal, note }, onProgress: shown.onProgress },
      async (hooks) => {
        const made = await distill({ ...options, ...hooks });
        return { result: made, outcome: outcomeOf(made, { folder: resolve(context.cwd, options.out) }) };
      },
    );
  } finally {
    shown.end();
    await store?.close();
  }
  if (reportFile !== undefined) {
    await writeReport(reportFile, report, { task, command, teacher });
    context.note(`Report: ${reportFile}`);
  }
  return report;
}

interface WrittenArgs {
  readonly equality?: string;
  readonly 'teacher-logits'?: string;
  readonly 'teacher-tokenizer'?: string;
  readonly base?: string;
}

/** The options of written answers, and the same as words of a command. */
async function writtenOptions(args: WrittenArgs, cwd: string) {
  const { equality, 'teacher-logits': teacher, 'teacher-tokenizer': tokenizer } = args;
  const isServed = teacher !== undefined && /^https?:\/\//.test(teacher);
  if (tokenizer !== undefined && !isServed)
    throw new UsageError('--teacher-tokenizer is for a --teacher-logits that is an address: leave it out.');
  return {
    options: {
      ...(equality === undefined ? {} : { equality: await readEquality(equality, cwd) }),
      ...(teacher === undefined
        ? {}
        : {
            teacherLogits: isServed
              ? await servedTeacher(teacher, tokenizer ?? args.base, cwd)
              : resolve(cwd, teacher),
          }),
    },
    words: (['equality', 'teacher-logits', 'teacher-tokenizer'] as const)
      .map((name) => (args[name] === undefined ? '' : ` --${name} ${args[name]}`))
      .join(''),
  };
}

/** @throws UsageError for an address of another machine: whose terms apply to what it teaches, nobody would have asked */
async function servedTeacher(
  address: string,
  tokenizer: string | undefined,
  cwd: string,
): Promise<ServedDecoder> {
  if (!URL.canParse(address)) throw new UsageError(`--teacher-logits ${address} is no address.`);
  const url = new URL(address);
  if (!['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname))
    throw new UsageError(
      `--teacher-logits takes a server on this machine, not ${url.hostname}: run it here, or bring it here through a tunnel.`,
    );
  if (tokenizer === undefined)
    throw new UsageError(
      'A --teacher-logits that is an address needs the tokenizer of its model: name its folder with --teacher-tokenizer.',
    );
  const model = url.hash === '' ? undefined : decodeURIComponent(url.hash.slice(1));
  url.hash = '';
  const key = process.env.KOLBEN_TEACHER_KEY;
  const { askTokens } = await import('@kolben/gateway');
  return {
    name: model ?? url.host,
    tokenizer: resolve(cwd, tokenizer),
    ask: askTokens({ url: url.href, model, ...(key && { key }) }),
  };
}

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
  if (args.label) return label(args, context, common, { reportFile, settings }, begun);
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
    const report = await train(
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
    return { json: contract(report), text: words(report) };
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
      json: { ...contract(report), student: out, registered: registered.id, promoted },
      text: `${words({ ...report, student: relative(context.cwd, out) || out })}\n\n${placeInWords(made, task)}`,
    };
  });
}
