import { expect, test } from 'vitest';
import { numberOfText, textOfNumber } from './typed-number.ts';

test('a typed number is what its digits say, with either separator; what may mean two numbers is none', () => {
  for (const [text, number] of [
    ['12.5', 12.5],
    ['12,5', 12.5],
    ['12,', 12],
    ['.5', 0.5],
    [' 0,05 ', 0.05],
    ['0,0005', 0.0005],
    ['', null],
  ] as const)
    for (const separator of ['.', ',']) expect(numberOfText(text, separator), text).toBe(number);
  for (const [text, english, german] of [
    ['1.000', 1, Number.NaN],
    ['1,000', Number.NaN, 1],
  ] as const) {
    expect(numberOfText(text, '.')).toBe(english);
    expect(numberOfText(text, ',')).toBe(german);
  }
  for (const text of ['.', '1.000,5', '-1', '1e3', '12 5', 'x']) expect(numberOfText(text, '.')).toBeNaN();
});

test('a number in a field is typed back as itself', () => {
  for (const number of [0, 0.5, 0.1, 12.5, 1e-7, 1_234_567.25, 1e9])
    for (const separator of ['.', ','])
      expect(numberOfText(textOfNumber(number, separator), separator)).toBe(number);
});
