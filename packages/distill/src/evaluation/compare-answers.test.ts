import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Compared, type ComparisonSide, compareAnswers } from './compare-answers.ts';

const side = (answer: string, teacher: string, confidence = 0.5, certified = false): ComparisonSide => ({
  ...{ answer, confidence, certified },
  agrees: answer === teacher,
});
const example = (teacher: string, one: string, other: string, confidence = 0.5): Compared => ({
  text: `${teacher}: ${one} or ${other}`,
  teacher,
  one: side(one, teacher, confidence, confidence > 0.8),
  other: side(other, teacher),
});

describe('compareAnswers', () => {
  it('counts who agrees where, and shows the surest of each kind', () => {
    const found = compareAnswers([
      example('a', 'a', 'a', 0.9),
      example('a', 'a', 'b', 0.7),
      example('a', 'a', 'c', 0.95),
      example('a', 'b', 'a'),
      example('a', 'b', 'c'),
      example('a', 'b', 'b'),
    ]);
    expect(found.counts).toEqual({ both: 1, onlyOne: 2, onlyOther: 1, neither: 2 });
    expect(found.apart).toBe(4);
    expect(found.one).toMatchObject({ agreement: 0.5, coverage: 1 / 3, disagreementAmongAnswered: 0 });
    expect(found.other).toMatchObject({ agreement: 1 / 3, coverage: 0, disagreementAmongAnswered: null });
    expect(found.examples.onlyOne.map(({ text }) => text)).toEqual(['a: a or c', 'a: a or b']);
    expect(found.examples.neither.map(({ text }) => text)).toEqual(['a: b or c']);
  });

  it('says how likely the difference is by chance, as counting all outcomes does', () => {
    // 9 against 1: 2 · (C(10,0) + C(10,1)) / 2^10.
    const uneven = [
      ...Array.from({ length: 9 }, () => example('a', 'a', 'b')),
      example('a', 'b', 'a'),
      ...Array.from({ length: 30 }, () => example('a', 'a', 'a')),
    ];
    expect(compareAnswers(uneven).byChance).toBeCloseTo(22 / 1024, 12);
    expect(compareAnswers([example('a', 'a', 'a')]).byChance).toBe(1);
  });

  it('tells of two the same as of the two the other way round', () => {
    const answer = fc.constantFrom('a', 'b', 'c');
    fc.assert(
      fc.property(fc.array(fc.tuple(answer, answer, answer), { minLength: 1, maxLength: 30 }), (rows) => {
        const there = compareAnswers(rows.map(([teacher, one, other]) => example(teacher, one, other)));
        const back = compareAnswers(rows.map(([teacher, one, other]) => example(teacher, other, one)));
        expect(there.byChance).toBe(back.byChance);
        expect(there.one.agreement).toBe(back.other.agreement);
        expect([there.counts.onlyOne, there.counts.both]).toEqual([back.counts.onlyOther, back.counts.both]);
        const { both, onlyOne, onlyOther, neither } = there.counts;
        expect(both + onlyOne + onlyOther + neither).toBe(there.n);
      }),
    );
  });

  it('refuses to compare on nothing', () => {
    expect(() => compareAnswers([])).toThrow(RangeError);
  });
});
