import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHalves, type HalfType, toHalves } from './half.ts';

const layouts: Record<HalfType, { exponent: number; fraction: number }> = {
  F16: { exponent: 5, fraction: 10 },
  BF16: { exponent: 8, fraction: 7 },
};

/** What IEEE 754 says that the bits mean, in float64 arithmetic. */
function meaning(bits: number, { exponent, fraction }: (typeof layouts)[HalfType]): number {
  const sign = bits >>> 15 ? -1 : 1;
  const raised = (bits >>> fraction) & (2 ** exponent - 1);
  const share = (bits & (2 ** fraction - 1)) / 2 ** fraction;
  const bias = 2 ** (exponent - 1) - 1;
  if (raised === 2 ** exponent - 1) return share === 0 ? sign * Infinity : Number.NaN;
  return raised === 0 ? sign * share * 2 ** (1 - bias) : sign * (1 + share) * 2 ** (raised - bias);
}

/** The float32 after `value`, away from zero if `up`, else towards it. */
function neighbour(value: number, up: boolean): number {
  const bits = new Uint32Array(Float32Array.of(value).buffer);
  bits[0]! += up ? 1 : -1;
  return new Float32Array(bits.buffer)[0]!;
}

describe.each(['F16', 'BF16'] as const)('%s', (type) => {
  const layout = layouts[type];
  const all = Uint16Array.from({ length: 65_536 }, (_, bits) => bits);
  const one = (value: number) => toHalves(Float32Array.of(value), type)[0]!;

  test('all 65,536 mean what the standard says', () => {
    const values = fromHalves(all, type);
    all.forEach((bits) => {
      if (!Object.is(values[bits], meaning(bits, layout)))
        expect([bits, values[bits]]).toBe(meaning(bits, layout));
    });
  });

  test('all come back as they were; what is not a number stays none', () => {
    const back = toHalves(fromHalves(all, type), type);
    all.forEach((bits) => {
      const value = meaning(bits, layout);
      if (Number.isNaN(value)) {
        if (!Number.isNaN(meaning(back[bits]!, layout))) expect(back[bits]).toBe(bits);
      } else if (back[bits] !== bits) expect(back[bits]).toBe(bits);
    });
  });

  test('between any two, the nearer one; half-way, the even one', () => {
    const infinite = (2 ** layout.exponent - 1) << layout.fraction;
    for (let bits = 0; bits < infinite; bits++) {
      for (const sign of [0, 0x8000]) {
        const low = meaning(bits, layout);
        // The one after the largest would be as far from it as that one is from the one before.
        const high = bits + 1 === infinite ? 2 * low - meaning(bits - 1, layout) : meaning(bits + 1, layout);
        const middle = (low + high) / 2;
        const signed = (value: number) => one(sign === 0 ? value : -value);
        const even = bits % 2 === 0 ? bits : bits + 1;
        const found = [signed(middle), signed(neighbour(middle, false)), signed(neighbour(middle, true))];
        const expected = [sign + even, sign + bits, sign + bits + 1];
        if (String(found) !== String(expected)) expect([bits, ...found]).toEqual([bits, ...expected]);
      }
    }
  });

  test('any float32 goes to the nearest', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const found = one(value);
        const distance = (bits: number) => Math.abs(meaning(bits, layout) - value);
        if (Number.isFinite(meaning(found, layout))) {
          for (const other of [found - 1, found + 1])
            if (other >= 0 && other < 65_536 && Number.isFinite(meaning(other, layout)))
              expect(distance(found)).toBeLessThanOrEqual(distance(other));
        }
        expect(Math.sign(meaning(found, layout)) * Math.sign(value)).toBeGreaterThanOrEqual(0);
      }),
      { seed: 1, numRuns: 2000 },
    );
  });
});
