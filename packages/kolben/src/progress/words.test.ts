import { describe, expect, it } from 'vitest';
import { counted, dollars, duration, milliseconds, percent, plainPercent, price } from './words.ts';

describe('numbers as people read them', () => {
  it('never rounds "not all" to all, or "some" to none', () => {
    expect(percent(1)).toBe('100.0 %');
    expect(percent(0.99999)).toBe('99.9 %');
    expect(percent(0.00001)).toBe('0.1 %');
    expect(percent(0)).toBe('0.0 %');
    expect(percent(Number.NaN)).toBe('–');
  });

  it('writes counts, times and money', () => {
    expect(counted(1, 'mail')).toBe('1 mail');
    expect(counted(2101, 'mail')).toBe('2,101 mails');
    expect([0.42, 42.4, 59.6, 60, 185, 3600, 7380].map(duration)).toEqual([
      '0.4 s',
      '42 s',
      '1 min',
      '1 min',
      '3 min 5 s',
      '1 h',
      '2 h 3 min',
    ]);
    expect([0.824, 4.12, 412.4, 1234].map(milliseconds)).toEqual(['0.82 ms', '4.1 ms', '412 ms', '1.2 s']);
    expect([0, 12.5, 0.0713, 0.000025].map(dollars)).toEqual(['$0.00', '$12.50', '$0.0713', '$0.000025']);
    expect([0.25, 2, 0.075].map(price)).toEqual(['$0.25', '$2.00', '$0.075']);
    expect([0.05, 0.95, 0.025].map(plainPercent)).toEqual(['5 %', '95 %', '2.5 %']);
  });
});
