/**
 * What can be wrong with a dataset's folder, to be written or to be read.
 *
 * @module
 */
import { KolbenError } from '@kolben/engine';

export type DatasetFolderErrorCode =
  // Writing
  | 'dataset_folder_taken'
  | 'dataset_folder_unwritable'
  // Reading
  | 'dataset_folder_missing'
  | 'dataset_folder_not_a_dataset'
  | 'dataset_folder_damaged'
  | 'dataset_folder_version'
  | 'dataset_folder_unreadable';

export class DatasetFolderError extends KolbenError {
  declare readonly code: DatasetFolderErrorCode;
  /** The folder or the file in it that the error is about. */
  readonly path: string;

  constructor(code: DatasetFolderErrorCode, path: string, what: string, options?: ErrorOptions) {
    super(code, `${path}: ${what}.`, options);
    this.path = path;
  }
}

/** The system's name of an error, such as ENOENT; undefined where the system has not failed. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

export function damaged(path: string, what: string, cause?: unknown): DatasetFolderError {
  return new DatasetFolderError(
    'dataset_folder_damaged',
    path,
    `${what}; copy the folder again, or freeze the dataset again`,
    cause === undefined ? undefined : { cause },
  );
}
