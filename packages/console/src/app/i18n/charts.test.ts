import { describe, expect, it } from 'vitest';
import { englishWords } from '../../charts/words.ts';
import { charts as german } from './de/charts.ts';
import { charts as english } from './en/charts.ts';

describe('the words of charts', () => {
  it('are those of the reports, with everything in its place', () => {
    for (const [key, word] of Object.entries(englishWords)) {
      const text = english[key as keyof typeof english];
      const places = [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
      if (typeof word === 'string') expect(text).toBe(word);
      else expect(word(Object.fromEntries(places.map((name) => [name, `{${name}}`])) as never)).toBe(text);
    }
    expect(englishWords.interval({ low: '1', high: '2' })).toBe('1 to 2');
  });

  it('name the same figures in every language', () => {
    const figures = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([all]) => all).sort();
    for (const [key, text] of Object.entries(english))
      expect(figures(german[key as keyof typeof german]), key).toEqual(figures(text));
  });
});
