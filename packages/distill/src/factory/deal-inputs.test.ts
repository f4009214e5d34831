import { randomStream, uniform } from '@kolben/engine';
import type { Example } from '@kolben/store';
import { describe, expect, it } from 'vitest';
import { SPLITS } from '../datasets/dataset.ts';
import { freezeDataset } from '../datasets/freeze-dataset.ts';
import { normaliseText } from '../datasets/normalise.ts';
import { parcelExamples } from '../testing/parcel-examples.ts';
import { askingOrder, dealInputs } from './deal-inputs.ts';

const open = (examples: readonly Example[]) => examples.map((example) => ({ ...example, answer: undefined }));
const words = 'alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november'.split(
  ' ',
);
const draw = randomStream(7, 'texts');
/** Texts that are not nearly the same. */
const distinct = (n: number): Example[] =>
  Array.from({ length: n }, (_, i) => {
    const content = Array.from({ length: 9 }, () => words[Math.floor(14 * uniform(draw))]).join(' ');
    return { messages: [{ role: 'user', content: `${content} ${i}` }], answer: undefined, extra: {} };
  });

describe('dealing inputs out', () => {
  it('asks each text once, keeps its likes on its side, and fills every split', async () => {
    const examples = [...distinct(400), ...distinct(20), ...open(parcelExamples(80))];
    const { inputs, splitOf } = await dealInputs(examples, { seed: 3 });
    const texts = new Set(examples.map(({ messages }) => normaliseText(messages[0]!.content)));
    expect(inputs).toHaveLength(texts.size);
    const counts = SPLITS.map((split) => inputs.filter((input) => input.split === split).length);
    expect(counts.every((n) => n > 0)).toBe(true);
    expect(counts[0]!).toBeGreaterThan(inputs.length / 2);
    for (const { text, split } of inputs) expect(splitOf(`  ${text}\n`)).toBe(split);
    // What is frozen afterwards finds the same groups, and none of them torn apart.
    const labelled = examples.map((example, i) => ({ ...example, answer: i % 3 ? 'a' : 'b' }));
    const dataset = await freezeDataset(labelled, { seed: 3, splitOf });
    for (const split of SPLITS)
      for (const { text } of dataset.splits[split]) expect(splitOf(text)).toBe(split);
  });

  it('does not depend on the order of the inputs, and on the seed alone', async () => {
    const examples = distinct(200);
    const dealt = async (given: readonly Example[], seed: number) =>
      (await dealInputs(given, { seed })).inputs.map(({ text, split }) => `${split} ${text}`);
    expect(await dealt([...examples].reverse(), 1)).toEqual(await dealt(examples, 1));
    expect(await dealt(examples, 2)).not.toEqual(await dealt(examples, 1));
  });

  it('redacts by the patterns that are given, and what is the same without them is one', async () => {
    const numbered = distinct(60).flatMap(({ messages, ...rest }, i) =>
      [1, 2].map((n) => ({
        ...rest,
        messages: [{ role: 'user', content: `${messages[0]!.content} of C-${10_000_000 + 2 * i + n}` }],
      })),
    );
    const patterns = [{ name: 'customer', pattern: /C-\d{8}/ }];
    const { inputs, examples } = await dealInputs(numbered, { seed: 1, redact: { patterns } });
    expect(examples).toHaveLength(120);
    expect(inputs).toHaveLength(60);
    for (const { text } of inputs) expect(text).not.toMatch(/C-\d/);
    expect((await dealInputs(numbered, { seed: 1 })).inputs).toHaveLength(120);
  });

  it('a conversation stays together', async () => {
    const examples = distinct(300).map((example, i) => ({ ...example, conversation: String(i >> 2) }));
    const { inputs } = await dealInputs(examples, { seed: 1 });
    const splits = new Map<string, Set<string>>();
    for (const { example, split } of inputs)
      splits.set(example.conversation!, (splits.get(example.conversation!) ?? new Set()).add(split));
    expect([...splits.values()].every((all) => all.size === 1)).toBe(true);
  });

  it('time decides where there are times', async () => {
    const examples = distinct(300).map((example, i) => ({ ...example, at: new Date(i * 3_600_000) }));
    const { inputs } = await dealInputs(examples, { seed: 1 });
    const latest = (wanted: (split: string) => boolean) =>
      inputs.filter(({ split }) => wanted(split)).map(({ example }) => example.at!.getTime());
    expect(Math.max(...latest((split) => split === 'train'))).toBeLessThan(
      Math.min(...latest((split) => split !== 'train')),
    );
  });

  it('an answered example of a text goes before one without', async () => {
    const [first] = distinct(1);
    const { inputs } = await dealInputs([first!, { ...first!, answer: 'known' }, ...distinct(60)], {
      seed: 0,
    });
    expect(inputs.filter(({ example }) => example.answer === 'known')).toHaveLength(1);
  });

  it('asks what training begins with first, and under a cap all splits alike', async () => {
    const { inputs } = await dealInputs(distinct(400), { seed: 0 });
    const order = askingOrder(inputs, { first: 50, capped: false });
    expect(new Set(order)).toEqual(new Set(inputs));
    expect(order.slice(0, 50).every(({ split }) => split === 'train')).toBe(true);
    expect(order[50]!.split).toBe('validation');
    expect(order.at(-1)!.split).toBe('test');
    expect(askingOrder(inputs, { first: 50, capped: true })).toEqual(inputs);
  });
});
