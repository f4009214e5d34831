import { randomStream, shuffle, uniform } from '@kolben/engine';
import type { Example } from '@kolben/store';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Dataset, SPLITS } from './dataset.ts';
import { DatasetError } from './dataset-error.ts';
import { type FreezeDatasetOptions, freezeDataset } from './freeze-dataset.ts';
import { normaliseText } from './normalise.ts';
import { similarity, sketch } from './sketch.ts';
import { MINIMUM_EXAMPLES } from './usable.ts';

function example(text: string, answer: string | undefined, more: Partial<Example> = {}): Example {
  return {
    messages: [
      { role: 'system', content: 'Choose.' },
      { role: 'user', content: text },
    ],
    answer,
    extra: {},
    ...more,
  };
}

/** Different sentences, each with one of the labels. */
function distinct(count: number, labels = ['a', 'b', 'c'], seed = 1): Example[] {
  const stream = randomStream(seed);
  const word = () =>
    Array.from({ length: 7 }, () => 'abcdefghijklmnopqrst'[Math.floor(uniform(stream) * 20)]).join('');
  return Array.from({ length: count }, (_, i) =>
    example(Array.from({ length: 6 }, word).join(' '), labels[i % labels.length]),
  );
}

const all = (dataset: Dataset) => SPLITS.flatMap((split) => dataset.splits[split]);
const texts = (dataset: Dataset) => all(dataset).map((one) => one.text);
const splitOf = (dataset: Dataset, text: string) =>
  SPLITS.find((split) => dataset.splits[split].some((one) => one.text === text));

async function failure(
  examples: Example[],
  options: Partial<FreezeDatasetOptions> = {},
): Promise<DatasetError> {
  const error = await freezeDataset(examples, { seed: 0, source: 'mails.jsonl', ...options }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DatasetError);
  const failed = error as DatasetError;
  expect(failed.message).toMatch(/^mails\.jsonl: [^\n]*[^.]\.$/);
  return failed;
}

describe('freezeDataset', () => {
  it('accounts for every example, keeps every input once, and keeps to its promises', async () => {
    const source = fc.array(
      fc.record({
        text: fc.integer({ min: 0, max: 149 }),
        variant: fc.constantFrom(
          (t: string) => t,
          (t: string) => ` ${t.replaceAll(' ', '\n ')} `,
          (t: string) => t.replace('a', 'ａ'),
        ),
        answer: fc.constantFrom('x', 'x', 'x', 'y', ' x ', undefined),
        conversation: fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined, freq: 3 }),
      }),
      { minLength: 250, maxLength: 400, size: 'max' },
    );
    const base = distinct(150).map((one) => one.messages[1]!.content);
    await fc.assert(
      fc.asyncProperty(source, fc.nat(100), async (drafts, seed) => {
        const examples = drafts.map(({ text, variant, answer, conversation }) =>
          example(
            variant(base[text]!),
            answer,
            conversation === undefined ? {} : { conversation: `c${conversation}` },
          ),
        );
        const dataset = await freezeDataset(examples, { seed });
        const { counts } = dataset;

        expect(counts.read).toBe(examples.length);
        expect(counts.n + counts.unlabelled + counts.duplicatesRemoved + counts.contradicting).toBe(
          counts.read,
        );
        expect(SPLITS.reduce((sum, split) => sum + counts[split], 0)).toBe(counts.n);
        for (const split of SPLITS) expect(counts[split]).toBe(dataset.splits[split].length);

        const seen = texts(dataset).map(normaliseText);
        expect(new Set(seen).size).toBe(seen.length);
        const sums = new Map<string, Map<string, number>>();
        for (const one of examples) {
          if (one.answer === undefined) continue;
          const key = normaliseText(one.messages[1]!.content);
          const answers = sums.get(key) ?? new Map<string, number>();
          sums.set(key, answers.set(one.answer.trim(), (answers.get(one.answer.trim()) ?? 0) + 1));
        }
        for (const one of all(dataset)) {
          const answers = sums.get(normaliseText(one.text))!;
          expect(answers.get(one.answer)).toBe(one.count);
          for (const [answer, count] of answers)
            if (answer !== one.answer) expect(count).toBeLessThan(one.count);
        }
        expect(counts.conflicts).toBe([...sums.values()].filter((answers) => answers.size > 1).length);

        // One conversation, one split.
        const sides = new Map<string, Set<string>>();
        const where = new Map(
          SPLITS.flatMap((split) => dataset.splits[split].map((one) => [normaliseText(one.text), split])),
        );
        for (const one of examples) {
          const split = where.get(normaliseText(one.messages[1]!.content));
          if (one.conversation === undefined || one.answer === undefined || split === undefined) continue;
          sides.set(one.conversation, (sides.get(one.conversation) ?? new Set()).add(split));
        }
        for (const splits of sides.values()) expect(splits.size).toBe(1);
      }),
      { seed: 1, numRuns: 40 },
    );
  });

  it('is the same dataset for the same examples and seed, in whatever order they come', async () => {
    const examples = [
      ...distinct(300),
      ...distinct(40).map((one) => example(`  ${one.messages[1]!.content}`, one.answer)),
      ...distinct(20).map((one) => example(one.messages[1]!.content, 'b')),
    ];
    const dataset = await freezeDataset(examples, { seed: 3 });
    const shuffled = await freezeDataset(shuffle([...examples], randomStream(9)), { seed: 3 });
    expect(shuffled).toEqual(dataset);
    const other = await freezeDataset(examples, { seed: 4 });
    expect(other.digest).not.toBe(dataset.digest);
    expect(texts(other).sort()).toEqual(texts(dataset).sort());
    expect(texts(other)).not.toEqual(texts(dataset));
  });

  it('has a digest that covers every text, answer and split', async () => {
    const examples = distinct(200);
    const { digest } = await freezeDataset(examples, { seed: 0 });
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    const [first, ...rest] = examples;
    const digests = await Promise.all(
      [
        [example(first!.messages[1]!.content, 'b'), ...rest],
        [example(`${first!.messages[1]!.content}!`, 'a'), ...rest],
        [first!, first!, ...rest],
        rest,
      ].map(async (changed) => (await freezeDataset(changed, { seed: 0 })).digest),
    );
    expect(new Set([digest, ...digests]).size).toBe(5);
  });

  it('keeps near duplicates on one side', async () => {
    const copies = distinct(300).flatMap((one, i) => {
      const text = one.messages[1]!.content;
      return i % 3 === 0 ? [one, example(`${text}!`, one.answer), example(`Hi ${text}`, one.answer)] : [one];
    });
    const dataset = await freezeDataset(copies, { seed: 2 });
    expect(dataset.counts.n).toBe(500);
    expect(dataset.counts.nearDuplicates).toBe(300);
    const places = SPLITS.flatMap((split) =>
      dataset.splits[split].map((one) => ({ split, hashes: sketch(one.text.toLowerCase()) })),
    );
    for (const [i, one] of places.entries()) {
      for (const other of places.slice(0, i)) {
        if (similarity(one.hashes, other.hashes) >= 0.8) expect(other.split).toBe(one.split);
      }
    }
    // Not only in train: groups are dealt out like single examples.
    for (const split of ['calibration', 'tune'] as const) {
      expect(dataset.splits[split].some((one) => one.text.endsWith('!'))).toBe(true);
    }
  });

  it('keeps the majority’s answer, drops ties, and reports contradictions', async () => {
    const examples = [
      ...distinct(100),
      example('Close  my account', 'a'),
      example('Close my account', 'b'),
      example('close my account', 'c'),
      example(' Close my account', 'b'),
      example('Order a new card', 'a'),
      example('Order a new card', 'b'),
    ];
    const dataset = await freezeDataset(examples, { seed: 0 });
    expect(all(dataset).find((one) => normaliseText(one.text) === 'Close my account')).toMatchObject({
      answer: 'b',
      count: 2,
    });
    expect(texts(dataset)).not.toContain('Order a new card');
    expect(dataset.counts).toMatchObject({ n: 102, conflicts: 2, duplicatesRemoved: 1, contradicting: 3 });
    expect(dataset.conflicts).toContainEqual({
      text: ' Close my account',
      answers: [
        { answer: 'b', count: 2 },
        { answer: 'a', count: 1 },
      ],
      kept: 'b',
    });
    expect(dataset.conflicts).toContainEqual({
      text: 'Order a new card',
      answers: [
        { answer: 'a', count: 1 },
        { answer: 'b', count: 1 },
      ],
      kept: null,
    });
    // Of three pairs of answers one agrees, and of the other input's one pair none does.
    expect(dataset.selfAgreement).toEqual({ inputs: 2, agreement: (1 / 3 + 0) / 2 });
    expect(dataset.warnings.join('\n')).toContain('2 inputs were answered in different ways');
  });

  it('tells what it left out and what it could not split', async () => {
    const lone = distinct(3, ['rare 1', 'rare 2', 'rare 3'], 7);
    const unanswered = distinct(5, undefined, 8).map((one) => ({ ...one, answer: undefined }));
    const dataset = await freezeDataset([...distinct(200), ...lone, ...unanswered], { seed: 0 });
    expect(dataset.counts).toMatchObject({ read: 208, unlabelled: 5, n: 203 });
    expect(dataset.labels).toEqual(['a', 'b', 'c', 'rare 1', 'rare 2', 'rare 3']);
    expect(dataset.warnings).toEqual([
      '5 of 208 examples have no answer and were left out.',
      expect.stringMatching(/^3 labels occur only once .* rare 1, rare 2, rare 3\.$/),
    ]);
    for (const one of lone) expect(splitOf(dataset, one.messages[1]!.content)).toBe('train');
    expect((await freezeDataset(distinct(200), { seed: 0 })).warnings).toEqual([]);
  });

  it('says so when much of it hangs together', async () => {
    const chat = distinct(60, ['a', 'b'], 5).map((one) => ({ ...one, conversation: 'long' }));
    const dataset = await freezeDataset([...distinct(200), ...chat], { seed: 0 });
    expect(dataset.warnings).toEqual([expect.stringContaining('60 of 260 examples hang together')]);
    expect(new Set(chat.map((one) => splitOf(dataset, one.messages[1]!.content)))).toEqual(
      new Set(['train']),
    );
  });

  describe('by time', () => {
    const day = 24 * 60 * 60 * 1000;
    const dated = (step: number, labels?: string[]) =>
      distinct(500, labels).map((one, i) => ({ ...one, at: new Date(Date.UTC(2026, 0, 1) + i * step) }));

    it('trains on the older examples where times span days', async () => {
      const dataset = await freezeDataset(shuffle(dated(day / 20), randomStream(1)), { seed: 0 });
      expect(dataset.splitBy).toBe('time');
      const newest = Math.max(...dataset.splits.train.map((one) => one.at!.getTime()));
      for (const split of ['validation', 'tune', 'calibration', 'test'] as const) {
        for (const one of dataset.splits[split]) expect(one.at!.getTime()).toBeGreaterThan(newest);
      }
    });

    it('splits at random where times are missing, meaningless, or not wanted', async () => {
      const missing = dated(day / 20).map((one, i) =>
        i === 250 ? example(one.messages[1]!.content, one.answer) : one,
      );
      expect((await freezeDataset(missing, { seed: 0 })).splitBy).toBe('random');
      expect((await freezeDataset(dated(1000), { seed: 0 })).splitBy).toBe('random');
      expect((await freezeDataset(dated(day / 20), { seed: 0, splitBy: 'random' })).splitBy).toBe('random');
    });

    it('warns of labels that train is too old for', async () => {
      const examples = dated(day / 20).map((one, i) => (i >= 480 ? { ...one, answer: 'new' } : one));
      const dataset = await freezeDataset(examples, { seed: 0 });
      expect(dataset.labels).toEqual(['a', 'b', 'c']);
      expect(dataset.warnings).toEqual([
        expect.stringMatching(/^1 labels occur only in newer.*20 examples: new\.$/),
      ]);
    });
  });
});

describe('freezeDataset, on what cannot be learnt from, names the source and the remedy', () => {
  it('no examples, or none with an answer', async () => {
    expect(await failure([])).toMatchObject({ code: 'dataset_unlabelled' });
    const error = await failure(distinct(80).map((one) => ({ ...one, answer: undefined })));
    expect(error).toMatchObject({ code: 'dataset_unlabelled' });
    expect(error.message).toContain('none of the 80');
    expect(await failure([example('a', '  ')])).toMatchObject({ code: 'dataset_unlabelled' });
  });

  it('ten examples in all, or ten that differ', async () => {
    const error = await failure(distinct(10));
    expect(error).toMatchObject({ code: 'dataset_too_small' });
    expect(error.message).toContain(`${MINIMUM_EXAMPLES}`);
    const repeated = await failure(Array.from({ length: 30 }, () => distinct(10)).flat());
    expect(repeated).toMatchObject({ code: 'dataset_too_small' });
    expect(repeated.message).toContain('290 more repeat');
    expect((await freezeDataset(distinct(MINIMUM_EXAMPLES), { seed: 0 })).counts.n).toBe(MINIMUM_EXAMPLES);
    expect(await failure(distinct(MINIMUM_EXAMPLES - 1))).toMatchObject({ code: 'dataset_too_small' });
  });

  it('one label only', async () => {
    expect(await failure(distinct(100, ['spam']))).toMatchObject({ code: 'dataset_one_label' });
    expect(await failure(distinct(100, ['spam', ' spam', 'spam\n']))).toMatchObject({
      code: 'dataset_one_label',
    });
  });

  it('free text instead of labels', async () => {
    const labels = (n: number) => Array.from({ length: n }, (_, i) => `answer ${i}`);
    const error = await failure(distinct(400, labels(101)), { kind: 'classify' });
    expect(error).toMatchObject({ code: 'dataset_free_text' });
    expect(error.message).toContain('101 different answers');
    expect((await freezeDataset(distinct(400, labels(100)), { seed: 0 })).labels).toHaveLength(100);
    // Few answers are labels, however few inputs there are.
    expect((await freezeDataset(distinct(60, labels(20)), { seed: 0 })).labels).toHaveLength(20);
  });

  it('fractions that do not add up', async () => {
    const fractions = { train: 0.9, validation: 0.1, tune: 0.1, calibration: 0.1, test: 0.1 };
    await expect(freezeDataset(distinct(100), { seed: 0, fractions })).rejects.toMatchObject({
      code: 'dataset_fractions',
    });
  });

  it('passes on what the source throws, and stops when told', async () => {
    async function* broken() {
      yield* distinct(3);
      throw new Error('disk gone');
    }
    await expect(freezeDataset(broken(), { seed: 0 })).rejects.toThrow('disk gone');
    await expect(
      freezeDataset(distinct(100), { seed: 0, signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({
      name: 'AbortError',
    });
  });
});

describe('freezeDataset, of examples that were chosen', () => {
  const chosen = (one: Example): Example => ({ ...one, extra: { drawn: 'chosen' } });
  const random = (one: Example): Example => ({ ...one, extra: { drawn: 'random' } });
  const text = (one: Example) => one.messages[1]!.content;
  const near = (one: Example) => example(`${text(one)} again`, one.answer);

  it('lets none of them judge, whatever they are like and however many there are', async () => {
    const conversations = fc.array(fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined, freq: 6 }), {
      minLength: 400,
      maxLength: 400,
    });
    const base = distinct(400);
    await fc.assert(
      fc.asyncProperty(
        conversations,
        fc.integer({ min: 1, max: 300 }),
        fc.nat(100),
        async (said, many, seed) => {
          const examples = base.map((one, i) => {
            const conversation = said[i] === undefined ? {} : { conversation: `c${said[i]}` };
            return { ...(i < many ? chosen(one) : random(one)), ...conversation };
          });
          const dataset = await freezeDataset(examples, { seed });
          const picked = new Set(examples.slice(0, many).map(text));
          const told = new Set(examples.slice(0, many).flatMap((one) => one.conversation ?? []));
          const kept = new Map(examples.map((one) => [text(one), one.conversation]));
          for (const split of SPLITS) {
            if (split === 'train') continue;
            for (const one of dataset.splits[split]) {
              expect(picked.has(one.text)).toBe(false);
              const conversation = kept.get(one.text);
              expect(conversation !== undefined && told.has(conversation)).toBe(false);
            }
          }
          expect(dataset.counts.n).toBe(400);
        },
      ),
      { seed: 1, numRuns: 25 },
    );
  });

  it('gives the splits that judge their full size, of the random ones', async () => {
    const base = distinct(1000);
    const plain = await freezeDataset(base, { seed: 0 });
    const judging = 1000 - plain.counts.train;
    const dataset = await freezeDataset(
      base.map((one, i) => (i < judging ? random(one) : chosen(one))),
      { seed: 0 },
    );
    expect(dataset.counts).toMatchObject({ ...plain.counts, conflicts: 0 });
    const lot = new Set(base.slice(0, judging).map(text));
    for (const split of ['validation', 'tune', 'calibration', 'test'] as const)
      for (const one of dataset.splits[split]) expect(lot.has(one.text)).toBe(true);
    expect(dataset.warnings).toEqual([]);
  });

  it('lets random near duplicates of them join them, and says so', async () => {
    const base = distinct(300);
    const twins = base.slice(0, 20).map(near);
    const dataset = await freezeDataset(
      [...base.slice(0, 150).map(chosen), ...base.slice(150).map(random), ...twins.map(random)],
      { seed: 0 },
    );
    for (const twin of twins) expect(splitOf(dataset, text(twin))).toBe('train');
    expect(dataset.warnings.join()).toContain('20 examples drawn at random are nearly the same');
  });

  it('leaves out those that are like what the parent judges by, and keeps what the parent has', async () => {
    const base = distinct(400);
    const parent = await freezeDataset(base.slice(0, 300), { seed: 0 });
    const judge = base.find((one) => splitOf(parent, text(one)) === 'calibration')!;
    const taught = base.find((one) => splitOf(parent, text(one)) === 'train')!;
    const dataset = await freezeDataset(
      [chosen(near(judge)), chosen(near(taught)), chosen(judge), ...base.slice(300).map(chosen)],
      { seed: 0, parent },
    );
    expect(splitOf(dataset, text(near(judge)))).toBeUndefined();
    expect(splitOf(dataset, text(near(taught)))).toBe('train');
    expect(splitOf(dataset, text(judge))).toBe('calibration');
    expect(dataset.counts.n).toBe(401);
    expect(dataset.warnings.join()).toContain('1 chosen examples were left out');
  });

  it('needs others beside them', async () => {
    const error = await failure(distinct(100).map(chosen));
    expect(error.code).toBe('dataset_chosen');
    expect(error.message).toContain('drawn at random');
  });
});
