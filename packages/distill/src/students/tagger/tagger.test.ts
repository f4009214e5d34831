import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Chip,
  emitProgram,
  type Parameters,
  randomStream,
  startChip,
  type TensorData,
  uniform,
  type Value,
} from '@kolben/engine';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { distill } from '../../distill.ts';
import { explainAnswer } from '../../explain/explain-answer.ts';
import { canonicalAnswer, type Json, parseAnswer } from '../../extract/json.ts';
import { prepareExtraction } from '../../extract/prepare-extraction.ts';
import { schemaCheck } from '../../extract/schema.ts';
import { wordsOf } from '../../extract/words.ts';
import { orderExamples } from '../../testing/order-examples.ts';
import { parcelExamples } from '../../testing/parcel-examples.ts';
import { openStudent } from '../open-student.ts';
import { readStudentFolder } from '../student-folder.ts';
import type { ExtractTask } from '../task.ts';
import { keepAll, prepareTexts } from '../words-and-bag/batches.ts';
import { hasEmptyRow, withoutFirstRow } from '../words-and-bag/emit-student.ts';
import { rounded } from '../words-and-bag/model-files.ts';
import { parameterShapes } from '../words-and-bag/weights-file.ts';
import { answerFrom } from './answer.ts';
import { tables } from './answering-graph.ts';
import { loadTaggingProgram } from './answering-program.ts';
import { taggerMicrobatch } from './batches.ts';
import { noTaggerDropout } from './layers.ts';
import { modelFiles, onnxOf, readTagger, type Tagger } from './model-files.ts';
import { taggerRecipe } from './recipe.ts';
import { spellCased } from './spell-cased.ts';
import { contextOf, prepareTagger } from './train-tagger.ts';
import { taggerLoss } from './training-graph.ts';

let chip: Chip;
let folder: string;
beforeAll(async () => {
  chip = await startChip();
  folder = await mkdtemp(join(tmpdir(), 'kolben-tagger-'));
});
afterAll(async () => {
  await chip.close();
  await rm(folder, { recursive: true, force: true });
});

const orders = orderExamples(90).map(({ messages, answer }) => ({
  text: messages[1].content,
  answer: answer as string,
}));
const recipe = { ...taggerRecipe, width: 8, heads: 2, vocabulary: { pieces: 500, bag: 500 } };
const strange = [
  '',
  ' ',
  '!',
  'ÄRGER in WIEN, Straße 12',
  'İstanbul ΣΊΣΥΦΟΣ Москва',
  '\u0000\ud800 a\u0301\u0302 ﬁne “quoted” … 私のカード',
  '12345678 1 22 333 4444 55555 a1',
  'x'.repeat(5000),
  ...fc.sample(fc.string({ unit: 'grapheme', maxLength: 60 }), { numRuns: 60, seed: 1 }),
];

async function randomTagger(task: ExtractTask, seed = 0): Promise<Tagger> {
  const { model } = await prepareTagger({ task, train: orders, recipe, chips: [chip], seed });
  const { graph } = taggerLoss(model.shape, { ...noTaggerDropout, smoothing: 0 }).loss;
  const parameters: Parameters = Object.fromEntries(
    parameterShapes(graph).map(([name, dims]) => {
      const draw = randomStream(seed, 'random tagger', name);
      const length = dims.reduce((all, dim) => all * dim, 1);
      return [name, Float32Array.from({ length }, () => 3 * (2 * uniform(draw) - 1))];
    }),
  );
  return rounded({ ...model, parameters });
}

const inferred = (): ExtractTask => ({
  name: 'orders',
  kind: 'extract',
  schema: JSON.parse(
    JSON.stringify(prepareExtraction(orders, { maxWords: 256, byteLimit: 4096 }).schema),
  ) as ExtractTask['schema'],
});

describe('the words of a text', () => {
  test('are the same for the model and for whoever cuts them out of the text', async () => {
    const texts = [...strange, ...orders.map(({ text }) => text)];
    const byteLimit = 300;
    const { texts: spelled } = await spellCased(texts, { chips: [chip], byteLimit });
    texts.forEach((text, i) => {
      const words = wordsOf(text, byteLimit);
      expect(words.length, JSON.stringify(text)).toBe(spelled[i].words.length);
      for (const { start, end } of words) expect(end).toBeGreaterThan(start);
    });
  });

  test('are spelt alike in capitals and in small letters, and written otherwise', async () => {
    const texts = ['Straße nach Łódź, МОСКВА', 'straße nach łódź, москва'];
    const { texts: spelled, writings } = await spellCased(texts, { chips: [chip], byteLimit: 300 });
    expect(spelled[0]).toEqual(spelled[1]);
    expect(writings[0].map(([first, more]) => [first, more])).toEqual([
      [1, 0],
      [0, 0],
      [1, 0],
      [0, 0],
      [1, 1],
    ]);
  });
});

test('the model that answers says what the trained one says, from bytes alone', async () => {
  const task = inferred();
  const { shape, vocabulary, parameters } = await randomTagger(task);
  const texts = [...orders.slice(0, 20).map(({ text }) => text), ...strange];
  const loss = taggerLoss(shape, { ...noTaggerDropout, smoothing: 0 });
  const fixed = new Map<Value, TensorData>();
  for (const value of loss.loss.graph.values) {
    if (value.source?.kind !== 'parameter') continue;
    const { name } = value.source;
    const data = hasEmptyRow(name, tables)
      ? withoutFirstRow(parameters[name], shape.width)
      : parameters[name];
    fixed.set(value, { data, dims: value.shape as number[] });
  }
  const { onnx, inputs } = emitProgram({
    name: 'trained',
    outputs: [
      { value: loss.tags as Value, name: 'tags' },
      { value: loss.choices as Value, name: 'choices' },
    ],
    fixed,
  });
  const spelled = await spellCased(texts, { chips: [chip], byteLimit: shape.byteLimit });
  const prepared = prepareTexts(spelled, vocabulary, shape.maxWords);
  const trained = await chip.load(onnx);
  const answering = await loadTaggingProgram(onnxOf(task, { shape, vocabulary, parameters }), {
    chips: [chip],
    shape,
  });
  const said = await answering.logits(texts);
  for (const [i, text] of texts.entries()) {
    const words = prepared.texts[i].words.length;
    const target = {
      tags: shape.tags.map(() => new Uint16Array(words)),
      choices: shape.choices.map(() => 0),
      writings: spelled.writings[i],
    };
    const feeds = taggerMicrobatch(
      prepared,
      texts.map((_, j) => j).slice(i, i + 1),
      Object.assign([], { [i]: target }),
      {
        weight: 1,
        words: 1,
        dropouts: { ...keepAll, writing: 0 },
        draw: () => 0,
      },
    );
    const outputs = await trained.run(Object.fromEntries(inputs.map(({ name }) => [name, feeds[name]])));
    for (const name of ['tags', 'choices'] as const) {
      const wanted = outputs[name].data as Float32Array;
      const count = name === 'tags' ? words * shape.tags.reduce((a, b) => a + b, 0) : wanted.length;
      for (let j = 0; j < count; j++)
        expect(Math.abs(said[i][name][j] - wanted[j]), `${name} of ${JSON.stringify(text)}`).toBeLessThan(
          1e-3,
        );
    }
  }
  await trained.release();
  await answering.release();
});

describe('answers keep to the schema', () => {
  const optional = { type: ['string', 'null'] };
  const schemas: Record<string, ExtractTask['schema'] | undefined> = {
    'that was inferred': undefined,
    'of a user who wants everything': {
      type: 'object',
      required: ['intent', 'customer', 'items', 'delivery'],
      properties: {
        intent: { enum: ['order', 'cancel'] },
        customer: {
          type: 'object',
          required: ['name'],
          properties: { name: { type: 'string', minLength: 3 } },
        },
        delivery: optional,
        items: {
          type: 'array',
          maxItems: 3,
          items: {
            type: 'object',
            required: ['product', 'quantity'],
            properties: { quantity: { minimum: 2 } },
          },
        },
      },
    },
    'with conditions': {
      type: 'object',
      if: { properties: { intent: { const: 'order' } } },
      // biome-ignore lint/suspicious/noThenProperty: JSON Schema's own word
      then: { properties: { items: { minItems: 1 } } },
    },
  };

  test.each(Object.entries(schemas))('%s, whatever the model says of any text', async (_, schema) => {
    const task = schema ? { name: 'orders', kind: 'extract' as const, schema } : inferred();
    const check = schemaCheck(task.schema);
    for (const seed of [1, 2]) {
      const model = await randomTagger(task, seed);
      const program = await loadTaggingProgram(onnxOf(task, model), { chips: [chip], shape: model.shape });
      const texts = [...strange, ...orders.slice(0, 30).map(({ text }) => text)];
      const logits = await program.logits(texts);
      const context = contextOf(task, model);
      texts.forEach((text, i) => {
        const { answer } = answerFrom(text, logits[i], context);
        expect(check(parseAnswer(answer) as Json), `${answer} of ${JSON.stringify(text)}`).toBeUndefined();
        expect(canonicalAnswer(answer)).toBe(answer);
      });
      await program.release();
    }
  });
});

test('a tagger is the same after its files were read, and damaged files are refused by name', async () => {
  const task = inferred();
  const model = await randomTagger(task);
  const files = new Map(modelFiles(task, model));
  const again = readTagger(files, '/there');
  expect(again.plan).toEqual(model.plan);
  expect(again.shape).toEqual(model.shape);
  expect(again.exclusions).toEqual(model.exclusions);
  for (const [name, bytes] of modelFiles(task, again)) {
    const was = Buffer.from(files.get(name) as Uint8Array);
    // Checking a file may order the keys of its objects anew.
    if (name.endsWith('.json'))
      expect(JSON.parse(Buffer.from(bytes).toString())).toEqual(JSON.parse(was.toString()));
    else expect(was.equals(bytes), name).toBe(true);
  }
  const config = JSON.parse(new TextDecoder().decode(files.get('config.json'))) as Record<string, unknown>;
  const withConfig = (change: object) =>
    new Map(files).set('config.json', new TextEncoder().encode(JSON.stringify({ ...config, ...change })));
  expect(() => readTagger(withConfig({ tags: [['O']] }), '/there')).toThrow(/config\.json.*tags/);
  expect(() => readTagger(withConfig({ hidden_size: 16 }), '/there')).toThrow(/model\.safetensors/);
  expect(() => readTagger(withConfig({ plan: { root: { kind: 'guess' } } }), '/there')).toThrow(
    /config\.json/,
  );
});

test('from mails to a certified student that extracts, in a folder that answers alike', async () => {
  const out = join(folder, 'orders');
  const report = await distill({
    examples: orderExamples(300),
    out,
    task: 'orders',
    chips: 1,
    alpha: 0.4,
    timeBudget: 3600,
  });
  expect(report.task.kind).toBe('extract');
  expect(report.test.agreement).toBeGreaterThan(0.5);
  expect(report.test.agreement).toBeGreaterThan(report.baselines.majority);
  expect(report.baselines.ngramLinear).toBeNull();
  const student = await openStudent(out);
  const fresh = orderExamples(60, 99);
  const texts = fresh.map(({ messages }) => messages[1].content);
  const answers = await student.answer(texts);
  const agreed = (given: typeof answers) =>
    given.filter(({ answer }, i) => answer === canonicalAnswer(fresh[i].answer as string)).length;
  expect(agreed(answers)).toBeGreaterThan(30);

  // Of what is no case of the task it is seldom sure, and it doesn't know the words.
  const strange = parcelExamples(60).map(({ messages }) => String(messages[0].content));
  const answered = (await student.answer(strange)).filter(({ certified }) => certified).length;
  expect(answers.filter(({ certified }) => certified).length).toBeGreaterThan(20);
  expect(answered / strange.length).toBeLessThanOrEqual(0.1);
  const [known, unknown] = [await student.unknownWords!(texts), await student.unknownWords!(strange)];
  expect(unknown).toBeGreaterThan(known as number);
  const explained = await explainAnswer(student, texts[0], { evaluations: 40 });
  expect(explained).toMatchObject({ measure: 'confidence', answer: answers[0].answer });
  await student.close();

  const copy = await openStudent(out, { quantised: true });
  const copied = await copy.answer(texts);
  await copy.close();
  expect(copied.some(({ certified }) => certified)).toBe(false);
  expect(Math.abs(agreed(copied) - agreed(answers))).toBeLessThanOrEqual(3);
  const { measurements } = await readStudentFolder(out);
  expect(Math.abs((measurements.test.quantised as number) - report.test.agreement)).toBeLessThan(0.06);
  const check = schemaCheck((report.task as ExtractTask).schema);
  for (const { answer, confidence } of answers) {
    expect(check(JSON.parse(answer) as Json)).toBeUndefined();
    expect(confidence).toBeGreaterThanOrEqual(0);
    expect(confidence).toBeLessThanOrEqual(1);
  }
}, 600_000);
