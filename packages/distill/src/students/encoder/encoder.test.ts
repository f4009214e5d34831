import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Chip, fromHuggingFaceEncoder, nn, readSafetensors, startChip } from '@kolben/engine';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { distill } from '../../distill.ts';
import { explainAnswer } from '../../explain/explain-answer.ts';
import { orderExamples } from '../../testing/order-examples.ts';
import { parcelExamples } from '../../testing/parcel-examples.ts';
import { writeSmallBase } from '../../testing/small-base.ts';
import { decideLabels, labelsIn, temperatureOf } from '../decide-labels.ts';
import type { ModelFiles } from '../family.ts';
import { openStudent } from '../open-student.ts';
import type { ClassifyTask } from '../task.ts';
import { encoderInputs } from './batches.ts';
import { encoderFamily } from './family.ts';
import { loadTokenizer } from './tokenize.ts';

const examples = parcelExamples(450, { noise: 0 });
const texts = examples.map(({ messages }) => String(messages[0]!.content));

let folder: string;
let chips: Chip[];
beforeAll(async () => {
  chips = await Promise.all([startChip(0), startChip(1)]);
});
afterAll(() => Promise.all(chips.map((chip) => chip.close())));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kolben-encoder-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const bytesOf = (...path: string[]) => readFileSync(join(folder, ...path));
const json = (...path: string[]) => JSON.parse(bytesOf(...path).toString());

describe('a student on an open encoder', () => {
  test('is in the layout of the base’s architecture, and all its files say the same', async () => {
    writeSmallBase(join(folder, 'base'), 'bert', texts);
    const out = join(folder, 'student');
    const report = await distill({ examples, out, base: join(folder, 'base'), chips: 2, timeBudget: 3000 });
    expect(report.details.validation).toHaveLength(8);

    const config = json('student', 'config.json');
    expect(config).toMatchObject({
      ...{ architectures: ['BertForSequenceClassification'], model_type: 'bert', torch_dtype: 'float32' },
      ...{ problem_type: 'single_label_classification', label2id: { address: 0, thanks: 4 } },
      id2label: { 0: 'address', 1: 'damage', 2: 'delay', 3: 'refund', 4: 'thanks' },
    });
    expect(bytesOf('student', 'tokenizer.json').equals(bytesOf('base', 'tokenizer.json'))).toBe(true);
    expect(json('student', 'tokenizer_config.json').model_max_length).toBe(40);
    const { lineage, family } = json('student', 'kolben.json');
    expect(family).toBe('kolben-encoder');
    expect(lineage.base).toEqual({
      ...{ id: 'base', revision: null, digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) },
      licence: null,
    });
    expect(lineage.recipe).toMatchObject({ name: 'encoder-fine-tuning', adapters: null });

    // From the weights, by their names, comes what the ONNX model says, softmax and all.
    const { tensors } = readSafetensors(bytesOf('student', 'model.safetensors'), 'weights');
    // All of the base has been trained, but for the kinds of segments that no text has, and what is added to all keys
    // alike, which changes no share of attention but by rounding.
    const base = readSafetensors(bytesOf('base', 'model.safetensors'), 'base').tensors;
    for (const name of Object.keys(base).filter((one) => !/token_type|key\.bias|^classifier/.test(one)))
      expect(base[name]!.data, name).not.toEqual(tensors[name]!.data);
    const { shape, parameters } = fromHuggingFaceEncoder({ config, tensors }, { classes: 5 });
    const program = await chips[0]!.load(nn.textClassifierProgram(shape, parameters, { classes: 5 }).onnx);
    const tokenize = loadTokenizer(json('base', 'tokenizer.json'), {}, { maxTokens: 40, vocabulary: 1000 });
    const asked = texts.slice(0, 7);
    const { logits } = await program.run(encoderInputs(asked.map(tokenize), shape, 0));
    await program.release();
    const student = await openStudent(out);
    try {
      const answers = await student.answer(asked);
      const task = student.task as ClassifyTask;
      // What tells texts that belong to no label is in the ONNX model alone, and takes little from those that do.
      for (const [i, { answer, confidence }] of decideLabels(logits!.data as Float32Array, task).entries()) {
        expect(answers[i]!.answer).toBe(answer);
        expect(answers[i]!.confidence).toBeLessThan(confidence + 1e-4);
        expect(answers[i]!.confidence).toBeCloseTo(confidence, 1);
      }
      // Whoever asks alone is answered alike.
      for (const [i, text] of asked.entries())
        expect((await student.answer([text]))[0]!.confidence).toBeCloseTo(answers[i]!.confidence, 4);
      expect(await student.answer(['', 'x '.repeat(500)])).toHaveLength(2);

      const orders = orderExamples(60).map(({ messages }) => String(messages[1]!.content));
      const strange = (await student.answer(orders)).filter(({ certified }) => certified).length;
      expect(strange / orders.length).toBeLessThanOrEqual(0.1);
      expect(await student.unknownWords!([...texts.slice(0, 9), 'zzz'])).toBeGreaterThan(
        (await student.unknownWords!(texts.slice(0, 9)))!,
      );
      const explained = await explainAnswer(student, texts[0]!, { evaluations: 40 });
      expect(explained.measure).toBe('log-odds');
      expect(explained.runnerUp).not.toBeNull();

      const copy = await openStudent(out, { quantised: true });
      const copied = await copy.answer(texts);
      await copy.close();
      const whole = await student.answer(texts);
      expect(copied.filter(({ answer }, i) => answer !== whole[i]!.answer).length).toBeLessThan(5);
      expect(copied.some(({ certified }) => certified)).toBe(false);
      expect(bytesOf('student', 'onnx', 'model_quantized.onnx').length).toBeLessThan(
        0.5 * bytesOf('student', 'onnx', 'model.onnx').length,
      );
    } finally {
      await student.close();
    }
  }, 180_000);

  test('learns with adapters, which are merged, and wavers where its teacher does', async () => {
    writeSmallBase(join(folder, 'base'), 'modernbert', texts);
    const lowRank = { rank: 8, alpha: 16 };
    const wavering = examples.map((example) =>
      example.answer === 'delay' ? { ...example, extra: { votes: { delay: 3, damage: 2 } } } : example,
    );
    const options = { examples: wavering, base: join(folder, 'base'), lowRank, timeBudget: 3000 };
    const report = await distill({ ...options, out: join(folder, 'student'), chips: 2 });
    expect(report.test.agreement).toBeGreaterThan(0.8);
    const student = await openStudent(join(folder, 'student'));
    const given = await student.answer(texts);
    await student.close();
    const meanConfidence = (wanted: (answer: string) => boolean) => {
      const those = given.filter(({ answer }) => wanted(answer));
      return those.reduce((sum, { confidence }) => sum + confidence / those.length, 0);
    };
    const sure = meanConfidence((answer) => answer !== 'delay');
    expect(meanConfidence((answer) => answer === 'delay')).toBeLessThan(sure - 0.1);
    const { tensors } = readSafetensors(bytesOf('student', 'model.safetensors'), 'weights');
    const before = readSafetensors(bytesOf('base', 'model.safetensors'), 'weights').tensors;
    expect(Object.keys(tensors).sort()).toEqual(Object.keys(before).sort());
    // What has an adapter has moved, and nothing else of the encoder.
    const moved = Object.keys(before).filter(
      (name) => !Buffer.from(before[name]!.data.buffer).equals(Buffer.from(tensors[name]!.data.buffer)),
    );
    expect(moved.every((name) => /attn\.W|mlp\.W|^head\.|^classifier/.test(name))).toBe(true);
    expect(moved.filter((name) => name.includes('layers'))).toHaveLength(8);
  }, 180_000);
});

describe('what cannot be a base', () => {
  const refused = async (change: () => void) => {
    writeSmallBase(join(folder, 'base'), 'bert', texts);
    change();
    const out = join(folder, 'student');
    return distill({ examples, out, base: join(folder, 'base'), chips: 1 }).then(
      () => 'nothing',
      (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
    );
  };
  const overwrite = (name: string, text: string) => writeFileSync(join(folder, 'base', name), text);

  test('is refused in a sentence', async () => {
    expect(await refused(() => overwrite('config.json', '{"model_type":"t5"}'))).toMatch(
      /^base_architecture: base is of the type "t5"/,
    );
    expect(await refused(() => overwrite('config.json', '{'))).toMatch(/^hugging_face_config: .*not JSON/);
    expect(await refused(() => rmSync(join(folder, 'base', 'tokenizer.json')))).toMatch(/^base_incomplete/);
    expect(await refused(() => overwrite('tokenizer.json', '{"model":{"type":"Unheard"}}'))).toMatch(
      /^tokenizer_unreadable/,
    );
    expect(await refused(() => truncateSync(join(folder, 'base', 'model.safetensors'), 5000))).toMatch(
      /^safetensors/,
    );
    expect(await refused(() => rmSync(join(folder, 'base'), { recursive: true }))).toMatch(/^base_/);
    expect(
      await distill({ examples, out: folder, lowRank: { rank: 4, alpha: 8 } }).catch((e) => e.code),
    ).toBe('distill_option');
  });
});

describe('the tokenizer of a base', () => {
  test('cuts a long text but keeps what ends it, and must be the encoder’s', () => {
    writeSmallBase(folder, 'bert', ['one two three four five six']);
    const [tokenizer, config] = [json('tokenizer.json'), json('tokenizer_config.json')];
    const tokenize = loadTokenizer(tokenizer, config, { maxTokens: 5, vocabulary: 11 });
    expect(tokenize('one two')).toEqual([2, 5, 6, 3]);
    expect(tokenize('one two three four five six')).toEqual([2, 5, 6, 7, 3]);
    expect(tokenize('')).toEqual([2, 3]);
    expect(() => loadTokenizer(tokenizer, config, { maxTokens: 5, vocabulary: 10 })).toThrow(
      expect.objectContaining({ code: 'tokenizer_vocabulary' }),
    );
  });
});

describe('a task with several labels to a text', () => {
  const task: ClassifyTask = { name: 't', kind: 'classify', labels: ['b', 'a', 'c'], multiple: true };

  test('answers with all that are likelier than not, in code unit order', () => {
    const [first, second] = decideLabels(Float32Array.of(2, 1, -3, -1, -2, -4), task);
    expect(first!.answer).toBe('["a","b"]');
    const s = (x: number) => 1 / (1 + Math.exp(-x));
    expect(first!.confidence).toBeCloseTo(s(2) * s(1) * s(3), 6);
    expect(second!.answer).toBe('[]');
    expect(labelsIn('["c","b"]', task)).toEqual([2, 0]);
    expect(labelsIn('["d"]', task)).toBeUndefined();
    expect(labelsIn('c', task)).toBeUndefined();
  });

  test('is trained on each as a question of its own, and calibrated so', async () => {
    writeSmallBase(folder, 'modernbert', ['red blue green']);
    const of = (i: number) => ['red', 'blue', 'green'].filter((_, bit) => (i >> bit) % 2 === 1);
    const colours = Array.from({ length: 160 }, (_, i) => ({
      text: `${of(i).join(' ')} ${i % 5}`,
      answer: JSON.stringify(of(i).sort()),
      count: 1,
    }));
    const several: ClassifyTask = {
      name: 't',
      kind: 'classify',
      labels: ['blue', 'green', 'red'],
      multiple: true,
    };
    const trained = await encoderFamily.train({
      ...{
        task: several,
        train: colours,
        validation: [],
        chips,
        seed: 1,
        timeBudget: 3000,
        timelineSteps: 2,
      },
      work: { prefix: join(folder, '.work'), of: {} },
      base: {
        folder,
        lineage: { id: 'x', revision: null, digest: 'y', licence: null },
        lowRank: { rank: 8, alpha: 16 },
      },
    });
    const files: ModelFiles = await trained.files(colours.slice(0, 40));
    await trained.finish();
    const model = await encoderFamily.open(files, several, { chips, directory: folder });
    const answers = await model.answer(colours.map(({ text }) => text));
    await model.release();
    const right = answers.filter(({ answer }, i) => answer === colours[i]!.answer).length;
    expect(right / colours.length).toBeGreaterThan(0.9);
    await expect(
      encoderFamily.open(files, { ...several, multiple: false }, { chips, directory: folder }),
    ).rejects.toMatchObject({ code: 'student_folder_damaged' });
  });

  test('has the temperature of its yes and no', () => {
    const logits = Float32Array.from({ length: 300 }, (_, i) => (i % 2 === 0 ? 4 : -4));
    // Three in four are right, of which the logit is log 3: the temperature is 4 / log 3.
    const named = Array.from({ length: 100 }, (_, row) =>
      JSON.stringify(
        task.labels.filter((_, c) => {
          const i = 3 * row + c;
          const says = i % 2 === 0;
          return i % 4 < 2 === i % 8 < 4 || i % 4 === 3 ? says : i % 8 < 4 ? says : !says;
        }),
      ),
    );
    const wrong = named.flatMap((answer, row) =>
      task.labels.map((label, c) => (answer.includes(label) === ((3 * row + c) % 2 === 0) ? 0 : 1) as number),
    );
    const share = wrong.reduce((a, b) => a + b) / wrong.length;
    expect(temperatureOf(logits, named, task)).toBeCloseTo(4 / Math.log((1 - share) / share), 2);
  });
});
