/**
 * Reads a dataset from its folder, and makes sure that it is what was written.
 *
 * @module
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { TextDecoder } from 'node:util';
import { ExampleFileError } from '../../examples/example-file-error.ts';
import { readLines } from '../../examples/read-lines.ts';
import { type Dataset, type DatasetExample, mapSplits, SPLITS } from '../dataset.ts';
import { digestOf, labelSet } from '../digest.ts';
import { DatasetFolderError, damaged, systemCode } from './dataset-folder-error.ts';
import {
  exampleSchema,
  manifestFormat,
  manifestName,
  manifestSchema,
  manifestVersion,
  splitFile,
} from './manifest.ts';

/** An example of 1 MiB, escaped. */
const LINE_BYTES = 8 << 20;

/** Whether this is a folder that holds a dataset, or did. */
export async function isDatasetFolder(path: string): Promise<boolean> {
  try {
    return (await stat(join(path, manifestName))).isFile();
  } catch {
    return false;
  }
}

/** @throws DatasetFolderError in one sentence when it is missing, no dataset, of a newer version, or was changed */
export async function readDataset(
  directory: string,
  { signal }: { signal?: AbortSignal } = {},
): Promise<Dataset> {
  const { format: _, version: __, ...manifest } = await readManifest(directory);
  const splits = mapSplits((): DatasetExample[] => []);
  for (const split of SPLITS) {
    const file = join(directory, splitFile(split));
    const decoder = new TextDecoder('utf-8', { fatal: true });
    try {
      for await (const { number, bytes } of readLines(file, LINE_BYTES)) {
        if (number % 1000 === 0) signal?.throwIfAborted();
        splits[split].push(parseExample(file, number, decoder, bytes));
      }
    } catch (error) {
      if (!(error instanceof ExampleFileError)) throw error;
      throw damaged(
        file,
        error.code === 'example_file_missing' ? 'the file is missing' : 'the file is not readable',
        error,
      );
    }
    if (splits[split].length !== manifest.counts[split]) {
      throw damaged(
        file,
        `it has ${splits[split].length} examples and ${manifestName} tells of ${manifest.counts[split]}`,
      );
    }
  }
  const dataset: Dataset = { ...manifest, splits };
  if (digestOf(dataset) !== dataset.digest) {
    throw damaged(directory, 'the examples are not those that the digest was taken of');
  }
  const labels = dataset.kind === 'classify' ? labelSet(splits.train, dataset.multiple) : [];
  if (JSON.stringify(labels) !== JSON.stringify(dataset.labels)) {
    throw damaged(join(directory, manifestName), 'its labels are not those of the training examples');
  }
  return dataset;
}

async function readManifest(directory: string) {
  const file = join(directory, manifestName);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const code = systemCode(error);
    const isFolder = await stat(directory).then(
      (there) => there.isDirectory(),
      () => undefined,
    );
    if (isFolder === undefined) {
      throw new DatasetFolderError(
        'dataset_folder_missing',
        directory,
        'there is no such folder; check the path',
        {
          cause: error,
        },
      );
    }
    if (!isFolder || code === 'ENOENT') {
      throw new DatasetFolderError(
        'dataset_folder_not_a_dataset',
        directory,
        `there is no ${manifestName} in it, so it is no dataset; name a folder that 'kolben dataset' wrote`,
        { cause: error },
      );
    }
    throw new DatasetFolderError(
      'dataset_folder_unreadable',
      file,
      `it cannot be read (${code ?? 'unknown error'}); check its permissions and its disk`,
      { cause: error },
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw damaged(file, 'it is not valid JSON');
  }
  const { format, version } = (value ?? {}) as { format?: unknown; version?: unknown };
  if (format !== manifestFormat) {
    throw new DatasetFolderError(
      'dataset_folder_not_a_dataset',
      file,
      "it does not describe a dataset; name a folder that 'kolben dataset' wrote",
    );
  }
  if (typeof version === 'number' && version > manifestVersion) {
    throw new DatasetFolderError(
      'dataset_folder_version',
      file,
      `it was written by a newer Kolben (version ${version} of the format, this one reads ${manifestVersion}); update Kolben`,
    );
  }
  const parsed = manifestSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw damaged(file, `"${parsed.error.issues[0]!.path.join('.')}" is missing or wrong`);
}

function parseExample(file: string, line: number, decoder: TextDecoder, bytes: Uint8Array): DatasetExample {
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(bytes));
  } catch {
    throw damaged(file, `line ${line} is not valid JSON`);
  }
  const parsed = exampleSchema.safeParse(value);
  if (!parsed.success) throw damaged(file, `line ${line} is not an example of a dataset`);
  const { text, answer, count, at, soft, conversations } = parsed.data;
  return {
    text,
    answer,
    count,
    ...(at !== undefined && { at: new Date(at) }),
    ...(soft && { soft }),
    ...(conversations && { conversations }),
  };
}
