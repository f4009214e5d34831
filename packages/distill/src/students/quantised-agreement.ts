/**
 * What a student's quantised copy loses.
 *
 * @module
 */
import type { Chip } from '@kolben/engine';
import type { DatasetExample } from '../datasets/dataset.ts';
import type { Equality } from '../equality/equality.ts';
import { answersEqual } from './answers-equal.ts';
import type { Family, ModelFiles } from './family.ts';
import { quantisedName } from './folder/file-names.ts';
import type { StudentTask } from './task.ts';

/** The share of the test split on which the quantised copy agrees; undefined where there is no copy, or nothing to ask. */
export async function quantisedAgreement(
  family: Family,
  files: ModelFiles,
  task: StudentTask,
  test: readonly DatasetExample[],
  {
    chips,
    directory,
    equality,
  }: { readonly chips: readonly Chip[]; readonly directory: string; readonly equality: Equality | undefined },
): Promise<number | undefined> {
  if (!files.has(quantisedName) || test.length === 0) return undefined;
  const copy = await family.open(files, task, { chips, directory, quantised: true });
  try {
    const given = await copy.answer(test.map(({ text }) => text));
    const agreed = given.filter(({ answer }, i) => answersEqual(task, test[i].answer, answer, equality));
    return agreed.length / test.length;
  } finally {
    await copy.release();
  }
}
