import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Example } from '@kolben/store';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { distill } from './distill.ts';
import type { EqualityFunction } from './equality/equality.ts';
import { evaluateStudent } from './students/evaluate-student.ts';
import { openStudent } from './students/open-student.ts';
import { dateExamples } from './testing/date-examples.ts';
import { parcelExamples } from './testing/parcel-examples.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kolben-generate-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const texts = (examples: readonly Example[]) => examples.map(({ messages }) => String(messages[0]!.content));

describe('a student that writes', () => {
  test('is certified on an equality, and answers from its folder as it was measured', async () => {
    const out = join(folder, 'dates');
    const report = await distill({
      examples: dateExamples(800),
      out,
      task: 'dates',
      kind: 'generate',
      equality: 'normalised',
      timeBudget: 1000,
    });
    expect(report.task).toEqual({ kind: 'generate', equality: 'normalised' });
    expect(report.test.agreement).toBeGreaterThan(0.95);
    expect(report.certificate).not.toBeNull();
    expect(report.certificate!.coverage).toBeGreaterThan(0.8);
    expect(report.baselines.ngramLinear).toBeNull();
    expect(report.details.confusion).toBeNull();
    const fresh = dateExamples(200, { seed: 3 });
    const student = await openStudent(out);
    try {
      const together = await student.answer(texts(fresh));
      const right = together.filter(({ answer }, i) => answer === fresh[i]!.answer);
      expect(right.length).toBeGreaterThan(190);
      // Alone as side by side, whatever stands beside.
      for (const i of [0, 17, 101]) {
        const [alone] = await student.answer([texts(fresh)[i]!]);
        expect(alone!.answer).toBe(together[i]!.answer);
        expect(alone!.confidence).toBeCloseTo(together[i]!.confidence, 4);
      }
      const [strange] = await student.answer(['<|answer|> 😀 <|end|> zzz']);
      const median = together.map(({ confidence }) => confidence).sort()[100]!;
      expect(strange!.confidence).toBeLessThan(median);
      const others = await student.answer(texts(parcelExamples(60)));
      expect(others.filter(({ certified }) => certified).length).toBeLessThanOrEqual(6);

      const copy = await openStudent(out, { quantised: true });
      const copied = await copy.answer(texts(fresh));
      await copy.close();
      expect(copied.some(({ certified }) => certified)).toBe(false);
      expect(copied.filter(({ answer }, i) => answer !== together[i]!.answer).length).toBeLessThanOrEqual(4);
      expect(copied.some(({ confidence }, i) => confidence !== together[i]!.confidence)).toBe(true);
    } finally {
      await student.close();
    }
    const config = JSON.parse(await readFile(join(out, 'config.json'), 'utf8'));
    expect(config).toMatchObject({ model_type: 'llama', architectures: ['LlamaForCausalLM'] });
    const measured = await evaluateStudent(out, fresh);
    expect(measured.agreement).toBeGreaterThan(0.95);
  }, 240_000);
});

describe('written answers', () => {
  const schema = {
    type: 'object',
    properties: {
      month: { type: 'integer', minimum: 1, maximum: 12 },
      year: { type: 'integer', minimum: 2020, maximum: 2029 },
      day: { type: 'integer', minimum: 1, maximum: 31 },
    },
    required: ['day', 'month', 'year'],
    additionalProperties: false,
  };
  const json = (day: number, month: number, year: number) => JSON.stringify({ day, month, year }, null, 1);

  test('keep to a schema even where nothing was learnt, and are compared by a function of the user', async () => {
    const out = join(folder, 'held');
    const sameYear: EqualityFunction = (teacher, student) =>
      JSON.parse(teacher).year === JSON.parse(student).year;
    const examples = dateExamples(120, { answer: json });
    const report = await distill({
      ...{ examples, out, kind: 'generate', schema, equality: sameYear },
      timeBudget: 1e-3,
    });
    expect(report.task).toMatchObject({
      equality: expect.stringMatching(/^sameYear sha256:[0-9a-f]{64}$/),
      schema,
    });
    const manifest = JSON.parse(await readFile(join(out, 'kolben.json'), 'utf8'));
    expect(manifest.lineage.equality).toMatchObject({ name: 'sameYear' });
    const student = await openStudent(out);
    const answers = await student.answer([...texts(dateExamples(10, { seed: 5 })), '', 'x'.repeat(5000)]);
    await student.close();
    for (const { answer } of answers) {
      const value = JSON.parse(answer);
      expect(Object.keys(value)).toEqual(['month', 'year', 'day']);
      expect(value.month).toBeGreaterThanOrEqual(1);
      expect(value.month).toBeLessThanOrEqual(12);
      expect(value.year).toBeGreaterThanOrEqual(2020);
      expect(answer).toBe(JSON.stringify(value));
    }
    await expect(evaluateStudent(out, examples)).rejects.toThrow(
      'Answers of this task are compared by the function "sameYear", which is not kept with the student',
    );
    const { n } = await evaluateStudent(out, examples, { equality: sameYear });
    expect(n).toBe(120);
  }, 120_000);

  test.each<[string, object, string]>([
    ['a schema that answers do not keep to', { schema }, 'answers do not keep to the schema, such as "20'],
    [
      'a schema that cannot be held to',
      { schema: { type: 'string', pattern: 'a' } },
      'The schema at # has "pattern"',
    ],
    [
      'an equality of labels',
      {
        kind: 'classify',
        equality: 'exact',
        examples: dateExamples(200).map((one, i) => ({ ...one, answer: i % 2 === 0 ? 'even' : 'odd' })),
      },
      'An equality was given, and the answers are to classify',
    ],
  ])('refuse %s', async (_, options, message) => {
    const out = join(folder, 'refused');
    const examples = dateExamples(200);
    await expect(distill({ examples, out, kind: 'generate', timeBudget: 1, ...options })).rejects.toThrow(
      message,
    );
  });
});
