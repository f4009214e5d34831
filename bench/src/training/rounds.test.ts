import { expect, test } from 'vitest';
import { type Entry, firstSteps, measureRounds, rounds, warmUpRounds } from './rounds.ts';
import { atLeast, atMost, fastest, ratio, speedOf } from './verdicts.ts';

const options = { progress: () => {}, signal: new AbortController().signal };

/** Takes `seconds(n)` for its n-th turn. */
function entry(
  name: string,
  seconds: (turn: number) => number,
  { losses = [8, 7, 6], members = 1, order = [] as string[] } = {},
): Entry {
  const turns = Array.from({ length: members }, () => 0);
  return {
    name,
    steps: 2,
    comparable: true,
    members: turns.map((_, member) => ({
      step: async () => {
        order.push(name);
        return { seconds: seconds(turns[member]++), losses };
      },
    })),
  };
}

test('everybody has a turn in every round, and what comes before the rounds does not count', async () => {
  const order: string[] = [];
  const [a, b] = await measureRounds(
    [entry('a', (turn) => (turn <= warmUpRounds ? 100 : 2), { order }), entry('b', () => 4, { order })],
    options,
  );
  expect(order).toEqual(Array.from({ length: 1 + warmUpRounds + rounds }, () => ['a', 'b']).flat());
  expect(a.turns).toEqual(Array.from({ length: rounds }, () => [{ seconds: 2, losses: [8, 7, 6] }]));
  expect(ratio(a, b, 10).median).toBe(2);
  expect(fastest([b, a], 10)).toBe(a);
  expect(speedOf(a, 10)).toEqual({
    name: 'a',
    stepMilliseconds: { median: 1000, lowerQuartile: 1000, upperQuartile: 1000 },
    tokensPerSecond: { median: 10, lowerQuartile: 10, upperQuartile: 10 },
  });
});

test('ratios are taken round by round, so that a machine that slows down does not count', async () => {
  const [a, b] = await measureRounds(
    [entry('a', (turn) => turn + 1), entry('b', (turn) => 3 * (turn + 1))],
    options,
  );
  expect(ratio(a, b, 1)).toEqual({ median: 3, lowerQuartile: 3, upperQuartile: 3 });
});

test('processes that work at the same time add up', async () => {
  const [pair] = await measureRounds([entry('pair', () => 1, { members: 2 })], options);
  // Two steps of five tokens in a second, twice.
  expect(speedOf(pair, 10).tokensPerSecond.median).toBe(20);
});

test('who has other losses is not measured', async () => {
  const other = entry('other', () => 1, { losses: [8, 7, 6.1] });
  await expect(measureRounds([entry('one', () => 1), other], options)).rejects.toThrow(
    'From the same weights and batches, "one" has the loss 6 in step 2 and "other" 6.1',
  );
  const close = entry('close', () => 1, { losses: [8, 7, 6 + 1e-6] });
  expect(await measureRounds([entry('one', () => 1), close], options)).toHaveLength(2);
  expect(firstSteps).toBe(3);
});

test('a stopped bench ends between turns', async () => {
  const enough = new AbortController();
  const stopping = entry('stopping', (turn) => {
    if (turn === 2) enough.abort(new Error('enough'));
    return 1;
  });
  await expect(measureRounds([stopping], { ...options, signal: enough.signal })).rejects.toThrow('enough');
});

test('a promise is held to its median', () => {
  const spread = { median: 1.2, lowerQuartile: 1, upperQuartile: 2 };
  expect(atLeast('speed', 1.2, spread).isMet).toBe(true);
  expect(atLeast('speed', 1.21, spread).isMet).toBe(false);
  expect(atMost('time', 1.2, spread).isMet).toBe(true);
  expect(atMost('time', 1.19, spread).isMet).toBe(false);
});
