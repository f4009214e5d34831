/**
 * A dataset from whatever a person names: the folder of a frozen one, or a file of examples.
 *
 * @module
 */
import { readExamples } from '../examples/read-examples.ts';
import type { Dataset } from './dataset.ts';
import { isDatasetFolder, readDataset } from './folder/read-dataset.ts';
import { type FreezeDatasetOptions, freezeDataset } from './freeze-dataset.ts';

/**
 * @param options for a file; a frozen dataset is what it is
 * @throws DatasetFolderError or ExampleFileError naming what is wrong with the path, DatasetError with its examples
 */
export async function openDataset(path: string, options: FreezeDatasetOptions): Promise<Dataset> {
  if (await isDatasetFolder(path)) return readDataset(path, options.signal ? { signal: options.signal } : {});
  return freezeDataset(readExamples(path), { source: path, ...options });
}
