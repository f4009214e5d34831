import { createHash } from 'node:crypto';
import { startChip } from '@kolben/engine';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStudent } from '../students/testing/random-student.ts';
import { checkStudentTerms } from './check-student-terms.ts';
import {
  assertPermitted,
  checkTerms,
  foreseeRefusal,
  TermsError,
  termsWarnings,
  verdictOf,
} from './check-terms.ts';
import { TeacherCount, teacherOf } from './count-teachers.ts';
import { distributions, type ProviderTerms, termsSchema, verdicts } from './terms-schema.ts';

const clause = 'Output may train classifiers that are not given to third parties,\nand no other models.';
const narrow: ProviderTerms = {
  distillation: { internal: { classify: 'allowed', generate: 'forbidden' }, distributed: 'forbidden' },
  clause,
  url: 'https://provider.example/terms',
  date: '2026-10-01',
};
const kinds = ['classify', 'extract', 'generate'] as const;
const teachers = [
  { provider: 'narrow', model: 'large', calls: 1200 },
  { provider: 'narrow', model: 'small', calls: 34 },
];

describe('the verdict', () => {
  it('is a function of provider, kind and distribution', () => {
    expect(verdictOf(narrow, 'classify', 'internal')).toBe('allowed');
    expect(verdictOf(narrow, 'extract', 'internal')).toBe('unknown');
    expect(verdictOf(narrow, 'generate', 'internal')).toBe('forbidden');
    for (const kind of kinds) expect(verdictOf(narrow, kind, 'distributed')).toBe('forbidden');
    for (const kind of kinds)
      for (const distribution of distributions) {
        expect(verdictOf(undefined, kind, distribution)).toBe('unknown');
        for (const verdict of verdicts)
          expect(verdictOf({ distillation: verdict }, kind, distribution)).toBe(verdict);
      }
  });

  it('of several providers is the worst, whatever their order and however calls are split', () => {
    const provider = fc.constantFrom('a', 'b', 'c', null);
    fc.assert(
      fc.property(
        fc.array(fc.record({ provider, model: fc.constant('m'), calls: fc.nat(9) }), { maxLength: 8 }),
        fc.tuple(...Array.from({ length: 3 }, () => fc.constantFrom(...verdicts))),
        (calls, [a, b, c]) => {
          const providers = {
            a: { terms: { distillation: a } },
            b: { terms: { distillation: b } },
            c: { terms: { distillation: c } },
          };
          const options = { kind: 'classify', distribution: 'internal', providers } as const;
          const check = checkTerms({ ...options, teachers: calls });
          expect(checkTerms({ ...options, teachers: [...calls].reverse() })).toEqual(check);
          const found = calls.map(({ provider }) =>
            provider === null ? 'unknown' : { a, b, c }[provider as 'a'],
          );
          const worst = found.includes('forbidden')
            ? 'forbidden'
            : found.length === 0 || found.includes('unknown')
              ? 'unknown'
              : 'allowed';
          expect(check.verdict).toBe(worst);
          expect(check.providers.reduce((sum, { calls }) => sum + calls, 0)).toBe(
            calls.reduce((sum, { calls }) => sum + calls, 0),
          );
        },
      ),
      { seed: 1 },
    );
  });

  it('refuses with provider, clause and number of calls', () => {
    const check = checkTerms({
      teachers,
      kind: 'generate',
      distribution: 'internal',
      providers: { narrow: { terms: narrow } },
    });
    expect(check.providers).toMatchObject([
      {
        provider: 'narrow',
        models: ['large', 'small'],
        calls: 1234,
        verdict: 'forbidden',
        clauseDigest: `sha256:${createHash('sha256').update(clause).digest('hex')}`,
      },
    ]);
    expect(() => assertPermitted(check)).toThrow(TermsError);
    expect(() => assertPermitted(check)).toThrow(
      /^The terms of narrow \(1,234 calls; “Output may train classifiers that are not given to third parties, and no other models\.”; https:\/\/provider\.example\/terms, read on 2026-10-01\) forbid .* a generator for use in your own house: .*providers\.narrow\.terms\.permission\.$/,
    );
  });

  it('is foreseen of a student whose kind nobody knows yet, where no kind is permitted', () => {
    const options = { teachers, providers: { narrow: { terms: narrow } } };
    expect(foreseeRefusal({ ...options, distribution: 'internal' })).toBeUndefined();
    expect(foreseeRefusal({ ...options, distribution: 'internal', kind: 'generate' })?.values).toEqual({
      ...{ kind: 'generate', distribution: 'internal', provider: 'narrow', others: 0 },
      ...{ clause: clause.replace('\n', ' '), quotes: 'clause' },
      ...{ url: 'https://provider.example/terms', date: '2026-10-01', source: 'both' },
    });
    const nobody = [{ provider: 'narrow', model: null, calls: 0 }];
    expect(foreseeRefusal({ ...options, teachers: nobody, distribution: 'distributed' })?.message).toMatch(
      /^The terms of narrow \(“Output may/,
    );
  });

  it('lets through what a permission allows, and says so', () => {
    const permission = { reference: 'Contract 17, annex 2', date: '2026-09-30' };
    const check = checkTerms({
      teachers,
      kind: 'generate',
      distribution: 'distributed',
      providers: { narrow: { terms: { ...narrow, permission } } },
    });
    expect(() => assertPermitted(check)).not.toThrow();
    expect(check).toMatchObject({ verdict: 'allowed', providers: [{ verdict: 'forbidden', permission }] });
    expect(termsWarnings(check)).toEqual([expect.stringContaining('Contract 17, annex 2 of 2026-09-30')]);
  });

  it('warns of what is not known', () => {
    const check = checkTerms({
      teachers: [
        { provider: null, model: null, calls: 1 },
        { provider: 'toString', model: null, calls: 2 },
      ],
      kind: 'classify',
      distribution: 'internal',
      providers: {},
    });
    expect(check.verdict).toBe('unknown');
    expect(termsWarnings(check)).toEqual([
      expect.stringContaining('Whether the terms of toString, who gave 2 answers'),
      expect.stringContaining('Nobody knows who gave 1 answer'),
    ]);
  });

  it('is read as one writes it, in the old short form too', () => {
    expect(termsSchema.parse({ distillation: 'unknown' })).toEqual({ distillation: 'unknown' });
    expect(termsSchema.parse(narrow)).toEqual(narrow);
    for (const wrong of [
      { distillation: 'maybe' },
      { distillation: { classify: 'allowed' } },
      { distillation: { internal: { translate: 'allowed' } } },
      { distillation: 'forbidden', permission: { reference: ' ', date: '2026-01-01' } },
      { distillation: 'forbidden', permission: { reference: 'a letter', date: 'lately' } },
    ])
      expect(termsSchema.safeParse(wrong).success, JSON.stringify(wrong)).toBe(false);
  });
});

describe('teachers of examples', () => {
  const example = (extra: Record<string, unknown>, answer: string | undefined = 'yes') => ({
    messages: [{ role: 'user', content: 'a text' }],
    answer,
    extra,
  });

  it('are read from what the source says', () => {
    expect(teacherOf(example({ provider: 'a', model: 'b/c' }))).toEqual({ provider: 'a', model: 'b/c' });
    expect(teacherOf(example({ teacher: 'a/b/c' }))).toEqual({ provider: 'a', model: 'b/c' });
    expect(teacherOf(example({ teacher: 'people' }))).toEqual({ provider: 'people', model: null });
    expect(teacherOf(example({ teacher: 7, provider: ' ' }))).toEqual({ provider: null, model: null });
  });

  it('are counted while the examples pass', async () => {
    const count = new TeacherCount();
    const given = [
      example({ teacher: 'a/b' }),
      example({ provider: 'a', model: 'b' }),
      example({}),
      { ...example({ teacher: 'a/b' }), answer: undefined },
    ];
    const passed = [];
    for await (const one of count.counting(given)) passed.push(one);
    expect(passed).toEqual(given);
    expect(count.teachers).toEqual([
      { provider: 'a', model: 'b', calls: 2 },
      { provider: null, model: null, calls: 1 },
    ]);
  });

  it('are no students', async () => {
    for (const extra of [{ answeredBy: 'student' }, { teacher: 'kolben/mails' }]) {
      const reading = async () => {
        for await (const _ of new TeacherCount().counting([example(extra)]));
      };
      await expect(reading()).rejects.toThrow('holds the answer of a student, not of a teacher');
    }
  });
});

it('asks again before a student is given away, also where the configuration no longer knows the provider', async () => {
  const chip = await startChip();
  const student = await randomStudent(chip).finally(() => chip.close());
  const check = (distribution: 'internal' | 'distributed', providers = {}) =>
    checkStudentTerms(student, { distribution, providers });
  expect(check('distributed')).toMatchObject({
    verdict: 'unknown',
    providers: [{ provider: 'openai', models: ['gpt-5'], calls: 2000 }],
  });
  expect(() => check('distributed', { openai: { terms: narrow } })).toThrow(
    'The terms of openai (2,000 calls',
  );
  expect(check('internal', { openai: { terms: narrow } }).verdict).toBe('allowed');
  const answers = [{ provider: 'openai', model: 'gpt-5', calls: 7 }];
  const made = checkTerms({
    teachers: answers,
    kind: 'classify',
    distribution: 'internal',
    providers: {
      openai: {
        terms: { distillation: 'forbidden', permission: { reference: 'a letter', date: '2026-01-01' } },
      },
    },
  });
  const terms = { ...made, providers: made.providers.map((one) => ({ ...one })) };
  const later = { ...student, lineage: { ...student.lineage, answers, terms } };
  expect(() => checkStudentTerms(later, { distribution: 'distributed', providers: {} })).toThrow(TermsError);
  expect(checkStudentTerms(later, { distribution: 'internal', providers: {} })).toMatchObject({
    verdict: 'allowed',
    providers: [{ calls: 7, permission: { reference: 'a letter' } }],
  });
});
