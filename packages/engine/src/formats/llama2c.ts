/**
 * Reads models in the first file format of llama2.c: seven numbers, then float32 weights in a fixed order.
 *
 * Source: Karpathy, llama2.c, `export.py` (legacy_export) and `run.c`.
 *
 * @module
 */
import { KolbenError } from '../error.ts';
import type { DecoderShape } from '../nn/decoder.ts';
import type { Parameters } from '../run/run-state.ts';

/** A file that isn't such a model, or not all of one. */
export class Llama2cError extends KolbenError {}

const headerBytes = 28;

/**
 * The shape and the parameters, by the names of `decoderLoss`, of the file's bytes.
 *
 * @throws Llama2cError when the numbers make no model, or the file is shorter or longer than they say.
 */
export function readLlama2c(bytes: Uint8Array): { shape: DecoderShape; parameters: Parameters } {
  if (bytes.length < headerBytes)
    throw new Llama2cError(
      'llama2c_truncated',
      `The file has ${bytes.length} bytes, fewer than the header of a llama2.c model; take the whole file.`,
    );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [width, hidden, layers, heads, keyValueHeads, signed, positions] = Array.from({ length: 7 }, (_, i) =>
    view.getInt32(4 * i, true),
  );
  // A negative vocabulary says that the head has a table of its own.
  const shape: DecoderShape = {
    vocabulary: Math.abs(signed),
    width,
    layers,
    heads,
    keyValueHeads,
    hidden,
    positions,
    tied: signed > 0,
    epsilon: 1e-5,
    rotaryBase: 10_000,
    rotaryPairs: 'neighbours',
  };
  const counts = [width, hidden, layers, heads, keyValueHeads, shape.vocabulary, positions];
  if (counts.some((count) => count < 1 || count > 2 ** 24) || width % (2 * heads) || heads % keyValueHeads)
    throw new Llama2cError(
      'llama2c_header',
      `The file does not begin like a llama2.c model: width ${width}, hidden ${hidden}, layers ${layers}, heads ${heads}, key-value heads ${keyValueHeads}, vocabulary ${signed}, positions ${positions}; export it in the format "version 0".`,
    );

  const keyValueWidth = (width / heads) * keyValueHeads;
  const perLayer: [suffix: string, size: number][] = [
    ['attention# norm', width],
    ['attention# query', width * width],
    ['attention# key', keyValueWidth * width],
    ['attention# value', keyValueWidth * width],
    ['attention# output', width * width],
    ['feedForward# norm', width],
    ['feedForward# gate', hidden * width],
    ['feedForward# down', width * hidden],
    ['feedForward# up', hidden * width],
  ];
  const order: [name: string | undefined, size: number][] = [
    ['embed.tokens', shape.vocabulary * width],
    ...perLayer.flatMap(([pattern, size]) =>
      Array.from({ length: layers }, (_, layer): [string, number] => [
        pattern.replace('# ', `${layer}.`),
        size,
      ]),
    ),
    ['head0.norm', width],
    // Cosines and sines, which follow from the shape.
    [undefined, positions * (width / heads)],
    ...(shape.tied ? [] : [['head0.table', shape.vocabulary * width] as [string, number]]),
  ];
  const expected = headerBytes + 4 * order.reduce((sum, [, size]) => sum + size, 0);
  if (bytes.length !== expected)
    throw new Llama2cError(
      bytes.length < expected ? 'llama2c_truncated' : 'llama2c_length',
      `The file has ${bytes.length} bytes where its header asks for ${expected}; take the whole file, in the format "version 0".`,
    );
  const parameters: Record<string, Float32Array> = {};
  let offset = headerBytes;
  for (const [name, size] of order) {
    if (name !== undefined) {
      const values = new Float32Array(size);
      for (let i = 0; i < size; i++) values[i] = view.getFloat32(offset + 4 * i, true);
      parameters[name] = values;
    }
    offset += 4 * size;
  }
  return { shape, parameters };
}
