/**
 * The safetensors format: eight bytes with the length of a header, the header as JSON, then the tensors' bytes.
 *
 * After the format's own description (github.com/huggingface/safetensors, "Format"): little-endian, row-major,
 * the tensors' bytes without holes or overlaps. It holds data only, so that reading a stranger's file runs
 * nothing.
 *
 * @module
 */
import { KolbenError } from '../error.ts';
import { bytesPerElement, type DType, dtypeOf, type TensorData, viewOf } from '../graph/dtype.ts';

/** A file that is not what it should be; the sentence names it and says where it is wrong. */
export class SafetensorsError extends KolbenError {}

export interface SafetensorsFile {
  readonly tensors: Readonly<Record<string, TensorData>>;
  /** What the header says beside the tensors. */
  readonly metadata: Readonly<Record<string, string>>;
}

const names: Readonly<Record<DType, string>> = {
  float32: 'F32',
  float64: 'F64',
  int32: 'I32',
  int64: 'I64',
  bool: 'BOOL',
};
const dtypes = new Map(Object.entries(names).map(([dtype, name]) => [name, dtype as DType]));

/** The header's length, and what the format's own readers refuse to read. */
const prefix = 8;
const headerLimit = 100_000_000;
const metadataKey = '__metadata__';

/** The bytes of a file with these tensors, by name. `metadata` is for people and other programs. */
export function writeSafetensors(
  tensors: Readonly<Record<string, TensorData>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  // The widest elements first, so that every tensor begins at a multiple of its element's size.
  const width = ([, { data }]: [string, TensorData]) => bytesPerElement[dtypeOf(data)];
  const sorted = Object.entries(tensors).sort((a, b) => width(b) - width(a) || (a[0] < b[0] ? -1 : 1));
  const header: [string, unknown][] = Object.keys(metadata).length > 0 ? [[metadataKey, metadata]] : [];
  let end = 0;
  for (const [name, { data, dims }] of sorted) {
    const problem =
      name === metadataKey
        ? 'that name is taken by the format'
        : data.length !== product(dims)
          ? `its shape is (${dims.join(', ')}) but it has ${data.length} elements`
          : undefined;
    if (problem)
      throw new SafetensorsError('safetensors_tensor', `Tensor ${name} cannot be written: ${problem}.`);
    const start = end;
    end += data.byteLength;
    header.push([name, { dtype: names[dtypeOf(data)], shape: dims, data_offsets: [start, end] }]);
  }

  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const padded = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(prefix + padded + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.fill(0x20, prefix, prefix + padded).set(json, prefix);
  let place = prefix + padded;
  for (const [, { data }] of sorted) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), place);
    place += data.byteLength;
  }
  return bytes;
}

/**
 * Reads a whole file. The tensors are copies.
 *
 * @param file how the errors call it
 * @throws SafetensorsError when it is cut short, or its header or the tensors' places make no sense
 */
export function readSafetensors(bytes: Uint8Array, file: string): SafetensorsFile {
  const wrong = (what: string): never => {
    throw new SafetensorsError(
      'safetensors_file',
      `${file}: ${what}; the file is damaged or not in the safetensors format, fetch or make it again.`,
    );
  };
  if (bytes.length < prefix) return wrong(`it has ${bytes.length} bytes, fewer than its first field`);
  const stated = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0, true);
  if (stated > BigInt(headerLimit)) return wrong(`its header is said to have ${stated} bytes`);
  const start = prefix + Number(stated);
  if (start > bytes.length)
    return wrong(`it has ${bytes.length} bytes, but its header alone is said to end at ${start}`);

  const header = parseHeader(bytes.subarray(prefix, start), wrong);
  const metadata = header[metadataKey] ?? {};
  if (!isObject(metadata) || !Object.values(metadata).every((value) => typeof value === 'string'))
    return wrong(`${metadataKey} is not a list of names and texts`);

  const places = Object.entries(header)
    .filter(([name]) => name !== metadataKey)
    .map(([name, entry]) => ({ name, ...parseEntry(name, entry, wrong) }))
    .sort((a, b) => a.start - b.start || a.end - b.end);
  let end = 0;
  for (const place of places) {
    if (place.start !== end)
      wrong(`tensor ${place.name} begins at byte ${place.start} of the data, where ${end} was due`);
    end = place.end;
  }
  if (start + end !== bytes.length)
    wrong(`its tensors end at byte ${start + end}, but it has ${bytes.length} bytes`);

  const tensors = places.map(({ name, dtype, dims, ...place }): [string, TensorData] => {
    const data = new Uint8Array(place.end - place.start);
    data.set(bytes.subarray(start + place.start, start + place.end));
    return [name, { data: viewOf(dtype, data.buffer, 0, product(dims)), dims }];
  });
  return { tensors: Object.fromEntries(tensors), metadata: metadata as Record<string, string> };
}

type Wrong = (what: string) => never;

function parseHeader(bytes: Uint8Array, wrong: Wrong): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (isObject(header)) return header;
  } catch {
    return wrong('its header is not JSON');
  }
  return wrong('its header is not a JSON object');
}

function parseEntry(name: string, entry: unknown, wrong: Wrong) {
  const {
    dtype: type,
    shape,
    data_offsets: offsets,
  } = isObject(entry) ? entry : wrong(`tensor ${name} is not described`);
  const dtype =
    dtypes.get(String(type)) ??
    wrong(`tensor ${name} is of type ${JSON.stringify(type)}, which is not read here`);
  if (!isCounts(shape)) return wrong(`the shape of tensor ${name} is not a list of whole numbers`);
  if (!isCounts(offsets) || offsets.length !== 2)
    return wrong(`the place of tensor ${name} is not two whole numbers`);
  const [start, end] = offsets;
  if (end - start !== product(shape) * bytesPerElement[dtype])
    return wrong(
      `tensor ${name} of shape (${shape.join(', ')}) and type ${type} is given ${end - start} bytes`,
    );
  return { dtype, dims: shape, start, end };
}

const product = (dims: readonly number[]) => dims.reduce((all, dim) => all * dim, 1);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((number) => Number.isSafeInteger(number) && number >= 0);
