import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SparseRows } from './sparse-rows.ts';
import { fitTfidf } from './tfidf.ts';

/** The n-grams of a text, spelt out the slow way. */
function words(text: string): string[] {
  const found = text.toLowerCase().match(/[\p{L}\p{M}\p{N}_]{2,}/gu) ?? [];
  return [...found, ...found.slice(1).map((word, i) => `${found[i]} ${word}`)];
}

function characters(text: string): string[] {
  return text
    .toLowerCase()
    .split(/\s+/u)
    .filter((word) => word !== '')
    .flatMap((word) => {
      const padded = ` ${word} `;
      const grams: string[] = [];
      for (let n = 2; n <= 5; n++) {
        for (let at = 0; at + n <= padded.length; at++) grams.push(padded.slice(at, at + n));
      }
      return grams;
    });
}

/** Weights of one block by the formula, from n-gram to value. */
function weigh(training: string[], text: string, grams: (text: string) => string[]): Map<string, number> {
  const documents = training.map((other) => new Set(grams(other)));
  const counts = new Map<string, number>();
  for (const gram of grams(text)) counts.set(gram, (counts.get(gram) ?? 0) + 1);
  const weights = new Map<string, number>();
  for (const [gram, count] of counts) {
    const frequency = documents.filter((document) => document.has(gram)).length;
    if (frequency === 0) continue;
    weights.set(gram, (1 + Math.log(count)) * (Math.log((1 + training.length) / (1 + frequency)) + 1));
  }
  const norm = Math.hypot(...weights.values());
  return new Map([...weights].map(([gram, weight]) => [gram, weight / norm]));
}

function products(rows: SparseRows, others: SparseRows): number[][] {
  const row = (of: SparseRows, i: number) =>
    new Map(
      Array.from(of.columns.subarray(of.starts[i], of.starts[i + 1]), (column, j) => [
        column,
        of.values[of.starts[i]! + j]!,
      ]),
    );
  return Array.from({ length: rows.starts.length - 1 }, (_, i) =>
    Array.from({ length: others.starts.length - 1 }, (_, j) => dot(row(rows, i), row(others, j))),
  );
}

function dot<Key>(left: Map<Key, number>, right: Map<Key, number>): number {
  let sum = 0;
  for (const [key, value] of left) sum += value * (right.get(key) ?? 0);
  return sum;
}

const settings = { minDocuments: 1, maxCharacters: 1000 };

describe('fitTfidf', () => {
  it('gives the products of texts that the formula gives', () => {
    const text = fc
      .array(fc.constantFrom('karte', 'Karten', 'geld', 'ab', 'x', 'ein', 'größe', '😀', '12', '!'), {
        maxLength: 12,
      })
      .map((parts) => parts.join(' '));
    fc.assert(
      fc.property(
        fc.array(text, { minLength: 1, maxLength: 8 }),
        fc.array(text, { maxLength: 4 }),
        (training, others) => {
          const { tfidf, rows } = fitTfidf(training, settings);
          const expected = (left: string, right: string) =>
            dot(weigh(training, left, words), weigh(training, right, words)) +
            dot(weigh(training, left, characters), weigh(training, right, characters));
          const all = [...training, ...others];
          products(tfidf.transform(all), rows).forEach((line, i) => {
            line.forEach((product, j) => {
              expect(product).toBeCloseTo(expected(all[i]!, training[j]!), 5);
            });
          });
          const grams = new Set(training.flatMap(words)).size + new Set(training.flatMap(characters)).size;
          expect(tfidf.width).toBe(grams);
          // Training texts come out the same, however they are asked for.
          expect(tfidf.transform(training)).toEqual(rows);
        },
      ),
      { seed: 1 },
    );
  });

  it('leaves out rare n-grams, and reads only the beginning of a long text', () => {
    const training = ['alpha beta', 'alpha gamma', 'alpha beta'];
    const { tfidf } = fitTfidf(training, { minDocuments: 3, maxCharacters: 1000 });
    expect(tfidf.width).toBe(1 + new Set(characters('alpha')).size);
    const cut = fitTfidf(['alpha beta', 'alpha gamma'], { minDocuments: 1, maxCharacters: 5 });
    expect(cut.tfidf.width).toBe(1 + new Set(characters('alpha')).size);
    expect(tfidf.transform(['zzz', '']).columns).toHaveLength(0);
  });

  it('tells apart a great many n-grams', () => {
    const training = Array.from(
      { length: 3000 },
      (_, i) => `w${(i * 7919).toString(36)}q${(i * 104_729).toString(36)}`,
    );
    const distinct = new Set(training.flatMap(words)).size + new Set(training.flatMap(characters)).size;
    expect(distinct).toBeGreaterThan(40_000);
    expect(fitTfidf(training, settings).tfidf.width).toBe(distinct);
  });
});
