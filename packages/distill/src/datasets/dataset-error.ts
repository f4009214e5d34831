/**
 * Why no dataset can be made of the examples given.
 *
 * @module
 */
import { KolbenError } from '@kolben/engine';

export type DatasetErrorCode =
  | 'dataset_unlabelled'
  | 'dataset_too_small'
  | 'dataset_one_label'
  | 'dataset_free_text'
  | 'dataset_not_json'
  | 'dataset_not_lists'
  | 'dataset_parent'
  | 'dataset_fractions'
  | 'dataset_chosen'
  | 'dataset_escalated';

export class DatasetError extends KolbenError {
  declare readonly code: DatasetErrorCode;

  /** @param source the file or the task, as the user knows it */
  constructor(code: DatasetErrorCode, source: string | undefined, what: string) {
    super(code, source === undefined ? `${what[0]!.toUpperCase()}${what.slice(1)}.` : `${source}: ${what}.`);
  }
}
