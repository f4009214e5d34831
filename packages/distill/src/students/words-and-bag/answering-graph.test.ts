import { type Chip, emitProgram, nn, ops, startChip, type TensorData, type Value } from '@kolben/engine';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decideLabels } from '../decide-labels.ts';
import type { ClassifyTask } from '../task.ts';
import { knownTexts, randomModel } from '../testing/random-student.ts';
import { answeringModel, knownModel } from './answering-graph.ts';
import { loadAnsweringProgram } from './answering-program.ts';
import { keepAll, microbatch, prepareTexts } from './batches.ts';
import type { WordsAndBag } from './model.ts';
import { textBytes } from './normalize-text.ts';
import { spellTexts, stack } from './spell-texts.ts';
import { buckets } from './spelling.ts';
import { trainingLoss } from './training-graph.ts';
import { bagFeatures, noRow } from './vocabulary.ts';

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

  /** Of each text: the plain logits, how much of it is known, and the logits scaled by that. */
  async function byKnown(usuallyKnown: number) {
    const { shape, vocabulary, parameters } = student;
    const read = async (onnx: Uint8Array, classes: number, output: string) => {
      const program = await loadAnsweringProgram(onnx, {
        ...{ chips: [chip], classes, byteLimit: shape.byteLimit, output },
      });
      const values = await program.logits(texts);
      await program.release();
      return values;
    };
    const options = { temperature: 0.5, metadata: {} };
    return {
      plain: await read(answeringModel(shape, vocabulary, parameters, options), 3, 'logits'),
      known: await read(knownModel(shape, vocabulary, parameters), 1, 'known'),
      scaled: await read(
        answeringModel(shape, vocabulary, parameters, { ...options, usuallyKnown }),
        3,
        'logits',
      ),
    };
  }

  test('a text of which less is known than usually keeps its likeliest label and is as much less sure', async () => {
    const { plain, known, scaled } = await byKnown(0.7);
    expect(known.some((share) => share > 0.7) && known.some((share) => share > 0 && share < 0.4)).toBe(true);
    known.forEach((share, i) => {
      const factor = 0.01 + 0.99 * Math.min(1, share / 0.7);
      for (let c = 0; c < 3; c++) expect(scaled[3 * i + c]).toBeCloseTo(factor * plain[3 * i + c], 4);
    });
    const [before, after] = [decideLabels(plain, task), decideLabels(scaled, task)];
    expect(after.map(({ answer }) => answer)).toEqual(before.map(({ answer }) => answer));
  });

  test('what is known of a text is the share of its TF-IDF that lies on features with a vector', async () => {
    const { vocabulary, shape } = student;
    const { known } = await byKnown(1);
    const spelled = await spellTexts(texts, { chips: [chip], byteLimit: shape.byteLimit });
    const rarest = Math.max(...vocabulary.idf);
    const shares = spelled.texts.map((text) => {
      let [has, lacks] = [0, 0];
      for (const [bucket, count] of bagFeatures(text, spelled.types)) {
        if (bucket === buckets) continue;
        const row = vocabulary.bagRows[bucket];
        if (row === noRow) lacks += rarest * count;
        else has += vocabulary.idf[row] * (1 + Math.log(count));
      }
      return has + lacks === 0 ? 0 : has / (has + lacks);
    });
    known.forEach((share, i) => {
      expect(share).toBeCloseTo(shares[i], 4);
    });
    expect(Math.max(...shares)).toBeGreaterThan(0.8);
    expect(Math.min(...shares)).toBeLessThan(0.3);
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
