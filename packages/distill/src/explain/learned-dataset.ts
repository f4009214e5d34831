/**
 * The dataset that a student learned from, made again: its folder holds no texts, but how they were frozen and the
 * digest of what came of it.
 *
 * @module
 */
import { KolbenError } from '@kolben/engine';
import type { Example } from '@kolben/store';
import type { Dataset } from '../datasets/dataset.ts';
import { decidedUntil } from '../datasets/decided.ts';
import { type FreezeDatasetOptions, freezeDataset } from '../datasets/freeze-dataset.ts';
import type { StudentContents } from '../students/folder/student-contents.ts';

type Origin = Pick<StudentContents, 'task' | 'redaction' | 'lineage'>;

/**
 * @param examples those that it was made of, and perhaps later ones
 * @returns undefined where they make another dataset by now, or none at all
 * @throws the signal's reason once it is aborted, and whatever the source of examples throws that isn't a KolbenError
 */
export async function learnedDataset(
  origin: Origin,
  examples: AsyncIterable<Example> | Iterable<Example>,
  signal?: AbortSignal,
): Promise<Dataset | undefined> {
  const { dataset: told, created } = origin.lineage;
  try {
    const until = examplesUntil(examples, new Date(told.asOf ?? created));
    const dataset = await freezeDataset(asMarked(until, told), {
      ...frozenAs(origin),
      ...(signal && { signal }),
    });
    return dataset.digest === told.digest ? dataset : undefined;
  } catch (error) {
    signal?.throwIfAborted();
    if (KolbenError.isInstance(error)) return undefined;
    throw error;
  }
}

function frozenAs({ task, redaction, lineage }: Origin): FreezeDatasetOptions {
  const { dataset, seed } = lineage;
  return {
    // Of older students the dataset's seed was always the student's.
    seed: dataset.seed ?? seed,
    kind: task.kind,
    ...(task.kind === 'classify' && { multiple: task.multiple }),
    // Whoever wanted no split by time got one at random, like examples without times.
    splitBy: dataset.splitBy === 'random' ? 'random' : 'auto',
    ...(dataset.parent !== undefined && {
      follows: {
        ...{ digest: dataset.parent, kind: task.kind, splitBy: dataset.splitBy },
        multiple: task.kind === 'classify' && task.multiple,
      },
    }),
    redact: redaction !== null && {
      countries: redaction.countries as NonNullable<FreezeRedaction['countries']>,
      patterns: redaction.patterns.map(({ name, source, flags }) => ({
        name,
        pattern: new RegExp(source, flags),
      })),
    },
  };
}

/** In the splits as they were known then: those of the version before it. */
async function* asMarked(
  examples: AsyncIterable<Example>,
  { parentAsOf }: Origin['lineage']['dataset'],
): AsyncGenerator<Example> {
  const end = parentAsOf === undefined ? Number.NEGATIVE_INFINITY : new Date(parentAsOf).getTime();
  for await (const example of examples) {
    const { split: _, ...unmarked } = example;
    yield (example.at?.getTime() ?? Number.POSITIVE_INFINITY) <= end ? example : unmarked;
  }
}

type FreezeRedaction = Extract<FreezeDatasetOptions['redact'], object>;

/** Those that came in by then, and those of which nobody knows when; as they were before anything was decided later. */
export async function* examplesUntil(
  examples: AsyncIterable<Example> | Iterable<Example>,
  end: Date,
): AsyncGenerator<Example> {
  for await (const example of examples)
    if (example.at === undefined || example.at.getTime() <= end.getTime()) yield decidedUntil(example, end);
}
