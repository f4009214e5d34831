/**
 * `kolben plan`: how a student would be spread over the chips, and why.
 *
 * @module
 */
import { basename, extname } from 'node:path';
import {
  bestOfEach,
  isDatasetFolder,
  type PlanDistillOptions,
  planDistill,
  planRow,
  readDataset,
  readExamples,
  sourceOfCalls,
} from '@kolben/distill';
import { KolbenError, mebibytes, type Plan } from '@kolben/engine';
import { type Context, defineKolbenCommand, type Output } from '../cli/command.ts';
import { UsageError } from '../cli/errors.ts';
import { positive, whole } from '../cli/options.ts';
import { table } from '../cli/table.ts';
import { configNames, findConfig } from '../config/find-config.ts';
import { loadConfig } from '../config/load-config.ts';
import { type StoreChoice, storeArgs, withStore } from '../config/with-store.ts';
import type { Phase } from '../progress/progress.ts';
import { counted, percent } from '../progress/words.ts';
import { studentArgs, studentOptions } from '../students/student-args.ts';

function output({ choice, candidates, reason }: Plan): Output {
  const shown = bestOfEach(candidates, choice);
  const rows = shown.map((candidate) => [
    candidate === choice ? '→' : '',
    candidate.name,
    String(candidate.chips),
    String(candidate.threads),
    String(candidate.stages.length),
    String(candidate.replicas),
    String(candidate.microbatches),
    candidate.recompute ? 'yes' : 'no',
    candidate.stepMs.toFixed(2),
    percent(candidate.bubble),
    mebibytes(Math.max(...candidate.memory.map(({ total }) => total))),
    candidate.fits ? '' : 'too large',
  ]);
  const head = [
    '',
    'schedule',
    'chips',
    'cores each',
    'stages',
    'copies',
    'microbatches',
    'recompute',
    'step ms',
    'waiting',
    'memory',
    '',
  ];
  const hidden = candidates.length - shown.length;
  return {
    json: { choice: planRow(choice), reason, candidates: candidates.map(planRow) },
    text: [
      table([head, ...rows], [2, 3, 4, 5, 6, 8, 9, 10], ''),
      '',
      ...(hidden > 0
        ? [`The fastest of each schedule is shown; --json has ${counted(hidden, 'candidate')} more.`]
        : []),
      reason,
    ].join('\n'),
  };
}

export const plan = defineKolbenCommand({
  name: 'plan',
  description: 'measure the chips and weigh the ways to spread a training over them',
  examples: [
    'kolben plan examples.jsonl',
    'kolben plan examples.jsonl --memory 64 --json',
    'kolben plan kolben.config.ts --task mails',
    'kolben plan examples.jsonl --kind generate --base ./Qwen3-0.6B --lora 16',
  ],
  args: {
    from: {
      type: 'positional',
      required: false,
      description:
        "a file of examples in OpenAI's fine-tuning chat format, the folder of a dataset, or a configuration, for the recorded calls of --task",
    },
    task: {
      type: 'string',
      description: "the task's name; needless where the configuration has only one",
      valueHint: 'task',
    },
    chips: {
      type: 'string',
      description: 'how many cores to plan for, 1 to 4: each a chip, or several of them one',
      default: '2',
      valueHint: 'n',
    },
    seed: { type: 'string', description: 'of the split of the examples', default: '0', valueHint: 'n' },
    memory: { type: 'string', description: 'mebibytes that each chip may use', valueHint: 'MiB' },
    ...studentArgs,
    'same-bits': {
      type: 'boolean',
      description: 'weigh only what distill chooses from: schedules that give the very weights of one chip',
      default: false,
    },
    ...storeArgs,
  },
  async run(args, context): Promise<Output> {
    const common = {
      chips: whole('--chips', args.chips, 1, 4),
      seed: whole('--seed', args.seed, 0, 2 ** 31 - 1),
      sameBits: args['same-bits'],
      signal: context.signal,
      ...(await studentOptions(args, context.cwd)),
      ...(args.memory === undefined ? {} : { memoryLimit: positive('--memory', args.memory) * 2 ** 20 }),
    };
    const { from, task } = args;
    if (from !== undefined && !isConfig(from)) {
      if (args.data !== undefined || args.config !== undefined)
        throw new UsageError(
          '--config and --data are for recorded calls: leave them out, or leave out the file.',
        );
      const examples = (await isDatasetFolder(from)) ? await readDataset(from) : readExamples(from);
      return measured(context, { ...common, examples, source: from });
    }
    if (from !== undefined && args.config !== undefined)
      throw new UsageError(`Two configurations are named, ${from} and ${args.config}: leave one out.`);
    const choice = { ...args, config: from ?? args.config };
    const name = task ?? (await onlyTask(choice, context.cwd));
    return withStore(choice, context, async (store) => {
      if ((await store.calls.count({ task: name })) === 0)
        throw new KolbenError(
          'calls_missing',
          `No calls of the task '${name}' are recorded in ${store.location}: send some through the gateway first, or name a file of examples.`,
        );
      return measured(context, {
        ...common,
        examples: store.calls.examples(name),
        source: sourceOfCalls(name),
      });
    });
  },
});

/** Whether a file is a configuration and not one of examples, by its name. */
function isConfig(file: string): boolean {
  return (
    configNames.includes(basename(file)) || ['.ts', '.mts', '.js', '.mjs', '.cjs'].includes(extname(file))
  );
}

/** The task of a configuration that has but one. */
async function onlyTask({ config }: StoreChoice, cwd: string): Promise<string> {
  const file = findConfig(cwd, config);
  if (file === undefined)
    throw new UsageError('kolben plan needs a file of examples, or --task for the recorded calls of a task.');
  const names = Object.keys((await loadConfig(file)).tasks);
  const [only, ...others] = names;
  if (only === undefined)
    throw new UsageError(`${basename(file)} has no task yet: add one, or name a file of examples.`);
  if (others.length > 0)
    throw new UsageError(
      `${basename(file)} has ${names.length} tasks: choose one with --task, out of ${names.join(', ')}.`,
    );
  return only;
}

async function measured(
  { progress }: Context,
  options: Omit<PlanDistillOptions, 'onProgress'>,
): Promise<Output> {
  let shown: Phase | undefined;
  let announced = 0;
  try {
    const found = await planDistill({
      ...options,
      onProgress: ({ done, total, what }) => {
        // There are more measurements where nothing fits the memory without recomputation.
        if (total !== announced) shown = progress.phase('Measuring the chips', total, 'measurements');
        announced = total;
        shown?.update(done, what);
      },
    });
    shown?.done(`Weighed ${counted(found.candidates.length, 'plan')}.`);
    return output(found);
  } finally {
    shown?.stop();
  }
}
