import { type Chip, emitProgram, nn, ops, startChip, type TensorData, type Value } from '@kolben/engine';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fitNoveltyGate, type NoveltyGate } from '../../certificates/novelty.ts';
import { decideLabels } from '../decide-labels.ts';
import type { ClassifyTask } from '../task.ts';
import { knownTexts, randomModel } from '../testing/random-student.ts';
import { answeringModel, peakModel } from './answering-graph.ts';
import { loadAnsweringProgram } from './answering-program.ts';
import { keepAll, microbatch, prepareTexts } from './batches.ts';
import type { WordsAndBag } from './model.ts';
import { textBytes } from './normalize-text.ts';
import { spellTexts, stack } from './spell-texts.ts';
import { trainingLoss } from './training-graph.ts';

const task: ClassifyTask = { name: 't', kind: 'classify', labels: ['a', 'b', 'c'], multiple: false };

let chip: Chip;
let student: WordsAndBag;
beforeAll(async () => {
  chip = await startChip();
  student = await randomModel(chip);
});
afterAll(() => chip.close());

const texts = [
  ...knownTexts,
  '',
  ' ',
  '!',
  'a',
  'nothing of this was ever seen',
  'xyzzy',
  'karte karte karte karte karte karte karte karte karte karte karte karte',
  'card card, card! Card? (card) card; card: card - card _card_ card',
  'Wo ist meine Karte? Wo ist mein Geld? Wo ist meine PIN? Wo ist die App? Wo ist die Überweisung? Und warum?',
  'x'.repeat(500),
  `${'the card '.repeat(40)}petrol`,
  '\u0000\u0001\ud800',
  ...fc.sample(fc.string({ unit: 'grapheme', maxLength: 60 }), { numRuns: 40, seed: 1 }),
  ...fc.sample(
    fc.shuffledSubarray(knownTexts.flatMap((text) => text.split(' '))).map((words) => words.join(' ')),
    { numRuns: 40, seed: 1 },
  ),
];

/** The logits of the graph that is trained, from rows and weights that the host works out, nothing dropped. */
async function trainingLogits({ shape, vocabulary, parameters }: WordsAndBag): Promise<Float32Array> {
  const { graph } = trainingLoss(shape, { ...nn.noDropout, smoothing: 0 });
  const branch = (name: string) => {
    const block = graph.blocks.findIndex((one) => one.name === name);
    return graph.values.filter((value) => value.call?.block === block).at(-1) as Value;
  };
  const fixed = new Map<Value, TensorData>();
  for (const value of graph.values)
    if (value.source?.kind === 'parameter')
      fixed.set(value, { data: parameters[value.source.name], dims: value.shape as number[] });
  const logits = ops.add(ops.add(branch('order'), branch('attention')), branch('bag'));
  const { onnx, inputs } = emitProgram({
    name: 'trained',
    outputs: [{ value: logits, name: 'logits' }],
    fixed,
  });

  const spelled = await spellTexts(texts, { chips: [chip], byteLimit: shape.byteLimit });
  const prepared = prepareTexts(spelled, vocabulary, shape.maxWords);
  const indices = texts.map((_, i) => i);
  const feeds = microbatch(prepared, indices, 1, keepAll, () => 0);
  const program = await chip.load(onnx);
  const outputs = await program.run(Object.fromEntries(inputs.map(({ name }) => [name, feeds[name]])));
  await program.release();
  return outputs.logits.data as Float32Array;
}

async function answeringLogits(
  { shape, vocabulary, parameters }: WordsAndBag,
  temperature: number,
): Promise<Float32Array> {
  const onnx = answeringModel(shape, vocabulary, parameters, { temperature, metadata: {} });
  const program = await loadAnsweringProgram(onnx, {
    chips: [chip],
    classes: shape.classes,
    byteLimit: shape.byteLimit,
  });
  const logits = await program.logits(texts);
  await program.release();
  return logits;
}

function expectClose(actual: Float32Array, wanted: Float32Array, tolerance: number) {
  expect(actual.length).toBe(wanted.length);
  actual.forEach((value, i) => {
    expect(Math.abs(value - wanted[i]), `${texts[Math.floor(i / student.shape.classes)]}`).toBeLessThan(
      tolerance,
    );
  });
}

describe('the model that answers', () => {
  test('says what the trained one says, from bytes alone', async () => {
    const [trained, answering] = [await trainingLogits(student), await answeringLogits(student, 1)];
    expectClose(answering, trained, 1e-4);
    // Not because everything is the same.
    expect(new Set(Array.from(answering, (value) => value.toFixed(3))).size).toBeGreaterThan(40);
  });

  test('says so however many words are read in order', async () => {
    for (const maxWords of [4, 48]) {
      const other = { ...student, shape: { ...student.shape, maxWords } };
      expectClose(await answeringLogits(other, 1), await trainingLogits(other), 1e-4);
    }
  });

  test('divides by the temperature', async () => {
    const [plain, softer] = [await answeringLogits(student, 1), await answeringLogits(student, 4)];
    expectClose(
      softer,
      plain.map((value) => value / 4),
      1e-5,
    );
  });

  test('answers each text of a batch as if it were alone, no text as a text of nothing', async () => {
    const { shape, vocabulary, parameters } = student;
    const program = await chip.load(
      answeringModel(shape, vocabulary, parameters, { temperature: 1, metadata: {} }),
    );
    const together = await answeringLogits(student, 1);
    for (const [i, text] of texts.entries()) {
      const bytes = textBytes(text, shape.byteLimit);
      const ids = BigInt64Array.from(bytes, BigInt);
      const alone = await program.run({ input_ids: { data: ids, dims: [1, ids.length] } });
      const filledUp = stack([bytes, new Uint8Array(shape.byteLimit)]);
      const filled = await program.run({ input_ids: { data: filledUp.ids, dims: [2, filledUp.length] } });
      const row = together.subarray(i * shape.classes, (i + 1) * shape.classes);
      for (let c = 0; c < shape.classes; c++) {
        expect(alone.logits.data[c]).toBeCloseTo(row[c], 4);
        expect(filled.logits.data[c]).toBeCloseTo(row[c], 4);
      }
    }
    await program.release();
  });

  /** Of each text: the plain logits, the peak of its branch of words, the logits behind a gate. */
  async function behindGate(gate: NoveltyGate) {
    const { shape, vocabulary, parameters } = student;
    const { byteLimit } = shape;
    const read = async (onnx: Uint8Array, classes: number, output: string) => {
      const program = await loadAnsweringProgram(onnx, { chips: [chip], classes, byteLimit, output });
      const values = await program.logits(texts);
      await program.release();
      return values;
    };
    const options = { temperature: 0.5, novelty: gate, metadata: {} };
    return {
      plain: await read(
        answeringModel(shape, vocabulary, parameters, { ...options, novelty: undefined }),
        3,
        'logits',
      ),
      peaks: await read(peakModel(shape, vocabulary, parameters), 1, 'peak'),
      gated: await read(answeringModel(shape, vocabulary, parameters, options), 3, 'logits'),
    };
  }

  test('a text that belongs to no label keeps its likeliest one and loses its certainty', async () => {
    const gate = { centre: 1.2, width: 0.05 };
    const { plain, peaks, gated } = await behindGate(gate);
    const [before, after] = [decideLabels(plain, task), decideLabels(gated, task)];
    expect(peaks.some((peak) => peak > 1.4) && peaks.some((peak) => peak < 1)).toBe(true);
    peaks.forEach((peak, i) => {
      const passed = 1 / (1 + Math.exp((gate.centre - peak) / gate.width));
      const belongs = 1e-3 + (1 - 1e-3 - 1e-6) * passed;
      const wanted = belongs * before[i].confidence + (1 - belongs) / 3;
      expect(after[i].confidence).toBeCloseTo(wanted, 4);
      // Where all labels are equally likely from the start but for rounding, any may come first.
      if (before[i].confidence > 1 / 3 + 0.01) expect(after[i].answer).toBe(before[i].answer);
    });
  });

  test('an open gate changes nothing', async () => {
    const { plain, gated } = await behindGate(fitNoveltyGate([]));
    const [before, after] = [decideLabels(plain, task), decideLabels(gated, task)];
    after.forEach(({ confidence }, i) => {
      expect(confidence).toBeCloseTo(before[i].confidence, 4);
    });
  });

  test('tables in fewer bits say nearly the same', async () => {
    const { shape, vocabulary, parameters } = student;
    const plain = await answeringLogits(student, 1);
    const spread = Math.max(...plain) - Math.min(...plain);
    for (const [storage, tolerance] of [
      ['full', 0.002],
      ['88', 0.02],
      ['84', 0.1],
      ['44', 0.2],
    ] as const) {
      const onnx = answeringModel(shape, vocabulary, parameters, { temperature: 1, storage, metadata: {} });
      const program = await loadAnsweringProgram(onnx, {
        chips: [chip],
        classes: shape.classes,
        byteLimit: shape.byteLimit,
      });
      expectClose(await program.logits(texts), plain, tolerance * spread);
      await program.release();
    }
  });

  test('the likeliest label and its softmax are the decision', () => {
    expect(decideLabels(Float32Array.of(0, Math.log(3), 0, 5, -5, 5), task)).toEqual([
      { answer: 'b', confidence: expect.closeTo(0.6, 6) },
      { answer: 'a', confidence: expect.closeTo(0.5, 4) },
    ]);
  });
});
