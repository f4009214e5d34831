/**
 * GGUF, the file that llama.cpp and what stands on it open: numbers and texts by name, then tensors.
 *
 * Version 3, little-endian: magic, version, how many tensors and entries; the entries; for each tensor its name, sizes
 * (the fastest first), type and place; then the numbers, each tensor at a multiple of 32 bytes. Source: ggml's
 * docs/gguf.md.
 *
 * @module
 */

/** An entry's value with the type under which it's kept. */
export type GgufValue =
  | { readonly type: 'uint32'; readonly value: number }
  | { readonly type: 'float32'; readonly value: number }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'int32s'; readonly value: readonly number[] }
  | { readonly type: 'float32s'; readonly value: readonly number[] }
  | { readonly type: 'strings'; readonly value: readonly string[] };

export type GgufMetadata = Readonly<Record<string, GgufValue>>;

/** A tensor of float32, or of float16 as the bits of its numbers. */
export interface GgufTensor {
  readonly name: string;
  /** As everywhere else: the fastest last. */
  readonly dims: readonly number[];
  readonly data: Float32Array | Uint16Array;
}

const alignment = 32;

/** Numbers of the types in the file. */
const types = { uint32: 4, int32: 5, float32: 6, bool: 7, string: 8, array: 9 } as const;
const elements = { int32s: 'int32', float32s: 'float32', strings: 'string' } as const;
const tensorTypes = { float32: 0, float16: 1 } as const;

/** The file in parts, to be written one after the other. */
export function* ggufParts(metadata: GgufMetadata, tensors: readonly GgufTensor[]): Generator<Uint8Array> {
  const entries = Object.entries(metadata);
  const head = [
    new TextEncoder().encode('GGUF'),
    uint32(3),
    uint64(tensors.length),
    uint64(entries.length),
    ...entries.flatMap(([name, value]) => [text(name), ...valueParts(value)]),
  ];
  let offset = 0;
  for (const { name, dims, data } of tensors) {
    const type = data instanceof Float32Array ? tensorTypes.float32 : tensorTypes.float16;
    head.push(
      text(name),
      uint32(dims.length),
      ...dims.toReversed().map(uint64),
      uint32(type),
      uint64(offset),
    );
    offset += aligned(data.byteLength);
  }
  const bytes = Buffer.concat(head);
  yield bytes;
  yield new Uint8Array(aligned(bytes.length) - bytes.length);
  for (const { data } of tensors) {
    yield new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    yield new Uint8Array(aligned(data.byteLength) - data.byteLength);
  }
}

/** How many bytes the parts have in all. */
export function ggufLength(metadata: GgufMetadata, tensors: readonly GgufTensor[]): number {
  const { value } = ggufParts(metadata, tensors).next();
  return tensors.reduce(
    (sum, { data }) => sum + aligned(data.byteLength),
    aligned((value as Uint8Array).length),
  );
}

function aligned(length: number): number {
  return Math.ceil(length / alignment) * alignment;
}

function valueParts({ type, value }: GgufValue): Uint8Array[] {
  if (type === 'uint32') return [uint32(types.uint32), uint32(value)];
  if (type === 'float32') return [uint32(types.float32), float32(value)];
  if (type === 'bool') return [uint32(types.bool), Uint8Array.of(value ? 1 : 0)];
  if (type === 'string') return [uint32(types.string), text(value)];
  const numbers = { int32s: int32, float32s: float32 };
  const parts = type === 'strings' ? value.map(text) : value.map(numbers[type]);
  return [uint32(types.array), uint32(types[elements[type]]), uint64(value.length), ...parts];
}

function text(value: string): Uint8Array {
  const bytes = new TextEncoder().encode(value);
  return Buffer.concat([uint64(bytes.length), bytes]);
}

function uint32(value: number): Uint8Array {
  return filled(4, (view) => view.setUint32(0, value, true));
}

function int32(value: number): Uint8Array {
  return filled(4, (view) => view.setInt32(0, value, true));
}

function float32(value: number): Uint8Array {
  return filled(4, (view) => view.setFloat32(0, value, true));
}

function uint64(value: number): Uint8Array {
  return filled(8, (view) => view.setBigUint64(0, BigInt(value), true));
}

function filled(length: number, fill: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(length);
  fill(new DataView(bytes.buffer));
  return bytes;
}
