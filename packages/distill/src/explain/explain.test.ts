import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChip } from '@kolben/engine';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStudent, type Student } from '../students/open-student.ts';
import { writeStudentFolder } from '../students/student-folder.ts';
import { cardOfStudent, knownTexts, randomStudent } from '../students/testing/random-student.ts';
import { explainAnswer } from './explain-answer.ts';
import { nearestExamples } from './nearest.ts';
import { shapley } from './shapley.ts';
import { keepParts, splitWords } from './split-words.ts';

describe('splitting a text', () => {
  it('finds words and punctuation, in any writing, and gives spans of the text', () => {
    const text = 'My card—it’s  lost! カードはどこ';
    const parts = splitWords(text, 64).map(({ start, end }) => text.slice(start, end));
    expect(parts.slice(0, 6)).toEqual(['My', 'card', '—', 'it’s', 'lost', '!']);
    expect(parts.length).toBeGreaterThan(7);
  });

  it('keeps what it is told to keep, for any text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 60 }),
        fc.integer({ min: 1, max: 9 }),
        (text, most) => {
          const parts = splitWords(text, most);
          expect(parts.length).toBeLessThanOrEqual(most);
          expect(
            keepParts(
              text,
              parts,
              parts.map(() => true),
            ),
          ).toBe(text);
          expect(
            keepParts(
              text,
              parts,
              parts.map(() => false),
            )
              .replace(/\p{Cc}/gu, '')
              .trim(),
          ).toBe('');
        },
      ),
      { seed: 1 },
    );
  });
});

/** A value with interactions, asymmetric in the parts. */
const game = (set: readonly boolean[]) => {
  const x = set.map(Number);
  let value = 0.7;
  x.forEach((on, i) => {
    value += on * Math.sin(i + 1) + on * (x[i + 1] ?? 0) * 0.5 - on * (x[i + 2] ?? 0) * 0.3 * i;
  });
  return value;
};
const values = async (sets: readonly (readonly boolean[])[]) => sets.map(game);

describe('shares', () => {
  it('are those of the definition: the mean over all orders', async () => {
    const n = 5;
    const { contributions, exact, evaluations } = await shapley(n, values, { evaluations: 32, seed: 0 });
    const orders = (left: number[]): number[][] =>
      left.length === 0
        ? [[]]
        : left.flatMap((i) => orders(left.filter((j) => j !== i)).map((o) => [i, ...o]));
    const all = orders([0, 1, 2, 3, 4]);
    const mean = new Array<number>(n).fill(0);
    for (const order of all) {
      let set = new Array<boolean>(n).fill(false);
      for (const part of order) {
        const next = set.with(part, true);
        mean[part]! += (game(next) - game(set)) / all.length;
        set = next;
      }
    }
    expect({ exact, evaluations }).toEqual({ exact: true, evaluations: 32 });
    contributions.forEach((share, i) => {
      expect(share).toBeCloseTo(mean[i]!, 12);
    });
  });

  it('that are drawn add up as well, and lie within their errors of the exact ones', async () => {
    const exact = await shapley(8, values, { evaluations: 256, seed: 0 });
    const drawn = await shapley(8, values, { evaluations: 200, seed: 3 });
    expect([exact.exact, drawn.exact]).toEqual([true, false]);
    for (const { contributions, all, none } of [exact, drawn])
      expect(contributions.reduce((sum, share) => sum + share, 0)).toBeCloseTo(all - none, 10);
    drawn.contributions.forEach((share, i) => {
      expect(Math.abs(share - exact.contributions[i]!)).toBeLessThan(4 * drawn.errors[i]! + 1e-9);
    });
  });

  it('of a sum are its terms, alone and together', async () => {
    const terms = [3, -1, 0.5, 2];
    const sum = async (sets: readonly (readonly boolean[])[]) =>
      sets.map((set) => set.reduce((all, on, i) => all + (on ? terms[i]! : 0), 10));
    const shares = await shapley(4, sum, { evaluations: 2, seed: 0 });
    expect(shares.contributions).toEqual(terms);
    expect(shares.alone).toEqual(terms);
    expect(shares.none).toBe(10);
  });
});

describe('an answer', () => {
  let student: Student;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kolben-explain-'));
    const chip = await startChip();
    const contents = await randomStudent(chip, { maxWords: 32 });
    await chip.close();
    await writeStudentFolder(join(folder, 'student'), contents, cardOfStudent(contents));
    student = await openStudent(join(folder, 'student'));
  });
  afterAll(async () => {
    await student.close();
    await rm(folder, { recursive: true });
  });
  const sum = (numbers: readonly number[]) => numbers.reduce((all, number) => all + number, 0);

  it('is explained by its words: their shares add up to the log-odds against the runner-up', async () => {
    for (const [text, exact] of [
      ['My card was declined today', true],
      [knownTexts[0]!, false],
    ] as const) {
      const explanation = await explainAnswer(student, text, { evaluations: 400 });
      const { words, value, baseline, runnerUp, answer, confidence } = explanation;
      expect(explanation.exact).toBe(exact);
      expect(sum(words.map((word) => word.contribution))).toBeCloseTo(value - baseline, 4);
      // The model's own confidences say the same as its scores.
      expect(value).toBeCloseTo(Math.log(confidence / runnerUp!.confidence), 3);
      expect(runnerUp!.answer).not.toBe(answer);
      for (const word of words) expect(text.slice(word.start, word.end)).toBe(word.text);
    }
  });

  it('agrees with what the answer loses when a word alone is missing', async () => {
    const text = knownTexts[0]!;
    const { words, value, answer, runnerUp } = await explainAnswer(student, text, { evaluations: 2000 });
    for (const { start, end, alone } of words) {
      const { answers, scores } = await student.weigh!([`${text.slice(0, start)} ${text.slice(end)}`]);
      const left = scores[answers.indexOf(answer)]! - scores[answers.indexOf(runnerUp!.answer)]!;
      expect(alone).toBeCloseTo(value - left, 4);
    }
    const [x, y] = [words.map((word) => word.contribution), words.map((word) => word.alone)];
    const [mx, my] = [sum(x) / x.length, sum(y) / y.length];
    const covariance = sum(x.map((a, i) => (a - mx) * (y[i]! - my)));
    const spread = Math.sqrt(sum(x.map((a) => (a - mx) ** 2)) * sum(y.map((b) => (b - my) ** 2)));
    expect(covariance / spread).toBeGreaterThan(0.5);
  });

  it('of a family that shows no scores is explained by its confidence', async () => {
    const { weigh: _weigh, ...blind } = student;
    const explanation = await explainAnswer(blind, 'My card was declined today', {
      examples: knownTexts.map((text) => ({ text, answer: 'ham' })),
    });
    expect(explanation).toMatchObject({ measure: 'confidence', runnerUp: null, neighbours: { by: 'words' } });
    // Asked together with other texts, a product is summed in another order.
    expect(explanation.value).toBeCloseTo(explanation.confidence, 5);
    expect(sum(explanation.words.map((word) => word.contribution))).toBeCloseTo(
      explanation.value - explanation.baseline,
      10,
    );
    expect(explanation.neighbours!.examples[0]!.text).toBe('My card was declined at the petrol station');
  });

  it('names the examples that are most like the text, itself first', async () => {
    const examples = [...knownTexts, knownTexts[2]!].map((text, i) => ({ text, answer: String(i) }));
    const { by, examples: near } = await nearestExamples(knownTexts[2]!, examples, {
      weigh: student.weigh!,
      count: 3,
    });
    expect(by).toBe('student');
    expect(near).toHaveLength(3);
    expect(near[0]!.text).toBe(knownTexts[2]);
    expect(near[0]!.similarity).toBeCloseTo(1, 5);
    expect(near[1]!.similarity).toBeLessThanOrEqual(near[0]!.similarity);
  });

  it('refuses a text without words, and stops when it is told to', async () => {
    await expect(explainAnswer(student, ' \n\t')).rejects.toThrow('There is no text to explain');
    await expect(
      explainAnswer(student, 'a text', { signal: AbortSignal.abort(new Error('enough')) }),
    ).rejects.toThrow('enough');
  });
});
