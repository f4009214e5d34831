import { readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Chip,
  loadDecoder,
  type nn,
  type Parameters,
  readLlama2c,
  startChip,
  writeHuggingFace,
} from '@kolben/engine';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { distill } from '../distill.ts';
import type { TaughtRow } from '../students/decoder/prompt.ts';
import { type DecoderRecipe, decoderFromScratch } from '../students/decoder/recipe.ts';
import { decoderTrainable } from '../students/decoder/train-student.ts';
import { openStudent } from '../students/open-student.ts';
import { trainOnChips } from '../students/train-on-chips.ts';
import { dateExamples } from '../testing/date-examples.ts';
import { bpeFiles } from '../tokenizers/bpe-files.ts';
import { trainBpe } from '../tokenizers/train-bpe.ts';
import { openLocalTeacher } from './local-teacher.ts';
import { leastLogShare, softTargetsOf } from './soft-targets.ts';

const data = process.env.KOLBEN_TEST_DATA;
const required = process.env.KOLBEN_TEST_REQUIRE === '1';

let chips: Chip[];
let folder: string;
beforeAll(async () => {
  chips = [await startChip(0), await startChip(1)];
  folder = await mkdtemp(join(tmpdir(), 'kolben-teacher-'));
});
afterAll(async () => {
  await Promise.all(chips.map((chip) => chip.close()));
  await rm(folder, { recursive: true, force: true });
});

describe('soft targets', () => {
  test('are the likeliest tokens and the rest, and add up to one', () => {
    const logits = Float32Array.from([0, 2, -1, 2, 0.5, 9, -40, -40, -40, -40]);
    const { tokens, logShares } = softTargetsOf(logits, 5, 2);
    expect([...tokens]).toEqual([1, 3, 0, 1]);
    const softmax = (row: readonly number[]) => {
      const sum = row.reduce((all, x) => all + Math.exp(x), 0);
      return row.map((x) => Math.exp(x) / sum);
    };
    const [first] = [softmax([0, 2, -1, 2, 0.5])];
    expect(Math.exp(logShares[0]!)).toBeCloseTo(first![1]!, 5);
    expect(Math.exp(logShares[2]!)).toBeCloseTo(first![0]! + first![2]! + first![4]!, 5);
    expect(logShares[4]).toBe(leastLogShare);
    expect(logShares[5]).toBe(leastLogShare);
  });
});

describe.skipIf(!required && !data)('a real model as teacher (stories260K)', () => {
  const { shape, parameters } = data
    ? readLlama2c(new Uint8Array(readFileSync(join(data, 'stories260k', 'stories260K.bin'))))
    : ({} as { shape: nn.DecoderShape; parameters: Parameters });

  test('of few texts a smaller student learns more by its distribution than by its words, in as many steps', async () => {
    expect(data, 'KOLBEN_TEST_DATA').toBeDefined();
    const length = 48;
    const told = async (count: number, from: number) => {
      const decoders = await Promise.all(chips.map((chip) => loadDecoder(chip, shape, parameters)));
      const rows: TaughtRow[] = new Array(count);
      let next = 0;
      await Promise.all(
        decoders.map(async (decoder) => {
          for (let i = next++; i < count; i = next++) {
            const tokens = [1];
            for await (const token of decoder.generate({
              ...{ prompt: [1], tokens: length, temperature: 1, seed: from + i },
            }))
              tokens.push(token);
            rows[i] = { tokens, answer: 1 };
          }
        }),
      );
      await Promise.all(decoders.map((decoder) => decoder.release()));
      return rows;
    };
    const logitsOf = async (of: nn.DecoderShape, weights: Parameters, rows: readonly TaughtRow[]) => {
      const decoder = await loadDecoder(chips[0]!, of, weights);
      const all: Float32Array[] = [];
      for (const { tokens } of rows)
        all.push((await decoder.logits(tokens.slice(0, -1))).data as Float32Array);
      await decoder.release();
      return all;
    };
    const [train, held] = [await told(16, 0), await told(12, 10_000)];
    const student: nn.DecoderShape = {
      ...{ vocabulary: shape.vocabulary, width: 32, layers: 2, heads: 4, keyValueHeads: 2, hidden: 64 },
      ...{ positions: length, tied: true, rotaryPairs: 'halves' },
    };
    const recipe: DecoderRecipe = {
      ...decoderFromScratch,
      ...{ dropout: 0, epochs: 72, mostEpochs: 72, leastSteps: 0, batch: 16, microbatches: 2, averaged: 0 },
      distribution: { known: 64, share: 1, reverse: 0, temperature: 1 },
    };
    const teacherLogits = await logitsOf(shape, parameters, train);
    const soft = train.map((row, i) => ({
      ...row,
      soft: softTargetsOf(teacherLogits[i]!, shape.vocabulary, recipe.distribution.known),
    }));
    const expected = await logitsOf(shape, parameters, held);
    const distances: number[] = [];
    for (const rows of [train, soft]) {
      const trained = await trainOnChips(decoderTrainable({ shape: student, rows, recipe }), {
        ...{ chips, seed: 0, timeBudget: 10_000 },
      });
      expect(trained.steps).toBe(72);
      const found = await logitsOf(student, trained.parameters, held);
      distances.push(divergenceOf(expected, found, shape.vocabulary));
    }
    const [byWords, byDistribution] = distances;
    expect(byDistribution!).toBeLessThan(0.9 * byWords!);
  }, 240_000);
});

/** The mean forward divergence of two models' logits over all positions, in float64. */
function divergenceOf(
  teacher: readonly Float32Array[],
  student: readonly Float32Array[],
  width: number,
): number {
  let sum = 0;
  let rows = 0;
  for (const [i, all] of teacher.entries())
    for (let at = 0; at < all.length; at += width, rows++) {
      const [p, q] = [all, student[i]!].map((logits) => {
        const row = Array.from(logits.subarray(at, at + width));
        const most = Math.max(...row);
        const total = Math.log(row.reduce((t, x) => t + Math.exp(x - most), 0)) + most;
        return row.map((x) => x - total);
      }) as [number[], number[]];
      sum += p.reduce((t, x, c) => t + Math.exp(x) * (x - q[c]!), 0);
    }
  return sum / rows;
}

describe('a folder as local teacher', () => {
  const shape: nn.DecoderShape = {
    ...{ vocabulary: 300, width: 16, layers: 1, heads: 2, keyValueHeads: 2, hidden: 16, positions: 64 },
    ...{ tied: true, rotaryPairs: 'halves' },
  };

  async function write(name: string): Promise<string> {
    const path = join(folder, name);
    await mkdir(path);
    const random = (length: number) =>
      Float32Array.from({ length }, (_, i) => Math.sin(i * 12.9898 + length) / 2);
    const parameters = Object.fromEntries(
      [
        ['embed.tokens', 300 * 16],
        ['attention0.norm', 16],
        ...['query', 'key', 'value', 'output'].map((of) => [`attention0.${of}`, 256] as const),
        ['feedForward0.norm', 16],
        ...['gate', 'up', 'down'].map((of) => [`feedForward0.${of}`, 256] as const),
        ['head0.norm', 16],
      ].map(([key, length]) => [key, random(length as number)]),
    );
    await writeHuggingFace(path, shape, parameters, { endToken: 0 });
    const bpe = trainBpe(['Lieferung am 3. Mai 2026', '2026-05-03', 'due on'], {
      vocabulary: 257,
      special: ['</s>'],
    });
    const { tokenizer, config } = bpeFiles(bpe, { end: '</s>', limit: 64 });
    await writeFile(join(path, 'tokenizer.json'), JSON.stringify(tokenizer));
    await writeFile(join(path, 'tokenizer_config.json'), JSON.stringify(config));
    return path;
  }

  test('gives its student the tokenizer, and its name stands in the lineage', async () => {
    const teacher = await write('teacher');
    const out = join(folder, 'student');
    const report = await distill({
      ...{ examples: dateExamples(80), out, kind: 'generate', teacherLogits: teacher, timeBudget: 1e-3 },
      chips: 1,
    });
    expect(report.training.steps).toBeGreaterThan(0);
    const [theirs, own] = await Promise.all(
      [teacher, out].map(async (path) => JSON.parse(await readFile(join(path, 'tokenizer.json'), 'utf8'))),
    );
    expect(own.model).toEqual(theirs.model);
    expect(own.added_tokens).toEqual(theirs.added_tokens);
    const manifest = JSON.parse(await readFile(join(out, 'kolben.json'), 'utf8'));
    expect(manifest.lineage.recipe.distribution).toMatchObject({ of: 'teacher', known: 32 });
    const student = await openStudent(out);
    expect(await student.answer(['due on May 3, 2026'])).toHaveLength(1);
    await student.close();
  }, 120_000);

  test('is refused without its tokenizer, with that of another model, and without an end', async () => {
    const whole = await write('whole');
    const without = async (name: string, change: (path: string) => Promise<void>) => {
      const path = join(folder, name);
      await cp(whole, path, { recursive: true });
      await change(path);
      return openLocalTeacher(path, chips);
    };
    await expect(without('bare', (path) => rm(join(path, 'tokenizer.json')))).rejects.toThrow(
      'a decoder needs its tokenizer beside it',
    );
    await expect(
      without('endless', async (path) => {
        const config = JSON.parse(await readFile(join(path, 'config.json'), 'utf8'));
        await writeFile(join(path, 'config.json'), JSON.stringify({ ...config, eos_token_id: null }));
        await rm(join(path, 'tokenizer_config.json'));
      }),
    ).rejects.toThrow('names no token that ends an answer; give it an "eos_token_id"');
    await expect(
      without('foreign', async (path) => {
        const large = trainBpe(
          Array.from({ length: 99 }, (_, i) => `${'abcdefghij'.repeat(9)}${i}`.repeat(3)),
          {
            ...{ vocabulary: 400, special: ['</s>'] },
            leastCount: 1,
          },
        );
        await writeFile(
          join(path, 'tokenizer.json'),
          JSON.stringify(
            bpeFiles(
              { ...large, tokens: [...large.tokens, ...Array.from({ length: 60 }, (_, i) => `zz${i}`)] },
              { limit: 9 },
            ).tokenizer,
          ),
        );
      }),
    ).rejects.toThrow(/has \d+ tokens and the model 300; take both of one model/);
  });
});
