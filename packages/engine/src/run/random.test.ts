import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fillDropout, fillNormal, randomStream, shuffle, uniform } from './random.ts';

const draws = (stream: () => number, count: number) => Array.from({ length: count }, stream);
const mean = (values: Iterable<number>) => {
  let [sum, count] = [0, 0];
  for (const value of values) {
    sum += value;
    count++;
  }
  return sum / count;
};

describe('streams', () => {
  test('the same keys name the same stream', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.maxSafeInteger(), fc.string()), { maxLength: 4 }), (keys) => {
        expect(draws(randomStream(...keys), 5)).toEqual(draws(randomStream(...keys), 5));
      }),
      { seed: 1 },
    );
  });

  // A run that is repeated years later must find the very same numbers.
  test('are what they have always been', () => {
    expect(draws(randomStream(), 2)).toEqual([3888279778, 1157988813]);
    expect(draws(randomStream(7, 'head.weight'), 2)).toEqual([236922397, 3999888789]);
    expect(draws(randomStream(-1, 2 ** 40), 2)).toEqual([3607901330, 384046954]);
  });

  test('no two of all the streams of a long run begin alike', () => {
    const seen = new Set<string>();
    let streams = 0;
    for (let seed = 0; seed < 3; seed++)
      for (let step = 0; step < 3000; step++)
        for (let microbatch = 0; microbatch < 4; microbatch++)
          for (let index = 0; index < 3; index++) {
            seen.add(draws(randomStream(seed, step, microbatch, index), 2).join());
            streams++;
          }
    expect(seen.size).toBe(streams);
  });

  test('keys that look alike name other streams', () => {
    const keys = [
      [],
      [0],
      [0, 0],
      [1],
      [-1],
      [2 ** 32],
      [2 ** 32 + 1],
      [''],
      ['0'],
      ['a', 'b'],
      ['ab'],
      ['b', 'a'],
      [1, 2],
      [2, 1],
    ];
    expect(new Set(keys.map((list) => draws(randomStream(...list), 2).join())).size).toBe(keys.length);
  });

  test('neighbouring streams have nothing to do with each other', () => {
    const count = 20_000;
    for (const [one, other] of [
      [randomStream(0, 1), randomStream(0, 2)],
      [randomStream(1, 0), randomStream(2, 0)],
      [randomStream('a'), randomStream('b')],
    ]) {
      let bits = 0;
      for (let i = 0; i < count; i++) {
        for (let difference = one() ^ other(); difference !== 0; difference &= difference - 1) bits++;
      }
      // Half of the bits differ; five standard deviations of a fair coin.
      expect(Math.abs(bits / (32 * count) - 0.5)).toBeLessThan(5 * Math.sqrt(0.25 / (32 * count)));
    }
  });

  test('a key that is no whole number', () => {
    expect(() => randomStream(0.5)).toThrow('A random stream is named by whole numbers, not 0.5.');
    expect(() => randomStream(Number.NaN)).toThrow(RangeError);
  });
});

describe('numbers', () => {
  const count = 100_000;

  test('uniform ones fill [0, 1) evenly, from the first draw of many streams as well as along one', () => {
    const along = randomStream(3);
    for (const values of [
      Array.from({ length: count }, () => uniform(along)),
      Array.from({ length: count }, (_, i) => uniform(randomStream(3, i))),
    ]) {
      const cells = new Float64Array(64);
      expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
      for (const value of values) cells[Math.floor(value * 64)]++;
      const expected = count / 64;
      const chiSquared = cells.reduce((sum, cell) => sum + (cell - expected) ** 2 / expected, 0);
      // 63 degrees of freedom: mean 63, deviation 11.2.
      expect(chiSquared).toBeLessThan(63 + 5 * 11.2);
      expect(chiSquared).toBeGreaterThan(63 - 5 * 11.2);
    }
  });

  test('normal ones have mean 0, the deviation asked for and the tails of a normal distribution', () => {
    const values = new Float32Array(count + 1);
    fillNormal(values, 0.5, randomStream(4));
    expect(Math.abs(mean(values))).toBeLessThan((5 * 0.5) / Math.sqrt(count));
    expect(Math.sqrt(mean(values.map((x) => x * x)))).toBeCloseTo(0.5, 2);
    const beyond = (deviations: number) => mean(values.map((x) => Number(Math.abs(x) > deviations * 0.5)));
    expect(beyond(1)).toBeCloseTo(0.3173, 2);
    expect(beyond(2)).toBeCloseTo(0.0455, 2);
    expect(beyond(3)).toBeCloseTo(0.0027, 3);
    // The last one, which has no partner.
    expect(values[count]).not.toBe(0);
  });

  test.each([0, 0.1, 0.25, 0.5, 0.9])('dropout at %d has mean 1 and drops its share', (rate) => {
    const mask = new Float32Array(count + 3);
    fillDropout(mask, rate, randomStream(5));
    const share = mean(mask.map((x) => Number(x === 0)));
    expect(Math.abs(share - rate)).toBeLessThan(1 / 512 + 5 * Math.sqrt((rate * (1 - rate)) / count));
    expect(Math.abs(mean(mask) - 1)).toBeLessThan(5 * Math.sqrt(rate / (1 - rate) / count) + 1e-6);
    expect(new Set(mask).size).toBe(rate === 0 ? 1 : 2);
  });

  test('each of the four elements of a draw drops its share', () => {
    const mask = new Float32Array(4 * count);
    fillDropout(mask, 0.25, randomStream(6));
    for (let place = 0; place < 4; place++) {
      const dropped = mean(mask.filter((_, i) => i % 4 === place).map((x) => Number(x === 0)));
      expect(dropped).toBeCloseTo(0.25, 2);
    }
  });

  test('the highest rate still keeps something', () => {
    const mask = new Float32Array(count);
    fillDropout(mask, 0.9999, randomStream(7));
    expect(mask.some((x) => x === 256)).toBe(true);
  });

  test('shuffling loses nothing, and every order is equally likely', () => {
    const stream = randomStream(8);
    const orders = new Map<string, number>();
    for (let i = 0; i < 24_000; i++) {
      const order = shuffle(['a', 'b', 'c', 'd'], stream).join('');
      orders.set(order, (orders.get(order) ?? 0) + 1);
    }
    expect(orders.size).toBe(24);
    for (const times of orders.values()) expect(Math.abs(times - 1000)).toBeLessThan(5 * Math.sqrt(1000));
  });
});
