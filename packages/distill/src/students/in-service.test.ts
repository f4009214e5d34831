import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Chip, startChip } from '@kolben/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Certificate } from '../certificates/certificate.ts';
import { calibratedOf, measuredDrift } from '../evaluation/service-drift.ts';
import { isBetter, judgeIncumbent } from './judge-incumbent.ts';
import { openStudent } from './open-student.ts';
import { writeStudentFolder } from './student-folder.ts';
import { cardOfStudent, knownTexts, randomStudent } from './testing/random-student.ts';

let folder: string;
let chip: Chip;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kolben-in-service-'));
  chip = await startChip(0);
  const contents = await randomStudent(chip);
  await writeStudentFolder(join(folder, 'student'), contents, cardOfStudent(contents));
});
afterAll(async () => {
  await chip.close();
  rmSync(folder, { recursive: true, force: true });
});

const certificate = (coverage: number): Certificate => ({
  ...{ alpha: 0.05, delta: 0.05, threshold: 0.9, coverage, coverageInterval: [0, 1] },
  ...{ disagreementUpperBound: 0.04, n: 100 },
});

describe('a student in service', () => {
  it('compares answers as its certificate does, and tells what of a text it doesn’t know', async () => {
    const student = await openStudent(join(folder, 'student'), { chips: [chip] });
    try {
      const [label, other] = student.task.kind === 'classify' ? student.task.labels : [];
      expect(student.agrees(` ${label}\n`, label!)).toBe(true);
      expect(student.agrees(other!, label!)).toBe(false);
      expect(student.agrees('I cannot help with that.', label!)).toBe(false);
      const [known, strange, nothing] = await student.unknownGrams!([
        knownTexts[8]!,
        'xqzw vvkjh qqpwz',
        ' ',
      ]);
      expect(known).toBeLessThan(0.9);
      expect(strange).toBe(1);
      expect(nothing).toBeNull();
    } finally {
      await student.close();
    }
  });

  it('is judged beside its successor on the same examples', async () => {
    const student = await openStudent(join(folder, 'student'), { chips: [chip] });
    const texts = Array.from({ length: 200 }, (_, i) => `${knownTexts[i % 9]} ${i}`);
    const said = await student.answer(texts);
    await student.close();
    const { task } = student;
    const examples = texts.map((text, i) => ({ text, answer: said[i]!.answer, count: 1 }));
    const options = {
      ...{ splits: { tune: examples.slice(0, 80), calibration: examples.slice(80) }, task, chips: [chip] },
      ...{ equality: undefined, alpha: 0.05, delta: 0.05 },
    };
    const judge = (challenger: Certificate | null, where = 'student', kind = task) =>
      judgeIncumbent(join(folder, where), { ...options, task: kind, challenger });
    // It disagrees with itself in none, and the strictest threshold leaves out a few.
    const stays = await judge(certificate(0.5));
    expect(stays).toMatchObject({ digest: student.digest, outdone: false });
    expect(stays.certificate!.coverage).toBeGreaterThan(0.8);
    expect(await judge(certificate(0.999))).toMatchObject({ outdone: true });
    expect(await judge(null)).toMatchObject({ outdone: false });
    expect(await judge(certificate(0.1), 'nowhere')).toMatchObject({
      ...{ digest: null, certificate: null, reason: expect.any(String), outdone: true },
    });
    const written = { name: 't', kind: 'generate' as const, equality: 'exact' };
    expect(await judge(certificate(0.1), 'student', written)).toMatchObject({
      ...{ certificate: null, reason: expect.stringContaining('taught to classify'), outdone: true },
    });
  });

  it('is outdone by who may answer more, not by who may answer as much', () => {
    expect(isBetter(certificate(0.5), certificate(0.4))).toBe(true);
    expect(isBetter(certificate(0.5), certificate(0.5))).toBe(false);
    expect(isBetter(certificate(0.01), null)).toBe(true);
    expect(isBetter(null, null)).toBe(false);
  });

  it('is compared with its calibration split by bins', () => {
    const calibrated = calibratedOf([0.05, 0.95, 1, 1], [0, null, 0.1, 0.99]);
    expect(calibrated).toEqual({
      n: 4,
      confidence: [0.25, 0, 0, 0, 0, 0, 0, 0, 0, 0.75],
      unknownGrams: [1 / 3, 1 / 3, 0, 0, 0, 0, 0, 0, 0, 1 / 3],
    });
    expect(measuredDrift(calibrated.confidence, 4, [0, 5])).toMatchObject({
      n: 5,
      now: [0, 1, 0, 0, 0, 0, 0, 0, 0, 0],
    });
    expect(measuredDrift(calibrated.confidence, 4, [])).toBeNull();
    expect(measuredDrift(null, 4, [1])).toBeNull();
  });
});
