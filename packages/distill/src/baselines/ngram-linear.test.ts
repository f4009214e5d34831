import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inputText } from '../examples/input-text.ts';
import { readExamples } from '../examples/read-examples.ts';
import { majorityLabel } from './majority.ts';
import { trainAndPredict } from './ngram-linear.ts';
import { ngramLinearPredictions } from './ngram-linear-predictions.ts';

const data = process.env.KOLBEN_TEST_DATA;
const required = process.env.KOLBEN_TEST_REQUIRE === '1';

const toy = {
  trainTexts: [
    'buy cheap pills',
    'cheap pills now',
    'lunch at noon',
    'see you at lunch',
    'invoice due',
    'the invoice',
  ],
  trainLabels: ['spam', 'spam', 'ham', 'ham', 'bill', 'bill'],
  testTexts: ['cheap pill', 'late lunch', 'invoices', ''],
};

describe('majorityLabel', () => {
  it('is the commonest, and the first of equals', () => {
    expect(majorityLabel(['b', 'a', 'b'])).toBe('b');
    expect(majorityLabel(['b', 'a', 'c', 'a', 'b'])).toBe('a');
    expect(() => majorityLabel([])).toThrow(RangeError);
  });
});

describe('trainAndPredict', () => {
  it('generalises from how words are spelt', () => {
    expect(trainAndPredict(toy).slice(0, 3)).toEqual(['spam', 'ham', 'bill']);
  });

  it('agrees with itself on two labels, whichever comes first', () => {
    const two = { ...toy, trainTexts: toy.trainTexts.slice(0, 4), trainLabels: toy.trainLabels.slice(0, 4) };
    expect(trainAndPredict(two).slice(0, 2)).toEqual(['spam', 'ham']);
    const swapped = two.trainLabels.map((label) => (label === 'spam' ? 'ham' : 'spam'));
    expect(trainAndPredict({ ...two, trainLabels: swapped }).slice(0, 2)).toEqual(['ham', 'spam']);
  });

  it('has one answer where there is one label, and refuses what is no training set', () => {
    expect(trainAndPredict({ trainTexts: ['a'], trainLabels: ['x'], testTexts: ['b', 'c'] })).toEqual([
      'x',
      'x',
    ]);
    expect(() => trainAndPredict({ trainTexts: [], trainLabels: [], testTexts: [] })).toThrow(RangeError);
    expect(() => trainAndPredict({ trainTexts: ['a'], trainLabels: [], testTexts: [] })).toThrow(RangeError);
  });
});

describe('ngramLinearPredictions', () => {
  it('answers from a thread of its own what the same function answers here', async () => {
    expect(await ngramLinearPredictions({ ...toy, seed: 3 })).toEqual(trainAndPredict({ ...toy, seed: 3 }));
  });

  it('stops when told, at once or under way', async () => {
    await expect(ngramLinearPredictions({ ...toy, signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
    const controller = new AbortController();
    const many = Array.from({ length: 20_000 }, (_, i) => `text ${i} ${i * 7919} and ${i % 97} so on`);
    const running = ngramLinearPredictions({
      trainTexts: many,
      trainLabels: many.map((_, i) => `label ${i % 97}`),
      testTexts: many,
      signal: controller.signal,
    });
    setTimeout(() => controller.abort(), 50);
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('reports a fault of the input', async () => {
    await expect(ngramLinearPredictions({ ...toy, trainLabels: [] })).rejects.toThrow('no training set');
  });
});

describe('on real data', () => {
  const sets = [
    // Agreement of scikit-learn's TfidfVectorizer and LinearSVC on the same files.
    { name: 'banking77', published: 0.912 },
    { name: 'massive_de', published: 0.854 },
  ];
  const present = data !== undefined && sets.every(({ name }) => existsSync(join(data, name)));
  it.runIf(required)('has its data (KOLBEN_TEST_DATA)', () => expect(present).toBe(true));

  describe.skipIf(!present)('(needs KOLBEN_TEST_DATA)', () => {
    it.each(sets)('agrees on $name as often as published', async ({ name, published }) => {
      const load = async (file: string) => {
        const texts: string[] = [];
        const labels: string[] = [];
        for await (const example of readExamples(join(data!, name, file))) {
          texts.push(inputText(example.messages));
          labels.push(example.answer!);
        }
        return { texts, labels };
      };
      const train = await load('train.jsonl');
      const test = await load('test.jsonl');
      const predicted = await ngramLinearPredictions({
        trainTexts: train.texts,
        trainLabels: train.labels,
        testTexts: test.texts,
      });
      const right = predicted.filter((label, i) => label === test.labels[i]).length;
      expect(Math.abs(right / predicted.length - published)).toBeLessThan(0.003);
    });
  });
});
