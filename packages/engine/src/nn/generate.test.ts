import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Chip, startChip } from '../chips/chip.ts';
import { readLlama2c } from '../formats/llama2c.ts';
import { type Decoder, loadDecoder } from './generate.ts';
import { llamaInLoops } from './testing/llama-in-loops.ts';
import { llama2cBytes } from './testing/llama2c-bytes.ts';

const bytes = llama2cBytes({
  ...{ width: 16, hidden: 24, layers: 2, heads: 4, keyValueHeads: 2, vocabulary: 40, positions: 150 },
});

let chip: Chip;
let decoder: Decoder;
beforeAll(async () => {
  chip = await startChip(0);
  const { shape, parameters } = readLlama2c(bytes);
  decoder = await loadDecoder(chip, shape, parameters);
});
afterAll(() => chip.close());

async function collect(tokens: AsyncIterable<number>): Promise<number[]> {
  const all: number[] = [];
  for await (const token of tokens) all.push(token);
  return all;
}

/** The sequence that plain loops make of a prompt, always taking the likeliest. */
function inLoops(prompt: readonly number[], tokens: number): number[] {
  const step = llamaInLoops(bytes);
  let logits = prompt.map((token) => step(token)).at(-1)!;
  const made: number[] = [];
  while (made.length < tokens) {
    const token = logits.indexOf(Math.max(...logits));
    made.push(token);
    logits = step(token);
  }
  return made;
}

const prompts = {
  short: [3],
  'that fills what is kept at first': Array.from({ length: 64 }, (_, i) => (7 * i) % 40),
  long: Array.from({ length: 100 }, (_, i) => (11 * i + 5) % 40),
};

describe('generation', () => {
  test.each(Object.entries(prompts))('after a %s prompt, read at once', async (_, prompt) => {
    const tokens = 150 - prompt.length;
    expect(await collect(decoder.generate({ prompt, tokens }))).toEqual(inLoops(prompt, tokens));
  });

  test('of several sequences at once gives each the tokens that it has alone', async () => {
    const orders = [
      { prompt: prompts.short, tokens: 70 },
      { prompt: prompts.long, tokens: 30 },
      { prompt: [9, 9, 1], tokens: 40, temperature: 1.5, topK: 20, seed: 7 },
    ];
    const alone: number[][] = [];
    for (const order of orders) alone.push(await collect(decoder.generate(order)));
    expect(await Promise.all(orders.map((order) => collect(decoder.generate(order))))).toEqual(alone);
  });

  test('of sequences read side by side, long and short, is that of each alone', async () => {
    const all = [prompts.short, prompts.long, [9, 9, 1], prompts['that fills what is kept at first']];
    const sequences = await decoder.begin(all.length);
    const made: number[][] = all.map(() => []);
    let fresh: readonly (readonly number[])[] = all;
    for (let step = 0; step < 50; step++) {
      const { data, dims } = await sequences.next(fresh);
      expect(dims).toEqual([all.length, 40]);
      fresh = made.map((row, r) => {
        const logits = data.subarray(r * 40, (r + 1) * 40) as Float32Array;
        row.push(logits.indexOf(Math.max(...logits)));
        return [row.at(-1)!];
      });
    }
    await sequences.close();
    expect(made).toEqual(all.map((prompt) => inLoops(prompt, 50)));
  });

  test('of sequences side by side refuses what is none', async () => {
    await expect(decoder.begin(0)).rejects.toThrow('There cannot be 0 sequences; begin one or more.');
    const sequences = await decoder.begin(2);
    await expect(sequences.next([[1]])).rejects.toThrow('2 sequences were begun and the next tokens of 1');
    await expect(sequences.next([[1], []])).rejects.toThrow('The prompt has no token');
    await expect(sequences.next([[1], [40]])).rejects.toThrow('40 is no token');
    await sequences.next([[1], Array(149).fill(2)]);
    await sequences.next([[1], [1]]);
    await expect(sequences.next([[1], [1]])).rejects.toThrow('The prompt has 151 tokens');
    await sequences.close();
  });

  test('draws the same with the same seed, and otherwise with another', async () => {
    const drawn = (seed: number) =>
      collect(decoder.generate({ prompt: [1, 2], tokens: 30, temperature: 2, seed }));
    expect(await drawn(1)).toEqual(await drawn(1));
    expect(await drawn(1)).not.toEqual(await drawn(2));
  });

  test('ends before a token of `stop`', async () => {
    const all = inLoops(prompts.long, 40);
    const stop = all[5]!;
    const found = await collect(decoder.generate({ prompt: prompts.long, tokens: 40, stop: [stop] }));
    expect(found).toEqual(all.slice(0, all.indexOf(stop)));
  });

  test('ends where the signal says so, and the next one begins afresh', async () => {
    const controller = new AbortController();
    const made: number[] = [];
    const generating = async () => {
      for await (const token of decoder.generate({
        prompt: [3],
        tokens: 50,
        signal: controller.signal,
      }))
        if (made.push(token) === 4) controller.abort(new Error('enough'));
    };
    await expect(generating()).rejects.toThrow('enough');
    expect(made).toEqual(inLoops([3], 4));
    expect(await collect(decoder.generate({ prompt: [3], tokens: 4 }))).toEqual(made);
  });

  test('leaves nothing on the chip, however it ends', async () => {
    const opened: { closed: boolean }[] = [];
    const watched: Chip = {
      ...chip,
      load: async (onnx) => {
        const program = await chip.load(onnx);
        return {
          ...program,
          openState: async (replaced) => {
            const state = await program.openState(replaced);
            const mark = { closed: false };
            opened.push(mark);
            return {
              ...state,
              close: () => {
                mark.closed = true;
                return state.close();
              },
            };
          },
        };
      },
    };
    const { shape, parameters } = readLlama2c(bytes);
    const other = await loadDecoder(watched, shape, parameters);
    await collect(other.generate({ prompt: [1], tokens: 2 }));
    for await (const token of other.generate({ prompt: [1], tokens: 20 })) if (token >= 0) break;
    await other.logits([1, 2, 3]);
    const cut = AbortSignal.abort(new Error('enough'));
    await expect(other.generate({ prompt: [1], tokens: 2, signal: cut }).next()).rejects.toThrow('enough');
    await other.release();
    expect(opened.length).toBeGreaterThanOrEqual(3);
    expect(opened.every(({ closed }) => closed)).toBe(true);
  });
});
