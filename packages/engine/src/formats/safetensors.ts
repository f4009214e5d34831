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
import { fromHalves, type HalfType, toHalves } from './half.ts';
import { repeatedKey } from './repeated-key.ts';

/** A file that is not what it should be; the sentence names it and says where it is wrong. */
export class SafetensorsError extends KolbenError {}

/** What a safetensors file holds. */
export interface SafetensorsFile {
  /** Those of 16 bits as float32, which holds them exactly. */
  readonly tensors: Readonly<Record<string, TensorData>>;
  /** What the header says beside the tensors. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The types of the tensors that are kept in 16 bits. */
  readonly halves: Readonly<Record<string, HalfType>>;
}

/** What a file says beside its tensors, and how it keeps their numbers. */
export interface WriteSafetensorsOptions {
  /** Text for people and other programs. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Keeps float32 tensors in 16 bits, rounded to nearest, ties to even. Default: as they are. */
  readonly halves?: HalfType;
}

const names: Readonly<Record<DType, string>> = {
  float32: 'F32',
  float64: 'F64',
  int32: 'I32',
  int64: 'I64',
  bool: 'BOOL',
};
const dtypes = new Map(Object.entries(names).map(([dtype, name]) => [name, dtype as DType]));
const isHalf = (type: unknown): type is HalfType => type === 'F16' || type === 'BF16';

/** The header's length, and what the format's own readers refuse to read. */
const prefix = 8;
const headerLimit = 100_000_000;
const metadataKey = '__metadata__';

/**
 * The bytes of a file with these tensors, by name.
 *
 * @throws SafetensorsError for a tensor that could not be read again, or that holds a number too large for 16 bits.
 */
export function writeSafetensors(
  tensors: Readonly<Record<string, TensorData>>,
  { metadata = {}, halves }: WriteSafetensorsOptions = {},
): Uint8Array {
  const stored = Object.entries(tensors).map(([name, tensor]) => ({
    name,
    dims: tensor.dims,
    ...storedAs(name, tensor, halves),
  }));
  // The widest elements first, so that every tensor begins at a multiple of its element's size.
  stored.sort((a, b) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT || (a.name < b.name ? -1 : 1));
  const header: [string, unknown][] = Object.keys(metadata).length > 0 ? [[metadataKey, metadata]] : [];
  let end = 0;
  for (const { name, dims, data, type } of stored) {
    const start = end;
    end += data.byteLength;
    header.push([name, { dtype: type, shape: dims, data_offsets: [start, end] }]);
  }

  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const padded = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(prefix + padded + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.fill(0x20, prefix, prefix + padded).set(json, prefix);
  let place = prefix + padded;
  for (const { data } of stored) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), place);
    place += data.byteLength;
  }
  return bytes;
}

/** A tensor's elements as they are written. */
function storedAs(name: string, { data, dims }: TensorData, halves: HalfType | undefined) {
  const refuse = (problem: string): never => {
    throw new SafetensorsError('safetensors_tensor', `Tensor ${name} cannot be written: ${problem}.`);
  };
  if (name === metadataKey) refuse('that name is taken by the format; choose another');
  if (data.length !== product(dims))
    refuse(`its shape is (${dims.join(', ')}) but it has ${data.length} elements; give as many`);
  if (halves === undefined || !(data instanceof Float32Array)) return { data, type: names[dtypeOf(data)] };
  const rounded = toHalves(data, halves);
  const limit = largest[halves];
  const beyond = data.find((value) => Math.abs(value) >= limit && Number.isFinite(value));
  if (beyond !== undefined)
    refuse(`${beyond} is too large for ${halves}; keep it in ${halves === 'F16' ? 'BF16 or F32' : 'F32'}`);
  return { data: rounded, type: halves };
}

/** From here on numbers would become infinite: half-way from the largest one to what would be the next. */
const largest: Readonly<Record<HalfType, number>> = {
  F16: 65_520,
  BF16: 2 ** 127 * (2 - 2 ** -8),
};

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
      wrong(
        `tensor ${place.name} begins at byte ${place.start} of the data, where ${end} was due (${place.start < end ? 'it overlaps the one before' : 'there is a hole before it'})`,
      );
    end = place.end;
  }
  if (start + end !== bytes.length)
    wrong(`its tensors end at byte ${start + end}, but it has ${bytes.length} bytes`);

  const tensors = places.map(({ name, type, dims, ...place }): [string, TensorData] => {
    const data = new Uint8Array(place.end - place.start);
    data.set(bytes.subarray(start + place.start, start + place.end));
    const length = product(dims);
    return [
      name,
      {
        data: isHalf(type)
          ? fromHalves(new Uint16Array(data.buffer, 0, length), type)
          : viewOf(type, data.buffer, 0, length),
        dims,
      },
    ];
  });
  return {
    tensors: Object.fromEntries(tensors),
    metadata: metadata as Record<string, string>,
    halves: Object.fromEntries(
      places.flatMap(({ name, type }) => (isHalf(type) ? [[name, type] as const] : [])),
    ),
  };
}

type Wrong = (what: string) => never;

function parseHeader(bytes: Uint8Array, wrong: Wrong): Record<string, unknown> {
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    header = JSON.parse(text);
  } catch {
    return wrong('its header is not JSON');
  }
  if (!isObject(header)) return wrong('its header is not a JSON object');
  const twice = repeatedKey(text);
  if (twice !== undefined) wrong(`its header names ${twice} twice`);
  return header;
}

function parseEntry(name: string, entry: unknown, wrong: Wrong) {
  const {
    dtype,
    shape,
    data_offsets: offsets,
  } = isObject(entry) ? entry : wrong(`tensor ${name} is not described`);
  const type = isHalf(dtype)
    ? dtype
    : (dtypes.get(String(dtype)) ??
      wrong(
        `tensor ${name} is of type ${JSON.stringify(dtype)}, where ${[...dtypes.keys(), 'F16', 'BF16'].join(', ')} are read`,
      ));
  if (!isCounts(shape)) return wrong(`the shape of tensor ${name} is not a list of whole numbers`);
  if (!isCounts(offsets) || offsets.length !== 2)
    return wrong(`the place of tensor ${name} is not two whole numbers`);
  const [start, end] = offsets;
  if (end - start !== product(shape) * (isHalf(type) ? 2 : bytesPerElement[type]))
    return wrong(
      `tensor ${name} of shape (${shape.join(', ')}) and type ${String(dtype)} is given ${end - start} bytes`,
    );
  return { type, dims: shape, start, end };
}

const product = (dims: readonly number[]) => dims.reduce((all, dim) => all * dim, 1);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((number) => Number.isSafeInteger(number) && number >= 0);
