import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TensorData } from '../graph/dtype.ts';
import { readSafetensors, SafetensorsError, writeSafetensors } from './safetensors.ts';

/** A file as the format's description has it, put together by hand. */
function file(header: string, data: readonly number[] = [], length = Buffer.byteLength(header)): Uint8Array {
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(length));
  return Buffer.concat([prefix, Buffer.from(header), Buffer.from(data)]);
}

const entry = (dtype: string, shape: number[], from: number, to: number) =>
  `{"dtype":"${dtype}","shape":[${shape.join()}],"data_offsets":[${from},${to}]}`;

describe('the safetensors format', () => {
  test('is written byte for byte as described', () => {
    const written = writeSafetensors(
      {
        small: { data: Int32Array.of(-2), dims: [] },
        large: { data: BigInt64Array.of(1n, -1n), dims: [2, 1] },
        float: { data: Float32Array.of(1.5), dims: [1] },
      },
      { metadata: { format: 'pt' } },
    );
    const header = `{"__metadata__":{"format":"pt"},"large":${entry('I64', [2, 1], 0, 16)},"float":${entry('F32', [1], 16, 20)},"small":${entry('I32', [], 20, 24)}}`;
    const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
    expect(
      Buffer.from(written).equals(
        file(padded, [
          ...[1, 0, 0, 0, 0, 0, 0, 0],
          ...[255, 255, 255, 255, 255, 255, 255, 255],
          ...[0, 0, 0xc0, 0x3f],
          ...[0xfe, 255, 255, 255],
        ]),
      ),
    ).toBe(true);
  });

  test('is read from bytes put together by hand, in any order, at any place in memory', () => {
    const bytes = file(
      ` {"b":${entry('F32', [2], 4, 12)},"a":${entry('I32', [1, 1], 0, 4)},"none":${entry('F64', [0, 3], 12, 12)}} `,
      [7, 0, 0, 0, 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0],
    );
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    for (const place of [bytes, shifted.subarray(3)])
      expect(readSafetensors(place, 'x')).toEqual({
        tensors: {
          a: { data: Int32Array.of(7), dims: [1, 1] },
          b: { data: Float32Array.of(1, -2), dims: [2] },
          none: { data: new Float64Array(0), dims: [0, 3] },
        },
        metadata: {},
        halves: {},
      });
  });

  test('gives back what was written', () => {
    const data = fc.oneof(
      fc.float32Array(),
      fc.float64Array(),
      fc.int32Array(),
      fc.bigInt64Array(),
      fc.uint8Array({ max: 1 }),
    );
    const tensor = data.map((values): TensorData => ({ data: values, dims: [1, values.length] }));
    const name = fc.string({ unit: 'binary' }).filter((text) => text !== '__metadata__');
    const well = fc.string({ unit: 'grapheme' });
    fc.assert(
      fc.property(fc.dictionary(name, tensor), fc.dictionary(well, well), (tensors, metadata) => {
        const bytes = writeSafetensors(tensors, { metadata });
        const read = readSafetensors(bytes, 'x');
        expect(Object.entries(read.tensors).sort()).toEqual(Object.entries(tensors).sort());
        expect(Object.entries(read.metadata)).toEqual(Object.entries(metadata));
        // Other readers map the file into memory: elements must be aligned.
        for (const { data: values } of Object.values(read.tensors))
          expect(
            (8 + Number(new DataView(bytes.buffer).getBigUint64(0, true))) % values.BYTES_PER_ELEMENT,
          ).toBe(0);
      }),
    );
  });

  test('is refused where it is wrong, in one sentence that names the file and the place', () => {
    const good = file(`{"a":${entry('F32', [1], 0, 4)}}`, [0, 0, 0, 0]);
    const cases: [Uint8Array, RegExp][] = [
      [new Uint8Array(0), /it has 0 bytes/],
      [good.subarray(0, 5), /it has 5 bytes/],
      [good.subarray(0, 30), /it has 30 bytes, but its header alone is said to end at/],
      [good.subarray(0, -1), /its tensors end at byte \d+, but it has \d+ bytes/],
      [Buffer.concat([good, Buffer.of(0)]), /its tensors end at byte/],
      [file('{}', [], 200_000_000), /its header is said to have 200000000 bytes/],
      [Buffer.from('PK\x03\x04 some other format'), /its header is said to have/],
      [file('{"a":'), /its header is not JSON/],
      [file('["a"]'), /its header is not a JSON object/],
      [file(Buffer.from([0x7b, 0xff, 0x7d]).toString('latin1')), /its header is not JSON/],
      [file('{"__metadata__":{"a":1}}'), /__metadata__/],
      [file('{"a":3}'), /tensor a is not described/],
      [file(`{"a":${entry('F8_E4M3', [4], 0, 4)}}`, [0, 0, 0, 0]), /tensor a is of type "F8_E4M3", where/],
      [
        file(`{"a":${entry('F16', [3], 0, 4)}}`, [0, 0, 0, 0]),
        /of shape \(3\) and type F16 is given 4 bytes/,
      ],
      [file(`{"a":${entry('F32', [-1], 0, 4)}}`, [0, 0, 0, 0]), /the shape of tensor a/],
      [file(`{"a":${entry('F32', [1.5], 0, 4)}}`, [0, 0, 0, 0]), /the shape of tensor a/],
      [file('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}', [0, 0, 0, 0]), /the place of tensor a/],
      [
        file(`{"a":${entry('F32', [2], 0, 4)}}`, [0, 0, 0, 0]),
        /tensor a of shape \(2\) and type F32 is given 4 bytes/,
      ],
      // 2^32 × 2^32 elements: a product that no file has.
      [file(`{"a":${entry('F32', [4294967296, 4294967296], 0, 4)}}`, [0, 0, 0, 0]), /is given 4 bytes/],
      [
        file(`{"a":${entry('F32', [1], 4, 8)}}`, [0, 0, 0, 0, 0, 0, 0, 0]),
        /tensor a begins at byte 4 of the data, where 0 was due \(there is a hole before it\)/,
      ],
      [
        file(`{"a":${entry('F32', [2], 0, 8)},"b":${entry('F32', [1], 4, 8)}}`, [0, 0, 0, 0, 0, 0, 0, 0]),
        /tensor b begins at byte 4 of the data, where 8 was due \(it overlaps the one before\)/,
      ],
      [
        file(`{"a":${entry('F32', [1], 0, 4)},"a":${entry('F32', [1], 4, 8)}}`, [0, 0, 0, 0, 0, 0, 0, 0]),
        /its header names a twice/,
      ],
      // The same entry twice, which leaves no hole; the second spelt otherwise.
      [
        file(`{"a":${entry('F32', [1], 0, 4)},"\\u0061" : ${entry('F32', [1], 0, 4)}}`, [0, 0, 0, 0]),
        /its header names a twice/,
      ],
      [file(`{"a":${entry('F32', [0], 0, 0)},"a":${entry('F32', [0], 0, 0)}}`), /names a twice/],
      [file('{}', [], 2 ** 53), /its header is said to have 9007199254740992 bytes/],
      [Buffer.alloc(8, 255), /its header is said to have 18446744073709551615 bytes/],
      // A header that begins inside another field.
      [file(`{"a":${entry('F32', [1], 0, 4)}}`, [0, 0, 0, 0], 20), /its header is not JSON/],
    ];
    for (const [bytes, message] of cases) {
      expect(() => readSafetensors(bytes, 'here/model.safetensors')).toThrow(SafetensorsError);
      expect(() => readSafetensors(bytes, 'here/model.safetensors')).toThrow(message);
      expect(() => readSafetensors(bytes, 'here/model.safetensors')).toThrow(
        /^here\/model\.safetensors: .*\.$/s,
      );
    }
  });

  test('whatever is done to a file, it is read or refused', () => {
    const good = writeSafetensors({
      a: { data: Float32Array.of(1, 2), dims: [2] },
      b: { data: Int32Array.of(3), dims: [1] },
    });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 3 }),
        fc.nat(good.length),
        (changes, length) => {
          const bytes = good.slice(0, length);
          for (const [place, value] of changes) if (place < length) bytes[place] = value;
          try {
            readSafetensors(bytes, 'x');
          } catch (error) {
            expect(error).toBeInstanceOf(SafetensorsError);
          }
        },
      ),
    );
  });

  test('of any bytes, it is read or refused', () => {
    const headers = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(headers, fc.uint8Array({ maxLength: 40 }), fc.boolean(), (header, data, isStated) => {
        const stated = Buffer.alloc(8);
        stated.writeBigUInt64LE(BigInt(header.length));
        try {
          readSafetensors(Buffer.concat(isStated ? [stated, header, data] : [header, data]), 'x');
        } catch (error) {
          expect(error).toBeInstanceOf(SafetensorsError);
        }
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  test('keeps numbers in 16 bits where asked, and reads those of others', () => {
    const tensors = {
      weights: { data: Float32Array.of(1, -2, 1 + 2 ** -10, 3e-5), dims: [2, 2] },
      steps: { data: BigInt64Array.of(7n), dims: [] },
    };
    const half = readSafetensors(writeSafetensors(tensors, { halves: 'F16' }), 'x');
    expect(half.halves).toEqual({ weights: 'F16' });
    expect(half.tensors.steps).toEqual(tensors.steps);
    expect([...half.tensors.weights!.data]).toEqual([1, -2, 1 + 2 ** -10, 503 * 2 ** -24]);
    const brain = readSafetensors(writeSafetensors(tensors, { halves: 'BF16' }), 'x');
    expect([...brain.tensors.weights!.data]).toEqual([1, -2, 1, 252 * 2 ** -23]);
    const byHand = file(
      `{"a":${entry('BF16', [2], 0, 4)},"b":${entry('F16', [1], 4, 6)}}`,
      [0x80, 0x3f, 0x20, 0xc0, 0x00, 0x3e],
    );
    expect(readSafetensors(byHand, 'x')).toEqual({
      tensors: {
        a: { data: Float32Array.of(1, -2.5), dims: [2] },
        b: { data: Float32Array.of(1.5), dims: [1] },
      },
      metadata: {},
      halves: { a: 'BF16', b: 'F16' },
    });
  });

  test('refuses to write a number that is too large for 16 bits, and keeps those that are none', () => {
    const write = (halves: 'F16' | 'BF16', ...numbers: number[]) =>
      writeSafetensors({ a: { data: Float32Array.from(numbers), dims: [numbers.length] } }, { halves });
    expect(() => write('F16', 1, -70_000)).toThrow(
      'Tensor a cannot be written: -70000 is too large for F16; keep it in BF16 or F32.',
    );
    expect(() => write('F16', 65_519)).not.toThrow();
    expect(() => write('BF16', 3.4e38)).toThrow('too large for BF16; keep it in F32.');
    const [infinite, none] = readSafetensors(write('F16', -Infinity, Number.NaN), 'x').tensors.a!.data;
    expect([infinite, none]).toEqual([-Infinity, Number.NaN]);
  });

  test('refuses to write what could not be read', () => {
    expect(() => writeSafetensors({ a: { data: new Float32Array(3), dims: [2] } })).toThrow(
      'Tensor a cannot be written: its shape is (2) but it has 3 elements; give as many.',
    );
    expect(() => writeSafetensors({ __metadata__: { data: new Float32Array(1), dims: [1] } })).toThrow(
      /taken by the format/,
    );
  });
});
