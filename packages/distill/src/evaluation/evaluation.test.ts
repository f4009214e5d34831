import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evalDetails, type Judged, riskCoverage } from './details.ts';
import { compare, driftOf, jensenShannon, referenceOf } from './drift.ts';

const judged = (rows: [teacher: string, student: string, confidence: number][]): Judged[] =>
  rows.map(([teacher, student, confidence], i) => ({
    text: `text ${i}`,
    teacher,
    student,
    confidence,
    certified: confidence > 0.8,
    agrees: teacher === student,
  }));

describe('details of an evaluation', () => {
  const rows = judged([
    ['a', 'a', 0.95],
    ['a', 'b', 0.9],
    ['a', 'b', 0.9],
    ['b', 'b', 0.6],
    ['b', 'c', 0.4],
    ['c', 'c', 0.3],
  ]);
  const details = evalDetails(rows, { kind: 'classify', reference: undefined, unknownWords: null });

  it('tell at which confidence how much disagreement', () => {
    expect(details.riskCoverage).toEqual([
      { threshold: 0.95, coverage: 1 / 6, disagreement: 0 },
      { threshold: 0.9, coverage: 3 / 6, disagreement: 2 / 3 },
      { threshold: 0.6, coverage: 4 / 6, disagreement: 2 / 4 },
      { threshold: 0.4, coverage: 5 / 6, disagreement: 3 / 5 },
      { threshold: 0.3, coverage: 1, disagreement: 3 / 6 },
    ]);
    expect(details.riskArea).toBeCloseTo((2 * (2 / 3) + 1 / 2 + 3 / 5 + 1 / 2) / 6, 12);
  });

  it('are a curve that says of every point what counting says', () => {
    const row = fc.record({
      confidence: fc.integer({ min: 0, max: 9 }).map((n) => n / 10),
      agrees: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 40 }), (all) => {
        for (const { threshold, coverage, disagreement } of riskCoverage(all)) {
          const answered = all.filter(({ confidence }) => confidence >= threshold);
          expect(coverage).toBe(answered.length / all.length);
          expect(disagreement).toBe(answered.filter(({ agrees }) => !agrees).length / answered.length);
        }
        expect(riskCoverage(all).at(-1)!.coverage).toBe(1);
      }),
      { seed: 1 },
    );
  });

  it('name mix-ups, the worst labels, and the surest disagreements', () => {
    expect(details.confused).toEqual([
      { teacher: 'a', student: 'b', n: 2 },
      { teacher: 'b', student: 'c', n: 1 },
    ]);
    expect(details.labels).toEqual([
      { label: 'a', n: 3, agreement: 1 / 3 },
      { label: 'b', n: 2, agreement: 1 / 2 },
    ]);
    expect([details.disagreements, ...details.surest.map(({ text }) => text)]).toEqual([
      3,
      'text 1',
      'text 2',
      'text 4',
    ]);
    expect([details.paths, details.drift]).toEqual([null, null]);
  });

  it('name the labels with the most disagreements, that of the smallest agreement first', () => {
    const answers = (label: string, agreed: number, n: number) =>
      Array.from({ length: n }, (_, i): [string, string, number] => [label, i < agreed ? label : 'z', 0.5]);
    const { labels } = evalDetails(judged([...answers('a', 31, 40), ...answers('b', 30, 39)]), {
      ...{ kind: 'classify', reference: undefined, unknownWords: null },
    });
    expect(labels?.map(({ label }) => label)).toEqual(['b', 'a']);
  });

  it('go by path where answers are JSON', () => {
    const { paths, confused } = evalDetails(
      judged([
        [
          '{"city":"Bonn","items":[{"price":1},{"price":2}]}',
          '{"items":[{"price":1},{"price":3}],"city":"Bonn"}',
          0.9,
        ],
        ['{"city":"Ulm"}', '{"city":"Ulm","extra":null}', 0.9],
        ['{"city":"Jena"}', 'no JSON', 0.9],
      ]),
      { kind: 'extract', reference: undefined, unknownWords: null },
    );
    expect(confused).toBeNull();
    expect(paths).toEqual([
      { path: 'extra', n: 1, agreement: 0 },
      { path: 'items[].price', n: 1, agreement: 0 },
      { path: 'city', n: 3, agreement: 2 / 3 },
    ]);
    expect(
      evalDetails(judged([['a text', 'another', 0.9]]), {
        kind: 'generate',
        reference: undefined,
        unknownWords: null,
      }).paths,
    ).toBeNull();
  });
});

describe('drift', () => {
  const answered = (shares: Record<string, number>, confidence: number) =>
    Object.entries(shares).flatMap(([answer, n]) =>
      Array.from({ length: n }, () => ({ answer, confidence })),
    );

  it('is measured in bits: 0 of what is alike, 1 of what has nothing in common', () => {
    expect(jensenShannon([0.5, 0.5, 0], [0.5, 0.5, 0])).toBe(0);
    expect(jensenShannon([1, 0], [0, 1])).toBe(1);
    // By hand: the entropy of the mixture (3/4, 1/4) less the mean of both entropies, 0 and 1 bit.
    expect(jensenShannon([1, 0], [0.5, 0.5])).toBeCloseTo(0.8112781244591328 - 0.5, 12);
  });

  it('is seldom found where both samples come from one source, and always where they do not', () => {
    const shares = [0.4, 0.3, 0.2, 0.1];
    let state = 7;
    const random = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    };
    const sample = (n: number, of: number[]) => {
      const counts = of.map(() => 0);
      for (let i = 0; i < n; i++) {
        let left = random();
        let k = 0;
        while (k < of.length - 1 && left >= of[k]!) left -= of[k++]!;
        counts[k]!++;
      }
      return counts.map((count) => count / n);
    };
    let found = 0;
    for (let i = 0; i < 30; i++)
      if (compare(sample(200, shares), 200, sample(300, shares), 300).drifted) found++;
    // One or two of 30 are expected; more than 7 come about once in 10,000 times.
    expect(found).toBeLessThanOrEqual(7);
    for (let i = 0; i < 3; i++)
      expect(compare(sample(200, shares), 200, sample(300, [0.1, 0.2, 0.3, 0.4]), 300).drifted).toBe(true);
  });

  it('names what is answered more often than before', () => {
    const before = referenceOf(answered({ a: 60, b: 40 }, 0.95), 0.1, true);
    const now = referenceOf(answered({ a: 10, b: 40, c: 50 }, 1), 0.4, true);
    const drift = driftOf(before, now)!;
    expect(drift.answers!.drifted).toBe(true);
    expect(drift.confidence).toMatchObject({ divergence: 0, drifted: false });
    expect(drift.unknownWords).toEqual({ before: 0.1, now: 0.4 });
    expect(drift.moved.map(({ answer }) => answer)).toEqual(['a', 'c']);
    expect(drift.moved[0]).toEqual({ answer: 'a', before: 0.6, now: 0.1 });
    expect(driftOf(referenceOf([], null, true), now)).toBeNull();
  });

  it('keeps no answer that somebody may have written', () => {
    const before = referenceOf(answered({ 'Dear Ms Example': 9 }, 0.95), null, false);
    expect(JSON.stringify(before)).not.toContain('Example');
    expect(driftOf(before, before)).toMatchObject({ answers: null, moved: [], unknownWords: null });
  });
});
