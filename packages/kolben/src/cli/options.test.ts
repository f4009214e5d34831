import { describe, expect, it } from 'vitest';
import { fraction, oneOf, pointInTime, positive, time, whole } from './options.ts';

const now = new Date('2026-11-23T12:00:00Z');

describe('numbers and words as they are typed', () => {
  it('reads what is in range', () => {
    expect(fraction('--alpha', '0.05')).toBe(0.05);
    expect(whole('--chips', '2', 1, 64)).toBe(2);
    expect(positive('--time-budget', '1.5')).toBe(1.5);
    for (const [text, value] of [
      ['0', 0],
      ['-0', 0],
      ['0e9', 0],
      ['1.5', 1.5],
      ['.5', 0.5],
      ['2.', 2],
      ['+1E-3', 0.001],
      ['1e12', 1e12],
      ['1e-12', 1e-12],
    ] as const)
      expect(time('--forward', text), text).toBe(value);
    expect(oneOf('--scope', 'use', ['use', 'admin'])).toBe('use');
    expect(pointInTime('--since', '24h', now)).toEqual(new Date('2026-11-22T12:00:00Z'));
    expect(pointInTime('--since', '2026-11-01', now)).toEqual(new Date('2026-11-01'));
  });

  it.each([
    () => fraction('--alpha', '0'),
    () => fraction('--alpha', '1'),
    () => fraction('--alpha', '-0.5'),
    () => fraction('--alpha', 'five percent'),
    () => fraction('--alpha', ' '),
    () => fraction('--alpha', 'NaN'),
    () => whole('--chips', '0', 1, 64),
    () => whole('--chips', '2.5', 1, 64),
    () => whole('--chips', '65', 1, 64),
    () => whole('--seed', '1e3', 0, 4_294_967_295),
    () => positive('--time-budget', '0'),
    () => positive('--time-budget', 'Infinity'),
    () => positive('--time-budget', '0x10'),
    () => fraction('--alpha', '0b0'),
    () => time('--forward', ''),
    () => time('--forward', ' '),
    () => time('--forward', '.'),
    () => time('--forward', '1,5'),
    () => time('--forward', '1.5.2'),
    () => time('--forward', '1_000'),
    () => time('--forward', '0x10'),
    () => time('--forward', '1 ms'),
    () => time('--forward', '-1'),
    () => time('--forward', '-1e-400'),
    () => time('--forward', 'NaN'),
    () => time('--forward', 'Infinity'),
    () => time('--forward', '1e308'),
    () => time('--forward', '1e999'),
    () => time('--forward', '5e-324'),
    () => time('--forward', '1e-400'),
    () => oneOf('--scope', 'root', ['use', 'admin']),
    () => pointInTime('--since', 'yesterday', now),
    () => pointInTime('--since', '2026-13-45', now),
  ])('refuses what is not: %s', (read) => {
    expect(read).toThrow(
      expect.objectContaining({
        code: 'usage',
        message: expect.stringMatching(/^--[\w-]+ must be .*; it was '.*'\.$/),
      }),
    );
  });
});
