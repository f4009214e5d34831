import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { distill } from './distill.ts';
import { planDistill } from './plan-distill.ts';
import { evaluateStudent } from './students/evaluate-student.ts';
import { openStudent } from './students/open-student.ts';
import { parcelExamples } from './testing/parcel-examples.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kolben-distill-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const examples = parcelExamples(300);
const few = parcelExamples(120);
const weightsOf = (directory: string) => readFile(join(directory, 'model.safetensors'));

describe('distill', () => {
  test('makes a certified student that answers as it was measured, the same with the same seed on one chip or two', async () => {
    const [one, two] = [join(folder, 'one'), join(folder, 'two')];
    const phases: string[] = [];
    // On a busy machine one chip may be as fast as two; with a little less memory than one needs, there are two.
    const { candidates } = await planDistill({ examples, chips: 1, sameBits: true });
    const memoryLimit = Math.max(...candidates.flatMap(({ memory }) => memory.map(({ total }) => total))) - 1;
    const report = await distill({
      examples,
      out: two,
      task: 'parcels',
      chips: 2,
      memoryLimit,
      alpha: 0.2,
      onProgress: ({ phase }) => phases.push(phase),
    });
    expect(report.task).toEqual({
      kind: 'classify',
      labels: ['address', 'damage', 'delay', 'refund', 'thanks'],
      multiple: false,
    });
    const {
      train,
      validation,
      tune,
      calibration,
      test: tested,
      n,
      duplicatesRemoved,
      contradicting,
    } = report.dataset;
    expect(train + validation + tune + calibration + tested).toBe(n);
    expect(n + duplicatesRemoved + contradicting).toBe(300);
    expect(report.training).toMatchObject({ chips: 2, reason: expect.stringMatching(/ms a step/) });
    expect(report.training.bubble).toBeGreaterThan(0);
    expect(report.training.bubble).toBeLessThan(1);
    expect(report.training.paddingShare).toBeGreaterThan(0);
    expect(report.training.paddingShare).toBeLessThan(0.5);
    expect(report.training.tokensPerSecond * report.training.seconds).toBeCloseTo(report.training.tokens, 3);
    expect(report.details.losses.length).toBe(report.training.steps);
    expect(report.test.agreement).toBeGreaterThan(0.85);
    expect(report.test.agreement).toBeGreaterThan(report.baselines.majority);
    expect(report.certificate).toMatchObject({ alpha: 0.2, delta: 0.05 });
    expect(new Set(phases)).toEqual(new Set(['dataset', 'prepare', 'train', 'certify', 'write']));
    const { real, simulated } = report.details.timeline!;
    expect(new Set(real.spans.map((span) => span.chip))).toEqual(new Set([0, 1]));
    expect(simulated.spans.length).toBeGreaterThan(0);

    // One chip cuts nothing, so equal weights say that neither the cut nor the overlap matters.
    const { training } = await distill({ examples, out: one, task: 'parcels', chips: 1, alpha: 0.2 });
    expect(training.tokens).toBe(report.training.tokens);
    expect(training.paddingShare).toBe(report.training.paddingShare);
    expect((await weightsOf(one)).equals(await weightsOf(two))).toBe(true);

    const student = await openStudent(two);
    try {
      const answers = await student.answer(['the lamp arrived broken', 'danke für Kaffeemaschine', '']);
      expect(answers.map(({ answer }) => answer).slice(0, 2)).toEqual(['damage', 'thanks']);
      for (const { confidence, certified } of answers) {
        expect(confidence).toBeGreaterThan(0);
        expect(confidence).toBeLessThanOrEqual(1);
        expect(certified).toBe(confidence >= (report.certificate?.threshold ?? 2));
      }
    } finally {
      await student.close();
    }

    const measured = await evaluateStudent(two, parcelExamples(300, { seed: 2 }));
    expect(measured.n).toBe(300);
    expect(measured.agreement).toBeGreaterThan(0.85);
    expect(measured.answered).toBe(Math.round(measured.coverage * 300));
    expect(measured.disagreementAmongAnswered).toBeLessThan(0.2);
    expect(measured.latencyMs.p99).toBeGreaterThanOrEqual(measured.latencyMs.p50);
  }, 180_000);

  test('a time budget takes passes away, and the report says so', async () => {
    const report = await distill({ examples: few, out: join(folder, 'hurried'), timeBudget: 1e-3 });
    expect(report.training.steps).toBeLessThan(60);
    expect(report.warnings.join(' ')).toMatch(/The time budget of 0.001 s allowed \d+\.\d of \d+ passes/);
  }, 60_000);

  test('an abort in the middle of training leaves nothing behind', async () => {
    const out = join(folder, 'aborted');
    const controller = new AbortController();
    const before = await readdir(folder);
    await expect(
      distill({
        examples: few,
        out,
        signal: controller.signal,
        onProgress: ({ phase, done }) => {
          if (phase === 'train' && done === 20) controller.abort(new Error('enough'));
        },
      }),
    ).rejects.toThrow('enough');
    expect(await readdir(folder)).toEqual(before);
  }, 60_000);

  test('what ended between the last step and the student goes on, with no step left to do; another seed makes another', async () => {
    const [whole, ended] = [join(folder, 'unbroken'), join(folder, 'ended')];
    const { certificate, reason } = await distill({ examples: few, out: whole });
    // So few examples cannot carry the claim, and the report says why.
    expect(certificate).toBeNull();
    expect(reason).toMatch(
      /^The calibration split has \d\d examples, and at most 5 % disagreement .* takes 59 /,
    );
    const controller = new AbortController();
    const first = distill({
      examples: few,
      out: ended,
      signal: controller.signal,
      onProgress: ({ phase }) => phase === 'certify' && controller.abort(new Error('late')),
    });
    await expect(first).rejects.toThrow('late');
    const { training, details } = await distill({ examples: few, out: ended });
    expect(training.resumedAt).toBe(training.steps);
    expect(training.seconds).toBeGreaterThan(0);
    expect(details.timeline).toBeUndefined();
    expect((await weightsOf(ended)).equals(await weightsOf(whole))).toBe(true);
    const other = join(folder, 'other');
    await distill({ examples: few, out: other, seed: 1 });
    expect((await weightsOf(other)).equals(await weightsOf(whole))).toBe(false);
  }, 60_000);

  test('says that terms forbid it before it asks for more examples', async () => {
    const options = {
      ...{ out: join(folder, 'no'), teachers: ['strict/large'] },
      providers: { strict: { terms: { distillation: 'forbidden' as const } } },
    };
    const made = distill({ ...options, examples: few.slice(0, 3) });
    await expect(made).rejects.toMatchObject({ code: 'terms_forbidden', values: { provider: 'strict' } });
  });

  test.each([
    [{ alpha: 0 }, 'alpha is 0 and must be between 0 and 1, such as 0.05.'],
    [{ delta: 1 }, 'delta is 1 and must be between 0 and 1, such as 0.05.'],
    [{ chips: 5 }, 'chips is 5 and must be a whole number from 1 to 4.'],
    [{ seed: 0.5 }, 'seed is 0.5 and must be a whole number below 2^31.'],
    [{ timeBudget: -1 }, 'time-budget is -1 and must be a number of seconds above 0.'],
  ])('refuses %o', async (options, message) => {
    await expect(distill({ examples, out: join(folder, 'no'), ...options })).rejects.toThrow(message);
  });
});
