/**
 * `kolben dataset`: examples are frozen into a folder that never changes, and such a folder is shown.
 *
 * @module
 */
import { resolve } from 'node:path';
import {
  type Dataset,
  type FreezeDatasetOptions,
  freezeDataset,
  readDataset,
  readExamples,
  SPLITS,
  sourceOfCalls,
  writeDataset,
} from '@kolben/distill';
import { KolbenError } from '@kolben/engine/error';
import type { Example } from '@kolben/store';
import { type Context, defineKolbenCommand, type Group } from '../cli/command.ts';
import { UsageError } from '../cli/errors.ts';
import { oneOf, whole } from '../cli/options.ts';
import { plain } from '../cli/plain.ts';
import { table } from '../cli/table.ts';
import { redactOf } from '../config/redact-of.ts';
import { storeArgs, withStore } from '../config/with-store.ts';
import { count, counted, percent } from '../progress/words.ts';

const kinds = ['classify', 'extract', 'generate'] as const;

/** Everything but the examples. */
function contract(
  { splits: _, conflicts: __, ...dataset }: Dataset,
  folder: string,
): Record<string, unknown> {
  return { folder, ...dataset };
}

function words(dataset: Dataset, folder: string): string {
  const { counts, kind, multiple, labels, redaction, selfAgreement, splitBy } = dataset;
  const taken = Object.entries(redaction?.found ?? {}).map(([name, times]) => `${name} ${count(times)}`);
  const rows = [
    ['dataset', folder],
    ['digest', dataset.digest],
    ['parent', dataset.parent ?? 'none'],
    ...(dataset.source === null ? [] : [['made of', plain(dataset.source)]]),
    [
      'kind',
      kind === 'classify'
        ? `classify, ${counted(labels.length, 'label')}${multiple ? ', several to an answer' : ''}`
        : kind,
    ],
    [
      'examples',
      `${count(counts.n)} (${SPLITS.map((split) => `${split} ${count(counts[split])}`).join(', ')}), split ${splitBy === 'time' ? 'by time' : 'at random'}`,
    ],
    [
      'of',
      `${counted(counts.read, 'example')}${counts.inherited > 0 ? ` and ${count(counts.inherited)} of the parent` : ''}; ${counted(counts.duplicatesRemoved, 'duplicate')} removed, ${counted(counts.conflicts, 'input')} with different answers, ${counted(counts.nearDuplicates, 'near duplicate')} kept together`,
    ],
    [
      'redacted',
      redaction === null
        ? 'no: texts are as they were'
        : `${counted(counts.redacted, 'example')}${taken.length > 0 ? ` (${taken.join(', ')})` : ''}`,
    ],
    ...(selfAgreement
      ? [
          [
            'teacher',
            `agrees with itself in ${percent(selfAgreement.agreement)} of ${counted(selfAgreement.inputs, 'input')} asked more than once`,
          ],
        ]
      : []),
  ];
  return [table(rows, [], ''), ...dataset.warnings.map((warning) => `Note: ${plain(warning, 2000)}`)].join(
    '\n',
  );
}

async function freeze(
  examples: AsyncIterable<Example>,
  options: Omit<FreezeDatasetOptions, 'signal' | 'onProgress'>,
  context: Context,
): Promise<Dataset> {
  const phase = context.progress.phase('Reading the examples');
  try {
    const dataset = await freezeDataset(examples, {
      ...options,
      signal: context.signal,
      onProgress: ({ phase: at, done }) => phase.update(done, at === 'compare' ? 'read, comparing them' : ''),
    });
    phase.done(`${counted(dataset.counts.read, 'example')} read.`);
    return dataset;
  } catch (error) {
    phase.stop();
    throw error;
  }
}

const make = defineKolbenCommand({
  name: 'freeze',
  description: 'read examples or recorded calls, redact, de-duplicate, split, and write them to a folder',
  examples: [
    'kolben dataset examples.jsonl --out datasets/mails-1',
    'kolben dataset --task mails --out datasets/mails-2 --parent datasets/mails-1',
  ],
  args: {
    examples: {
      type: 'positional',
      required: false,
      description:
        "a file of examples in OpenAI's fine-tuning chat format; without it, the recorded calls of --task",
    },
    out: { type: 'string', required: true, description: 'the folder to write', valueHint: 'folder' },
    task: { type: 'string', description: 'the task whose recorded calls are wanted', valueHint: 'task' },
    parent: {
      type: 'string',
      description: 'the dataset of which this is the next version: what it has stays in its splits',
      valueHint: 'folder',
    },
    kind: {
      type: 'string',
      description: `what kind of task it is, by default chosen from the answers: ${kinds.join(', ')}`,
      valueHint: 'kind',
    },
    seed: { type: 'string', description: 'decides how the splits are drawn', default: '0', valueHint: 'n' },
    'split-at-random': { type: 'boolean', description: 'never split by time' },
    'keep-personal-data': {
      type: 'boolean',
      description: 'take texts as they are, with mail addresses, phone numbers and the like',
    },
    ...storeArgs,
  },
  async run(args, context) {
    const parent =
      args.parent === undefined
        ? undefined
        : await readDataset(resolve(context.cwd, args.parent), { signal: context.signal });
    const options = {
      seed: whole('--seed', args.seed, 0, 2 ** 31 - 1),
      redact: args['keep-personal-data'] !== true,
      ...(args.kind !== undefined && { kind: oneOf('--kind', args.kind, kinds) }),
      ...(args['split-at-random'] === true && { splitBy: 'random' as const }),
      ...(parent && { parent }),
    };
    const out = resolve(context.cwd, args.out);
    let made: Dataset;
    if (args.examples !== undefined) {
      if (args.task !== undefined || args.data !== undefined || args.config !== undefined) {
        throw new UsageError(
          '--task, --config and --data are for recorded calls: leave them out, or leave out the file.',
        );
      }
      const file = args.examples;
      made = await freeze(readExamples(resolve(context.cwd, file)), { ...options, source: file }, context);
    } else {
      const { task } = args;
      if (task === undefined) {
        throw new UsageError(
          'kolben dataset needs a file of examples, or --task for the recorded calls of a task.',
        );
      }
      made = await withStore(args, context, async (store, config) => {
        if ((await store.calls.count({ task })) === 0) {
          throw new KolbenError(
            'calls_missing',
            `No calls of the task '${task}' are recorded in ${store.location}: send some through the gateway first, or name a file of examples.`,
          );
        }
        const source = sourceOfCalls(task);
        const redact = options.redact && config ? redactOf(config) : options.redact;
        return freeze(store.calls.examples(task), { ...options, redact, source }, context);
      });
    }
    await writeDataset(out, made, { signal: context.signal });
    return { json: contract(made, args.out), text: words(made, args.out) };
  },
});

const show = defineKolbenCommand({
  name: 'show',
  description: 'tell what a dataset holds, and whether it is what was written',
  examples: ['kolben dataset show datasets/mails-1', 'kolben dataset show datasets/mails-1 --json'],
  args: {
    folder: { type: 'positional', required: true, description: 'the folder of the dataset' },
  },
  async run(args, context) {
    const found = await readDataset(resolve(context.cwd, args.folder), { signal: context.signal });
    return { json: contract(found, args.folder), text: words(found, args.folder) };
  },
});

export const dataset: Group = {
  name: 'dataset',
  description: 'freeze a dataset of examples or recorded calls into a folder, or show one',
  commands: [make, show],
  default: 'freeze',
  defaultTakesWords: true,
};
