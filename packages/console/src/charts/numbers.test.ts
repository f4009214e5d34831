import { expect, test } from 'vitest';
import { numbersIn } from './numbers.ts';

test('numbers are written as their language does', () => {
  const midnight = Date.UTC(2026, 10, 1);
  const german = numbersIn('de', 'UTC');
  const read = (text: string) => text.replaceAll('\u00A0', ' ');
  expect(german.count(2101)).toBe('2.101');
  expect(german.percent(0.989)).toBe('98,9 %');
  expect(german.percent(0.99999)).toBe('99,9 %');
  expect(german.milliseconds(4.12)).toBe('4,1 ms');
  expect(read(german.dollars(0.0713))).toBe('0,0713 $');
  expect(read(german.day(new Date(midnight)))).toBe('1. Nov.');
  expect(read(numbersIn('en', 'UTC').moment(new Date(midnight + 3_600_000)))).toBe('Nov 1, 01:00');
  expect(numbersIn('en').signed(-1.204)).toBe('−1.20');
});
