/**
 * `kolben plan`: how a student would be spread over the chips, and why.
 *
 * @module
 */
import { planDistill, readExamples } from '@kolben/distill';
import { KolbenError, mebibytes, type Plan, type PlanCandidate } from '@kolben/engine';
import { type Context, defineKolbenCommand, type Output } from '../cli/command.ts';
import { UsageError } from '../cli/errors.ts';
import { positive, whole } from '../cli/options.ts';
import { table } from '../cli/table.ts';
import { storeArgs, withStore } from '../config/with-store.ts';
import { percent } from '../progress/words.ts';

function row(candidate: PlanCandidate) {
  const { name, stages, replicas, microbatches, recompute, stepMs, bubble, memory, fits, chips } = candidate;
  return {
    schedule: name,
    chips,
    stages: stages.map((blocks) => [...blocks]),
    replicas,
    microbatches,
    recompute,
    stepMs: Math.round(stepMs * 1000) / 1000,
    bubble: Math.round(bubble * 10_000) / 10_000,
    memoryBytesPerChip: memory.map(({ total }) => Math.round(total)),
    fits,
  };
}

function output({ choice, candidates, reason }: Plan): Output {
  const rows = candidates.map((candidate) => [
    candidate === choice ? '→' : '',
    candidate.name,
    String(candidate.chips),
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
    'stages',
    'copies',
    'microbatches',
    'recompute',
    'step ms',
    'waiting',
    'memory',
    '',
  ];
  return {
    json: { choice: row(choice), reason, candidates: candidates.map(row) },
    text: `${table([head, ...rows], [2, 3, 4, 5, 7, 8, 9], '')}\n\n${reason}`,
  };
}

export const plan = defineKolbenCommand({
  name: 'plan',
  description: 'measure the chips and weigh the ways to spread a training over them',
  examples: [
    'kolben plan examples.jsonl',
    'kolben plan examples.jsonl --memory 64 --json',
    'kolben plan --task mails',
  ],
  args: {
    examples: {
      type: 'positional',
      required: false,
      description:
        "a file of examples in OpenAI's fine-tuning chat format; without it, the recorded calls of --task",
    },
    task: { type: 'string', description: "the task's name", valueHint: 'task' },
    chips: {
      type: 'string',
      description: 'how many chips to plan for, 1 to 4',
      default: '2',
      valueHint: 'n',
    },
    seed: { type: 'string', description: 'of the split of the examples', default: '0', valueHint: 'n' },
    memory: { type: 'string', description: 'mebibytes that each chip may use', valueHint: 'MiB' },
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
      ...(args.memory === undefined ? {} : { memoryLimit: positive('--memory', args.memory) * 2 ** 20 }),
    };
    const { examples, task } = args;
    if (examples !== undefined) {
      if (args.data !== undefined || (args.config !== undefined && task === undefined))
        throw new UsageError(
          '--config and --data are for recorded calls: leave them out, or leave out the file.',
        );
      return measured(context, () =>
        planDistill({ ...common, examples: readExamples(examples), source: examples }),
      );
    }
    if (task === undefined)
      throw new UsageError(
        'kolben plan needs a file of examples, or --task for the recorded calls of a task.',
      );
    return withStore(args, context, async (store) => {
      if ((await store.calls.count({ task })) === 0)
        throw new KolbenError(
          'calls_missing',
          `No calls of the task '${task}' are recorded in ${store.directory}: send some through the gateway first, or name a file of examples.`,
        );
      return measured(context, () =>
        planDistill({
          ...common,
          examples: store.calls.examples(task),
          source: `the recorded calls of ${task}`,
        }),
      );
    });
  },
});

async function measured(context: Context, make: () => Promise<Plan>): Promise<Output> {
  context.note('Measuring the blocks on the chips …');
  return output(await make());
}
