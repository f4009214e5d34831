import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signature, similarity, sketch } from './sketch.ts';

function shingles(text: string): Set<string> {
  const found = new Set<string>();
  for (let i = 0; i === 0 || i + 5 <= text.length; i++) found.add(text.slice(i, i + 5));
  return found;
}

function jaccard(left: string, right: string): number {
  const [a, b] = [shingles(left), shingles(right)];
  const common = [...a].filter((shingle) => b.has(shingle)).length;
  return common / (a.size + b.size - common);
}

const word = fc.constantFrom(
  'card',
  'top up',
  'transfer',
  'pending',
  'why',
  'is',
  'my',
  'still',
  'größe',
  '7',
);
const text = (maxLength: number) =>
  fc.array(word, { maxLength, size: 'max' }).map((words) => words.join(' '));
/** A text and one made of it by changing some words. */
const pair = (maxLength: number) =>
  fc
    .tuple(
      fc.array(fc.tuple(word, word, fc.integer({ min: 0, max: 9 })), {
        minLength: 1,
        maxLength,
        size: 'max',
      }),
      fc.integer({ min: 0, max: 10 }),
    )
    .map(([words, changes]): [string, string] => [
      words.map(([one]) => one).join(' '),
      words.map(([one, other, lot]) => (lot < changes ? other : one)).join(' '),
    ]);

describe('similarity', () => {
  it('is the Jaccard similarity, where everything fits', () => {
    fc.assert(
      fc.property(fc.oneof(pair(20), fc.tuple(text(20), text(20))), ([left, right]) => {
        expect(similarity(sketch(left), sketch(right))).toBeCloseTo(jaccard(left, right), 12);
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it('comes near it where only a sample is kept', () => {
    const random = fc.string({ unit: fc.constantFrom(...'abcdefgh'), minLength: 800, maxLength: 1500 });
    fc.assert(
      fc.property(random, random, fc.double({ min: 0, max: 1, noNaN: true }), (base, other, share) => {
        const right = base.slice(0, Math.floor(share * base.length)) + other;
        const estimate = similarity(sketch(base), sketch(right));
        // Four standard errors of a sample of 256.
        expect(Math.abs(estimate - jaccard(base, right))).toBeLessThan(0.125);
      }),
      { seed: 2, numRuns: 200 },
    );
  });

  it('is symmetric, and 1 for a text and itself', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (left, right) => {
        expect(similarity(sketch(left, 16), sketch(right, 16), 16)).toBe(
          similarity(sketch(right, 16), sketch(left, 16), 16),
        );
        expect(similarity(sketch(left), sketch(left))).toBe(1);
      }),
      { seed: 3 },
    );
    expect(similarity(sketch(''), sketch('abc'))).toBe(0);
  });
});

describe('signature', () => {
  it('agrees in as many places as the texts are similar', () => {
    const places = 2000;
    fc.assert(
      fc.property(pair(40), ([left, right]) => {
        const [a, b] = [signature(sketch(left), places), signature(sketch(right), places)];
        const agreeing = a.filter((value, i) => value === b[i]).length;
        const expected = similarity(sketch(left), sketch(right));
        const error = Math.sqrt((expected * (1 - expected)) / places);
        expect(Math.abs(agreeing / places - expected)).toBeLessThanOrEqual(5 * error + 1e-12);
      }),
      { seed: 4, numRuns: 60 },
    );
  });
});
