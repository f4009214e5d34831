/**
 * Weights in a folder as Hugging Face's libraries lay them out: `model.safetensors`, or several such files and an
 * index that says which tensor is in which.
 *
 * @module
 */
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { TensorData } from '../graph/dtype.ts';
import { replaceFile } from '../run/replace-file.ts';
import type { HalfType } from './half.ts';
import {
  readSafetensors,
  SafetensorsError,
  type SafetensorsFile,
  type WriteSafetensorsOptions,
  writeSafetensors,
} from './safetensors.ts';
import { parseSafetensorsIndex } from './safetensors-index.ts';

const single = 'model.safetensors';
const index = 'model.safetensors.index.json';
const shardName = (number: number, count: number) =>
  `model-${String(number).padStart(5, '0')}-of-${String(count).padStart(5, '0')}.safetensors`;
const ours = /^model(-\d{5}-of-\d{5})?\.safetensors$/;

/**
 * Reads all tensors of a `.safetensors` file, of an index (`….index.json`) with the files that it names, or of a
 * folder that holds `model.safetensors` or `model.safetensors.index.json`.
 *
 * @throws SafetensorsError for a file that is missing, damaged or at odds with the index.
 */
export async function readSafetensorsFiles(path: string): Promise<SafetensorsFile> {
  const file = await weightsAt(path);
  if (!file.endsWith('.json')) return readSafetensors(await read(file), file);
  const { weightMap } = parseSafetensorsIndex(new TextDecoder().decode(await read(file)), file);
  const tensors: Record<string, TensorData> = {};
  const metadata: Record<string, string> = {};
  const halves: Record<string, HalfType> = {};
  for (const name of new Set(weightMap.values())) {
    const shardFile = join(dirname(file), name);
    const shard = readSafetensors(await read(shardFile), shardFile);
    const stranger = Object.keys(shard.tensors).find((tensor) => weightMap.get(tensor) !== name);
    if (stranger !== undefined)
      throw new SafetensorsError(
        'safetensors_index',
        `${shardFile} holds tensor ${stranger}, which ${basename(file)} does not place there; fetch the files again, all of one version.`,
      );
    Object.assign(tensors, shard.tensors);
    Object.assign(metadata, shard.metadata);
    Object.assign(halves, shard.halves);
  }
  const missing = [...weightMap].find(([tensor]) => !(tensor in tensors));
  if (missing)
    throw new SafetensorsError(
      'safetensors_index',
      `${join(dirname(file), missing[1])} does not hold tensor ${missing[0]}, which ${basename(file)} places there; fetch the files again, all of one version.`,
    );
  return { tensors, metadata, halves };
}

async function weightsAt(path: string): Promise<string> {
  if (!(await stat(path).catch(() => undefined))?.isDirectory()) return path;
  const present = await readdir(path);
  const found = [single, index].find((name) => present.includes(name));
  if (found === undefined)
    throw new SafetensorsError(
      'safetensors_missing',
      `${path} holds neither ${single} nor ${index}; name the folder or the file that holds the weights.`,
    );
  return join(path, found);
}

async function read(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new SafetensorsError(
      'safetensors_missing',
      `${file} cannot be read, the system says ${code}; name a file that is there, and fetch all files that an index names.`,
      { cause: error },
    );
  }
}

/** How weights are kept in a folder. */
export interface WriteSafetensorsFilesOptions extends WriteSafetensorsOptions {
  /** A file takes no more tensors once it holds so many bytes; larger tensors have files of their own. Default 5e9. */
  readonly shardBytes?: number;
}

/**
 * Writes `model.safetensors` into an existing folder or, where that would be too large, several files with an index.
 * Each file is replaced as a whole; weights that an earlier call left there under other names are removed.
 */
export async function writeSafetensorsFiles(
  folder: string,
  tensors: Readonly<Record<string, TensorData>>,
  { shardBytes = 5e9, ...options }: WriteSafetensorsFilesOptions = {},
): Promise<void> {
  const sizeOf = ({ data }: TensorData) =>
    data.byteLength / (options.halves !== undefined && data instanceof Float32Array ? 2 : 1);
  const shards = divided(Object.entries(tensors), shardBytes, ([, tensor]) => sizeOf(tensor));
  const written = new Set<string>();
  const weightMap: Record<string, string> = {};
  for (const [i, shard] of shards.entries()) {
    const name = shards.length === 1 ? single : shardName(i + 1, shards.length);
    await replaceFile(join(folder, name), writeSafetensors(Object.fromEntries(shard), options));
    written.add(name);
    for (const [tensor] of shard) weightMap[tensor] = name;
  }
  if (shards.length > 1) {
    const total = Object.values(tensors).reduce((sum, tensor) => sum + sizeOf(tensor), 0);
    const text = JSON.stringify({ metadata: { total_size: total }, weight_map: weightMap }, null, 2);
    await replaceFile(join(folder, index), new TextEncoder().encode(`${text}\n`));
    written.add(index);
  }
  for (const name of await readdir(folder))
    if ((ours.test(name) || name === index) && !written.has(name)) await rm(join(folder, name));
}

/** Items in their order, in lists of no more than `limit` but for single ones that are larger; at least one list. */
function divided<T>(items: readonly T[], limit: number, sizeOf: (item: T) => number): T[][] {
  const lists: T[][] = [[]];
  let size = 0;
  for (const item of items) {
    const own = sizeOf(item);
    if (size + own > limit && lists[lists.length - 1].length > 0) {
      lists.push([]);
      size = 0;
    }
    lists[lists.length - 1].push(item);
    size += own;
  }
  return lists;
}
