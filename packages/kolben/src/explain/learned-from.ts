/**
 * The texts that a student learned from. Its folder doesn't hold them, so they are sought where they came from.
 *
 * @module
 */
import {
  freezeDataset,
  inputText,
  type LabelledText,
  readExamples,
  readStudentFolder,
} from '@kolben/distill';
import type { Example, Store } from '@kolben/store';
import type { Context } from '../cli/command.ts';
import { findConfig } from '../config/find-config.ts';
import { withStore } from '../config/with-store.ts';

export type Learned =
  | { readonly examples: readonly LabelledText[] /** In words. */; readonly from: string }
  /** Why there are none, in words that follow a colon. */
  | { readonly missing: string };

export interface LearnedChoice {
  student: string;
  examples?: string | undefined;
  config?: string | undefined;
  data?: string | undefined;
}

/** From the file that is named; else from the recorded calls, if they still make the very dataset of the student. */
export async function learnedFrom(
  digest: string,
  choice: LearnedChoice,
  context: Pick<Context, 'cwd' | 'signal'>,
): Promise<Learned> {
  if (choice.examples !== undefined) {
    const examples: LabelledText[] = [];
    for await (const { messages, answer } of readExamples(choice.examples)) {
      context.signal.throwIfAborted();
      if (answer !== undefined) examples.push({ text: inputText(messages), answer });
    }
    return { examples, from: choice.examples };
  }
  if (choice.data === undefined && findConfig(context.cwd, choice.config) === undefined)
    return {
      missing:
        'a student folder holds no texts; name the file it learned from with --examples, or the data folder with --data',
    };
  return withStore(choice, context, (store) => fromStore(store, digest, choice.student, context.signal));
}

async function fromStore(
  store: Store,
  digest: string,
  directory: string,
  signal: AbortSignal,
): Promise<Learned> {
  const registered = (await store.students.list()).find((student) => student.digest === digest);
  if (registered === undefined)
    return { missing: 'this student is not registered here; name the file it learned from with --examples' };
  const { lineage } = await readStudentFolder(directory);
  const gone = {
    missing: `the recorded calls of ${registered.task} are no longer the dataset that it learned from; name a file with --examples`,
  };
  const dataset = await freezeDataset(until(store.calls.examples(registered.task), lineage.created), {
    seed: lineage.seed,
    signal,
  }).catch((error: unknown) => {
    // Without their texts, the calls make no dataset at all.
    signal.throwIfAborted();
    return error instanceof Error ? undefined : Promise.reject(error);
  });
  if (dataset === undefined || dataset.digest !== lineage.dataset.digest) return gone;
  return { examples: dataset.splits.train, from: `the recorded calls of ${registered.task}` };
}

/** Calls that came after the student was made taught it nothing. */
async function* until(examples: AsyncIterable<Example>, created: string): AsyncGenerator<Example> {
  const end = new Date(created).getTime();
  for await (const example of examples)
    if (example.at === undefined || example.at.getTime() <= end) yield example;
}
