import { expect, test } from 'vitest';
import { formatsFor } from './use-formats.ts';

const en = formatsFor('en-US');
const de = formatsFor('de-DE');
/** Intl puts spaces that don't break. */
const plain = (text: string) => text.replace(/\s/g, ' ');

test('money has two decimals from a dollar on, and four significant ones below', () => {
  expect([0, 1, 12.345, 1_234_567.891].map(en.money)).toEqual(['$0.00', '$1.00', '$12.35', '$1,234,567.89']);
  expect([0.5, 0.123456, 0.0123456, 0.00123456, 0.000000123].map(en.money)).toEqual([
    '$0.50',
    '$0.1235',
    '$0.01235',
    '$0.001235',
    '$0.000000123',
  ]);
  expect(plain(de.money(1_234.5))).toBe('1.234,50 $');
  expect(en.money(-0.25)).toBe('-$0.25');
});

test('a day is that day in every time zone, and what is no day stays as it is', () => {
  expect([en.day('2026-11-01'), de.day('2026-11-01'), de.day('im Mai')]).toEqual([
    'Nov 1, 2026',
    '01.11.2026',
    'im Mai',
  ]);
});

test('a confidence below 1 is never written as 1, in the language of the page', () => {
  expect([0.7685, 0.5, 0.99996, 0.99999994, 1 - 2 ** -40, 1].map((value) => en.confidence(value))).toEqual([
    '0.7685',
    '0.5',
    '0.99996',
    '0.9999999',
    '> 0.999999999',
    '1',
  ]);
  expect(de.confidence(0.76849)).toBe('0,7685');
  expect(de.confidence(0.99961, 3)).toBe('0,9996');
});

test('shares, numbers and spans are written as the language does', () => {
  expect(en.percent(0.9512)).toBe('95.1%');
  expect(plain(de.percent(0.9512))).toBe('95,1 %');
  expect(de.number(1_234_567)).toBe('1.234.567');
  expect([en.decimalSeparator, de.decimalSeparator]).toEqual(['.', ',']);
  expect(en.duration(250)).toBe('250 ms');
  expect(en.duration(2_500)).toBe('2.5 sec');
  expect(en.duration(3_723_000)).toBe('1 hr 2 min');
  expect(en.duration(86_400_000)).toBe('1 day');
  expect(plain(de.duration(3_600_000 * 25))).toBe('1 Tg. 1 Std.');
});
