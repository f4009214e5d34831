import { randomStream, shuffle, uniform } from '@kolben/engine';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseInputs, FIRST_ROUND } from './choose-inputs.ts';

/** Texts about topics, the first of which are common; each topic has words of its own beside words of all. */
function pool(sizes: readonly number[], seed: number): { texts: string[]; topics: number[] } {
  const stream = randomStream(seed);
  const pick = (n: number) => Math.floor(uniform(stream) * n);
  const word = () => Array.from({ length: 5 }, () => 'abcdefghijklmnopqrstuvwxyz'[pick(26)]).join('');
  const common = Array.from({ length: 60 }, word);
  const items = sizes.flatMap((size, topic) => {
    const own = Array.from({ length: 8 }, word);
    return Array.from({ length: size }, () => ({
      topic,
      text: Array.from({ length: 9 }, (_, i) => (i % 3 === 0 ? own[pick(8)] : common[pick(60)])).join(' '),
    }));
  });
  shuffle(items, stream);
  return { texts: items.map(({ text }) => text), topics: items.map(({ topic }) => topic) };
}

/** A few common topics and many rare ones. */
const uneven = [...Array.from({ length: 4 }, () => 300), ...Array.from({ length: 40 }, () => 4)];

const answering = (topics: readonly number[]) => async (indices: readonly number[]) =>
  indices.map((index) => `topic ${topics[index]}`);

describe('chooseInputs', () => {
  it('chooses as many as it may, each once, and has each answered once, whatever the answers are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('a', 'b', 'ab cd', 'where is my card', 'where is my card now', ''), {
          maxLength: 40,
        }),
        fc.nat(50),
        fc.nat(),
        fc.constantFrom('one', 'each', 'none', 'two'),
        async (texts, budget, seed, kind) => {
          const asked: number[] = [];
          const chosen = await chooseInputs({
            texts,
            budget,
            seed,
            async ask(indices) {
              asked.push(...indices);
              return indices.map((index) =>
                kind === 'none'
                  ? undefined
                  : kind === 'one'
                    ? 'x'
                    : kind === 'two'
                      ? `${index % 2}`
                      : `${index}`,
              );
            },
          });
          expect(chosen).toHaveLength(Math.min(budget, texts.length));
          expect(new Set(chosen).size).toBe(chosen.length);
          for (const index of chosen) expect(texts[index]).toBeDefined();
          expect(asked).toEqual(chosen);
        },
      ),
      { seed: 1, numRuns: 100 },
    );
  });

  it('goes on from a smaller budget, depends on the seed, and on nothing else', async () => {
    const { texts, topics } = pool([...Array.from({ length: 4 }, () => 100), 4, 4, 4, 4], 1);
    const choose = (budget: number, seed = 0) =>
      chooseInputs({ texts, budget, seed, ask: answering(topics) });
    const large = await choose(400);
    for (const budget of [1, FIRST_ROUND, FIRST_ROUND + 1])
      expect(await choose(budget)).toEqual(large.slice(0, budget));
    expect(await choose(400)).toEqual(large);
    expect(await choose(400, 1)).not.toEqual(large);
  });

  it('comes upon more of the rare topics than chance does, before there are answers and after', async () => {
    const met = { cover: 0, coverByChance: 0, all: 0, allByChance: 0 };
    const distinct = (topics: readonly number[], indices: readonly number[]) =>
      new Set(indices.map((index) => topics[index])).size;
    for (const seed of [1, 2, 3]) {
      const { texts, topics } = pool(uneven, seed);
      const chosen = await chooseInputs({ texts, budget: 400, seed, ask: answering(topics) });
      const lot = shuffle([...texts.keys()], randomStream(seed, 'lot'));
      met.cover += distinct(topics, chosen.slice(0, 100));
      met.coverByChance += distinct(topics, lot.slice(0, 100));
      // Rare examples found, the fifth topic on being rare.
      met.all += chosen.filter((index) => topics[index]! >= 4).length;
      met.allByChance += lot.slice(0, 400).filter((index) => topics[index]! >= 4).length;
    }
    expect(met.cover).toBeGreaterThan(1.1 * met.coverByChance);
    expect(met.all).toBeGreaterThan(1.5 * met.allByChance);
  });

  it('asks for one of near duplicates as long as there is anything else', async () => {
    const { texts, topics } = pool([60, 60], 4);
    const body = 'Your order has been received and will be sent to the address that you gave us, thank you';
    const copies = Array.from({ length: 100 }, (_, i) => `${body} ${i}`);
    const all = [...copies, ...texts];
    const ask = async (indices: readonly number[]) =>
      indices.map((index) => (index < 100 ? 'order' : `topic ${topics[index - 100]}`));
    const chosen = await chooseInputs({ texts: all, budget: 121, seed: 0, ask });
    expect(chosen.filter((index) => index < 100)).toHaveLength(1);
    expect(await chooseInputs({ texts: all, budget: 220, seed: 0, ask })).toHaveLength(220);
  });

  it('ends with what was asked where answers are missing', async () => {
    const { texts, topics } = pool(uneven, 1);
    const rounds: number[][] = [];
    const chosen = await chooseInputs({
      texts,
      budget: 700,
      seed: 0,
      async ask(indices) {
        rounds.push([...indices]);
        return rounds.length < 2 ? answering(topics)(indices) : undefined;
      },
    });
    expect(rounds).toHaveLength(2);
    expect(chosen).toEqual(rounds.flat());
  });

  it('stops when told, also while it compares', async () => {
    const { texts, topics } = pool(uneven, 1);
    for (const phase of ['compare', 'cover', 'doubt'] as const) {
      const controller = new AbortController();
      const choosing = chooseInputs({
        texts,
        budget: 500,
        seed: 0,
        ask: answering(topics),
        signal: controller.signal,
        onProgress: (progress) => {
          if (progress.phase === phase) controller.abort();
        },
      });
      await expect(choosing).rejects.toMatchObject({ name: 'AbortError' });
    }
  });

  it('takes no budget that is none', async () => {
    for (const budget of [-1, 1.5, Number.NaN])
      await expect(chooseInputs({ texts: ['a'], budget, seed: 0, ask: answering([0]) })).rejects.toThrow(
        RangeError,
      );
  });
});
