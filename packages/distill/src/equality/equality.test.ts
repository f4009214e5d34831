import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type EqualityFunction, equalBy, equalityFacts, normalised } from './equality.ts';

describe('answers are the same', () => {
  test.each([
    ['Thank you.', 'thank  you!', true],
    ['STRASSE', 'Straße', true],
    ['ΣΟΦΟΣ', 'σοφος', true],
    ['ﬁne', 'Fine…', true],
    ['12.50', '12.5', true],
    ['007', '7', true],
    ['+1,234,567', '1234567', true],
    ['−3', '-3.0', true],
    ['-0', '0', true],
    ['1,234', '1234', false],
    ['1.5', '15', false],
    ['Thank you', 'Thanks', false],
    ['no', 'no no', false],
    ['3 May', '3. May', false],
    ['', ' ', true],
    ['', '0', false],
  ])('normalised: %j and %j: %s', (teacher, student, expected) => {
    expect(equalBy('normalised', teacher, student)).toBe(expected);
    expect(equalBy('normalised', student, teacher)).toBe(expected);
  });

  test('exactly: but for white space at the ends', () => {
    expect(equalBy('exact', ' a b\n', 'a b')).toBe(true);
    expect(equalBy('exact', 'a  b', 'a b')).toBe(false);
    expect(equalBy('exact', 'A', 'a')).toBe(false);
  });

  test('normalising twice is normalising once, and what is exactly the same is the same', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...'01,.+-− ß!') }),
    );
    fc.assert(
      fc.property(text, (any) => {
        expect(normalised(normalised(any))).toBe(normalised(any));
        expect(equalBy('normalised', any, ` ${any}\t`)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test('by a function of the user, which is told the teacher’s answer first', () => {
    const begins: EqualityFunction = (teacher, student) => teacher.startsWith(student);
    expect(equalBy(begins, 'abc', 'ab')).toBe(true);
    expect(equalBy(begins, 'ab', 'abc')).toBe(false);
    expect(equalityFacts(begins)).toEqual({
      name: 'begins',
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    });
    expect(equalityFacts('exact')).toEqual({ name: 'exact' });
  });

  test('unless that function fails, which is said in a sentence', () => {
    const throws = () => {
      throw new Error('no number');
    };
    expect(() => equalBy(throws, 'a', 'b')).toThrow(
      'The equality function threw "no number" on the answers "a" and "b"; let it return true or false for any two texts.',
    );
    const later = (async () => true) as unknown as EqualityFunction;
    expect(() => equalBy(later, 'a', 'b')).toThrow('returned a promise and not true or false');
    const none = (() => undefined) as unknown as EqualityFunction;
    expect(() => equalBy(none, 'a', 'b')).toThrow('returned undefined and not true or false');
  });
});
