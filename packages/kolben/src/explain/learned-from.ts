/**
 * The texts that a student learned from. Its folder doesn't hold them, so they are sought where they came from.
 *
 * @module
 */
import {
  inputText,
  isDatasetFolder,
  type LabelledText,
  learnedDataset,
  readDataset,
  readExamples,
  readStudentFolder,
  type StudentContents,
  sourceOfCalls,
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

/**
 * From the file or the dataset that is named; else from the recorded calls, if they still make the very dataset of the
 * student. Where that dataset is at hand, only its training split counts.
 */
export async function learnedFrom(
  digest: string,
  choice: LearnedChoice,
  context: Pick<Context, 'cwd' | 'signal'>,
): Promise<Learned> {
  const { signal } = context;
  if (choice.examples !== undefined) return fromPath(choice.examples, choice.student, signal);
  if (choice.data === undefined && findConfig(context.cwd, choice.config) === undefined)
    return {
      missing:
        'a student folder holds no texts; name the file it learned from with --examples, or the data folder with --data',
    };
  return withStore(choice, context, (store) => fromStore(store, digest, choice.student, signal));
}

async function fromPath(path: string, directory: string, signal: AbortSignal): Promise<Learned> {
  const student = await readStudentFolder(directory);
  if (await isDatasetFolder(path)) {
    const dataset = await readDataset(path, { signal });
    const isIts = dataset.digest === student.lineage.dataset.digest;
    const from = `the training split of ${path}${isIts ? '' : ', which is not the dataset that it learned from'}`;
    return { examples: dataset.splits.train, from };
  }
  const examples: Example[] = [];
  for await (const example of readExamples(path)) {
    signal.throwIfAborted();
    if (example.answer !== undefined) examples.push(example);
  }
  const trained = await trainSplit(student, examples, signal);
  const given = examples.map(({ messages, answer }) => ({ text: inputText(messages), answer: answer! }));
  return { examples: trained ?? given, from: path };
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
  const student = await readStudentFolder(directory);
  const trained = await trainSplit(student, store.calls.examples(registered.task), signal);
  if (trained) return { examples: trained, from: sourceOfCalls(registered.task) };
  return {
    missing: `${sourceOfCalls(registered.task)} are not, or no longer, the dataset that it learned from; name a file with --examples`,
  };
}

/** Of the dataset that it learned from, if the examples make that. */
async function trainSplit(
  student: StudentContents,
  examples: AsyncIterable<Example> | Iterable<Example>,
  signal: AbortSignal,
): Promise<readonly LabelledText[] | undefined> {
  return (await learnedDataset(student, examples, signal))?.splits.train;
}
