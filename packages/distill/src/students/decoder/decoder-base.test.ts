import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gguf } from '@huggingface/gguf';
import { Tokenizer } from '@huggingface/tokenizers';
import { type Chip, loadDecoder, nn, type Parameters, readHuggingFace, startChip } from '@kolben/engine';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { distill } from '../../distill.ts';
import { exportStudent } from '../../export/export-student.ts';
import { dateExamples } from '../../testing/date-examples.ts';
import { writeSmallQwen3, writeStories } from '../../testing/small-decoder.ts';
import { openTokenizer } from '../../tokenizers/text-tokenizer.ts';
import { openStudent } from '../open-student.ts';
import type { GenerateTask } from '../task.ts';
import { trainOnChips } from '../train-on-chips.ts';
import { type DecoderFolder, readDecoderFolder } from './decoder-folder.ts';
import { promptOf, type TaughtRow, taughtRow } from './prompt.ts';
import { decoderFineTuning, decoderLowRank, type FineTuningRecipe } from './recipe.ts';
import { prepareDecoder } from './train-student.ts';

const data = process.env.KOLBEN_TEST_DATA;
const required = process.env.KOLBEN_TEST_REQUIRE === '1';

const examples = dateExamples(120);
const taught = examples.slice(0, 16).map(({ messages, answer }) => ({
  text: String(messages[0]!.content),
  answer: answer!,
}));
const task: GenerateTask = { name: 't', kind: 'generate', equality: 'exact' };

let folder: string;
let chips: Chip[];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kolben-decoder-base-'));
  chips = [await startChip(0)];
  await writeSmallQwen3(
    join(folder, 'qwen3'),
    taught.flatMap(({ text, answer }) => [text, answer]),
  );
});
afterAll(async () => {
  await Promise.all(chips.map((chip) => chip.close()));
  rmSync(folder, { recursive: true, force: true });
});

/** The mean surprise of the answers' tokens by the model's logits, in float64. */
async function surprise(shape: nn.DecoderShape, parameters: Parameters, rows: readonly TaughtRow[]) {
  const decoder = await loadDecoder(chips[0]!, shape, parameters);
  let [sum, count] = [0, 0];
  for (const { tokens, answer } of rows) {
    const all = (await decoder.logits(tokens.slice(0, -1))).data as Float32Array;
    for (let at = answer; at < tokens.length; at++, count++) {
      const row = Array.from(all.subarray((at - 1) * shape.vocabulary, at * shape.vocabulary));
      const most = Math.max(...row);
      sum += most + Math.log(row.reduce((total, x) => total + Math.exp(x - most), 0)) - row[tokens[at]!]!;
    }
  }
  await decoder.release();
  return sum / count;
}

/** A few steps over all rows at once, at a rate that shows. */
const few = (recipe: FineTuningRecipe): FineTuningRecipe => ({
  ...recipe,
  ...{ batch: 16, microbatches: 2, epochs: 8, leastSteps: 0, mostEpochs: 8, warmUp: 0, learningRate: 2e-3 },
});
const lowRank = { rank: 4, alpha: 8 };

describe.each([
  ['a random Qwen3, in bfloat16 and shards', 'qwen3', false],
  ['stories260K, a Llama', 'stories', true],
])('%s', (_, name, real) => {
  describe.skipIf(real && !required && !data)('as base', () => {
    let base: DecoderFolder;
    let rows: TaughtRow[];
    const prepared = (recipe: FineTuningRecipe) =>
      prepareDecoder({ start: { recipe, base }, task, train: taught });
    beforeAll(async () => {
      if (real) {
        expect(data, 'KOLBEN_TEST_DATA').toBeDefined();
        await writeStories(join(folder, name), data!);
      }
      base = await readDecoderFolder(join(folder, name));
      const { tokenizer, format } = await prepared(decoderFineTuning);
      rows = taught.map((example) => taughtRow(example, tokenizer, format));
      expect(format.begin).toEqual(real ? [1] : []);
      expect(rows[0]!.tokens.at(-1)).toBe(base.end);
    });
    const trainedBy = async (recipe: FineTuningRecipe, initial?: Parameters) => {
      const { trainable, shape } = await prepared(recipe);
      const start = initial ? { ...trainable, initial } : trainable;
      const { parameters, run } = await trainOnChips(start, { chips, seed: 0, timeBudget: 10_000 });
      return { parameters, losses: run.losses, shape };
    };

    test('begins at the base’s logits, and learns', async () => {
      const { parameters, losses, shape } = await trainedBy(few(decoderFineTuning));
      const before = await surprise(base.shape, base.parameters, rows);
      expect(losses).toHaveLength(8);
      expect(losses[0]).toBeCloseTo(before, 4);
      expect(losses.at(-1)).toBeLessThan(0.9 * before);
      expect(await surprise(shape, parameters, rows)).toBeLessThan(0.9 * before);
      expect(Object.keys(parameters).sort()).toEqual(Object.keys(base.parameters).sort());
    });

    test('with adapters as well, and merged they say what they said beside', async () => {
      const recipe = few(decoderLowRank(lowRank));
      const { parameters, losses, shape } = await trainedBy({ ...recipe, learningRate: 1e-2 });
      const before = await surprise(base.shape, base.parameters, rows);
      expect(losses[0]).toBeCloseTo(before, 4);
      expect(Object.keys(parameters).every((one) => /Lora[AB]$/.test(one))).toBe(true);
      const beside = { ...base.parameters, ...parameters };
      // The first step's loss is told before anything moves.
      const still = { ...recipe, epochs: 1, mostEpochs: 1 };
      const [told] = (await trainedBy(still, beside)).losses;
      expect(told).toBeLessThan(0.95 * before);
      const merged = nn.mergeLowRank(beside, lowRank);
      expect(Object.keys(merged).sort()).toEqual(Object.keys(base.parameters).sort());
      expect(await surprise(shape, merged, rows)).toBeCloseTo(told!, 4);
    });
  });
});

describe('a student on an open decoder', () => {
  const json = (...path: string[]) => JSON.parse(readFileSync(join(folder, ...path), 'utf8'));

  test('is a folder in the base’s architecture that opens, answers, and goes out again', async () => {
    const base = join(folder, 'qwen3');
    expect(readdirSync(base).filter((file) => /-of-\d+\.safetensors$/.test(file)).length).toBeGreaterThan(1);
    writeFileSync(join(base, 'README.md'), '---\nlicense: other\nlicense_name: "house-1"\n---\n');
    const out = join(folder, 'student');
    const phases: string[] = [];
    const report = await distill({
      ...{ examples, out, base, lowRank, kind: 'generate', timeBudget: 1e-3, chips: 1 },
      onProgress: ({ phase }) => phases.push(phase),
    });
    expect(report.training.steps).toBeGreaterThan(0);
    expect([...new Set(phases)]).toEqual(['dataset', 'base', 'prepare', 'train', 'certify', 'write']);
    const { lineage, family } = json('student', 'kolben.json');
    expect(family).toBe('decoder');
    expect(lineage.base).toEqual({
      ...{ id: 'qwen3', revision: null, digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) },
      licence: { name: 'house-1' },
    });
    expect(lineage.recipe).toMatchObject({ name: 'decoder-low-rank', adapters: lowRank });
    const card = readFileSync(join(out, 'README.md'), 'utf8');
    expect(card).toContain('The open model `qwen3`');
    expect(card).toContain('It states the licence `house-1`');
    expect(card).not.toContain('trained from nothing');

    // All but what has no adapter has moved, and only that.
    const [before, after] = [await readHuggingFace(base), await readHuggingFace(out)];
    const { positions, ...shape } = before.shape;
    expect(after.shape).toMatchObject(shape);
    for (const [name, values] of Object.entries(before.parameters))
      expect(Buffer.from(values.buffer).equals(Buffer.from(after.parameters[name]!.buffer)), name).toBe(
        !/(query|key|value|output|gate|up|down)$/.test(name),
      );

    // What other people's tokenizers make of a text is what the student reads.
    const files = ['tokenizer.json', 'tokenizer_config.json'].map((name) => json('student', name));
    const { kolben, model_type: type } = json('student', 'config.json');
    expect(type).toBe('qwen3');
    const theirs = new Tokenizer(files[0], files[1]).encode('due on May 3, 2026').ids;
    const own = openTokenizer(readFileSync(join(out, 'tokenizer.json')));
    const format = { ...kolben, textTokens: kolben.text_tokens, answerTokens: kolben.answer_tokens };
    expect(theirs).toEqual(promptOf('due on May 3, 2026', own, format));

    const student = await openStudent(out);
    const [answer] = await student.answer(['due on May 3, 2026']);
    await student.close();
    const hf = join(folder, 'hf');
    await exportStudent(out, { to: 'hf', out: hf });
    const again = await openStudent(hf);
    expect(await again.answer(['due on May 3, 2026'])).toEqual([answer]);
    await again.close();
    const file = join(folder, 'student.gguf');
    await exportStudent(out, { to: 'gguf', out: file });
    expect((await gguf(file, { allowLocalFile: true })).metadata).toMatchObject({
      ...{ 'general.architecture': 'qwen3', 'tokenizer.ggml.add_eos_token': false },
      'tokenizer.chat_template': "{{ messages[-1]['content'] }}<|end|>",
    });
  });

  test('is not begun where the terms forbid one, and the base is not asked for before', async () => {
    const phases: string[] = [];
    const forbidden = distill({
      examples,
      out: join(folder, 'forbidden'),
      ...{ base: 'org/name', kind: 'generate', teachers: ['p/m'] },
      fetchBase: { hubUrl: 'http://127.0.0.1:1', cache: join(folder, 'cache') },
      providers: { p: { terms: { distillation: 'forbidden' } } },
      onProgress: ({ phase }) => phases.push(phase),
    });
    await expect(forbidden).rejects.toMatchObject({ code: 'terms_forbidden' });
    expect(phases).not.toContain('base');
  });

  test('needs a decoder with its tokenizer, an end, and a teacher of the same tokens', async () => {
    const refused = (base: string, more = {}) =>
      distill({ examples, out: join(folder, 'none'), base, kind: 'generate', chips: 1, ...more }).catch(
        (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
      );
    const broken = async (name: string, change: (path: string) => void) => {
      const path = join(folder, name);
      mkdirSync(path);
      for (const file of readdirSync(join(folder, 'qwen3')))
        writeFileSync(join(path, file), readFileSync(join(folder, 'qwen3', file)));
      change(path);
      return refused(path);
    };
    const config = (path: string, changes: object) =>
      writeFileSync(
        join(path, 'config.json'),
        JSON.stringify({ ...json('qwen3', 'config.json'), ...changes }),
      );
    expect(await broken('bare', (path) => rmSync(join(path, 'tokenizer.json')))).toMatch(
      /^decoder_tokenizer: .*needs its tokenizer beside it/,
    );
    expect(
      await broken('endless', (path) => {
        config(path, { eos_token_id: null });
        writeFileSync(join(path, 'tokenizer_config.json'), '{}');
      }),
    ).toMatch(/^decoder_end: /);
    expect(await broken('bert', (path) => config(path, { model_type: 'bert' }))).toMatch(
      /^base_architecture: .*those of the kind generate on decoders of the types llama, qwen2, qwen3/,
    );
    expect(await broken('short', (path) => config(path, { max_position_embeddings: 2 }))).toMatch(
      /^base_positions: /,
    );
    await writeSmallQwen3(join(folder, 'other'), ['abcabc', 'abcabc', 'cabcab']);
    expect(await refused(join(folder, 'qwen3'), { teacherLogits: join(folder, 'other') })).toMatch(
      /^base_tokenizer: .*different tokens/,
    );
  });
});
