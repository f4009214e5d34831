/**
 * Whether examples are enough to make a dataset of.
 *
 * @module
 */
import { DatasetError } from './dataset-error.ts';

/** Fewer distinct labelled inputs than this make no dataset. */
export const MINIMUM_EXAMPLES = 50;

/**
 * @param answers for each input that has one the number of its answer
 * @throws DatasetError when they aren't
 */
export function assertUsable(
  { read, unlabelled }: { read: number; unlabelled: number },
  answers: Int32Array,
  source: string | undefined,
): void {
  const inputs = answers.length;
  if (read === unlabelled) {
    throw new DatasetError(
      'dataset_unlabelled',
      source,
      read === 0
        ? 'there are no examples; record calls of the task or name a file of examples'
        : `none of the ${read} examples has a teacher's answer to learn from; have the teacher answer them first`,
    );
  }
  const removed = read - unlabelled - inputs;
  if (inputs < MINIMUM_EXAMPLES) {
    throw new DatasetError(
      'dataset_too_small',
      source,
      `${inputs} distinct labelled examples${removed > 0 ? ` (${removed} more repeat or contradict them)` : ''} are too few; a student needs ${MINIMUM_EXAMPLES} at the least, and some hundreds to be certified, so record or label more`,
    );
  }
  if (answers.every((answer) => answer === answers[0])) {
    throw new DatasetError(
      'dataset_one_label',
      source,
      `all ${inputs} examples have the same answer, so there is nothing to tell apart; add examples with other answers`,
    );
  }
}
