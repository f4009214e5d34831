import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Chip, startChip } from '../chips/chip.ts';
import { readLlama2c } from '../formats/llama2c.ts';
import type { TensorData } from '../graph/dtype.ts';
import { decoderModel } from './decoder-model.ts';
import { llamaInLoops } from './testing/llama-in-loops.ts';
import { llama2cBytes } from './testing/llama2c-bytes.ts';

let chip: Chip;
beforeAll(async () => {
  chip = await startChip(0);
});
afterAll(() => chip.close());

const integers = (rows: readonly (readonly number[])[]): TensorData => ({
  data: BigInt64Array.from(rows.flat(), BigInt),
  dims: [rows.length, rows[0]!.length],
});

describe.each([
  ['tied, two heads for each of keys', 40],
  ['with a head of its own', -40],
])('the ONNX model of a decoder, %s', (_, vocabulary) => {
  const counts = { width: 16, hidden: 24, layers: 2, heads: 4, keyValueHeads: 2, vocabulary, positions: 32 };
  const bytes = llama2cBytes(counts);
  const { shape, parameters } = readLlama2c(bytes);

  test('gives each of two texts, one filled up on the left, the logits of plain loops, at once and token by token', async () => {
    const texts = [
      [3, 7, 7, 39, 0, 12],
      [9, 1, 5],
    ];
    const expected = texts.map((text) => {
      const step = llamaInLoops(bytes);
      return text.map((token) => step(token));
    });
    const program = await chip.load(decoderModel(shape, parameters));
    const filling = [0, 3];
    const check = ({ data }: TensorData, at: number, length: number) => {
      for (const [b, rows] of expected.entries())
        for (let i = 0; i < length; i++)
          rows[at + i - filling[b]!]?.forEach((value, v) => {
            expect(data[(b * length + i) * 40 + v], `text ${b}, token ${at + i}, ${v}`).toBeCloseTo(value, 3);
          });
    };
    const padded = texts.map((text, b) => [...Array(filling[b]).fill(0), ...text]);
    const row = [0, 1, 2, 3, 4, 5];
    const mask = filling.map((empty) => row.map((i) => Number(i >= empty)));
    const positions = filling.map((empty) => row.map((i) => Math.max(0, i - empty)));
    const empty = { data: new Float32Array(0), dims: [2, 2, 0, 4] };
    let past = Object.fromEntries(
      [0, 1].flatMap((layer) => ['key', 'value'].map((of) => [`past_key_values.${layer}.${of}`, empty])),
    );
    const whole = await program.run({
      ...past,
      input_ids: integers(padded),
      attention_mask: integers(mask),
      position_ids: integers(positions),
    });
    expect(whole.logits!.dims).toEqual([2, 6, 40]);
    check(whole.logits!, 0, 6);
    for (const [start, end] of [
      [0, 4],
      [4, 5],
      [5, 6],
    ] as const) {
      const part = (rows: number[][]) => integers(rows.map((one) => one.slice(start, end)));
      const { logits, ...present } = await program.run({
        ...past,
        input_ids: part(padded),
        attention_mask: integers(mask.map((one) => one.slice(0, end))),
        position_ids: part(positions),
      });
      check(logits!, start, end - start);
      past = Object.fromEntries(
        Object.entries(present).map(([name, tensor]) => [
          name.replace('present', 'past_key_values'),
          tensor as never,
        ]),
      );
    }
    await program.release();
  });
});
