import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Chip, startChip } from '@kolben/engine';
import type { Example } from '@kolben/store';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { normaliseAnswer } from '../../datasets/normalise.ts';
import { distill } from '../../distill.ts';
import { inputText } from '../../examples/input-text.ts';
import { readExamples } from '../../examples/read-examples.ts';
import { quantisedName } from '../folder/file-names.ts';
import { openStudent } from '../open-student.ts';
import { writeStudentFolder } from '../student-folder.ts';
import { cardOfStudent, knownTexts, randomStudent } from '../testing/random-student.ts';

let folder: string;
let chip: Chip;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kolben-quantised-'));
  chip = await startChip();
});
afterAll(async () => {
  await chip.close();
  await rm(folder, { recursive: true, force: true });
});

describe('the quantised copy', () => {
  test('answers as the model does, nearly as surely, and never as certified', async () => {
    const directory = join(folder, 'random');
    const contents = await randomStudent(chip);
    await writeStudentFolder(directory, contents, cardOfStudent(contents));
    const model = await openStudent(directory, { chips: [chip] });
    const copy = await openStudent(directory, { chips: [chip], quantised: true });
    const [answers, copied] = [await model.answer(knownTexts), await copy.answer(knownTexts)];
    expect(copy.certificate).toBeNull();
    expect(answers.some(({ certified }) => certified)).toBe(true);
    answers.forEach(({ answer, confidence }, i) => {
      expect(copied[i].certified).toBe(false);
      expect(copied[i].confidence).toBeCloseTo(confidence, 1);
      if (confidence > 0.6) expect(copied[i].answer).toBe(answer);
    });
    expect(copied.map(({ confidence }) => confidence)).not.toEqual(
      answers.map(({ confidence }) => confidence),
    );
  });

  test('where there is none, a sentence says so', async () => {
    const directory = join(folder, 'without');
    const contents = await randomStudent(chip);
    const files = new Map([...contents.files].filter(([name]) => name !== quantisedName));
    await writeStudentFolder(directory, { ...contents, files }, cardOfStudent(contents));
    const opened = openStudent(directory, { chips: [chip], quantised: true });
    await expect(opened).rejects.toMatchObject({
      code: 'student_folder_not_quantised',
      message: expect.stringMatching(/has no quantised copy/),
    });
    await (await openStudent(directory, { chips: [chip] })).close();
  });
});

const data = process.env.KOLBEN_TEST_DATA ?? '';
const present = ['banking77', 'massive_de'].every((set) => existsSync(join(data, set, 'test.jsonl')));
const without = !present && process.env.KOLBEN_TEST_REQUIRE !== '1';

describe.skipIf(without)('a student of real texts (needs banking77 and massive_de)', () => {
  const labelled = async (file: string) => {
    const found: { text: string; answer: string }[] = [];
    for await (const { messages, answer } of readExamples(join(data, file)))
      if (answer !== undefined) found.push({ text: inputText(messages), answer: normaliseAnswer(answer) });
    return found;
  };

  test('loses at most 0.3 points by its copy, and seldom answers what belongs to no label', async () => {
    const known = (await labelled('banking77/test.jsonl')).filter(({ answer }) =>
      /^([ab]|card_)/.test(answer),
    );
    const labels = new Set(known.map(({ answer }) => answer));
    const examples = (await labelled('banking77/train.jsonl'))
      .filter(({ answer }) => labels.has(answer))
      .map(
        ({ text, answer }): Example => ({ messages: [{ role: 'user', content: text }], answer, extra: {} }),
      );
    const out = join(folder, 'real');
    const report = await distill({ examples, out, timeBudget: 600 });
    expect(report.certificate).not.toBeNull();

    const model = await openStudent(out, { chips: [chip] });
    const copy = await openStudent(out, { chips: [chip], quantised: true });
    const agreement = async (student: typeof model) => {
      const answers = await student.answer(known.map(({ text }) => text));
      return answers.filter(({ answer }, i) => answer === known[i].answer).length / known.length;
    };
    const [whole, copied] = [await agreement(model), await agreement(copy)];
    expect(whole).toBeGreaterThan(0.9);
    expect(whole - copied).toBeLessThanOrEqual(0.003);

    const strange = (await labelled('massive_de/test.jsonl')).slice(0, 500).map(({ text }) => text);
    const answered = (await model.answer(strange)).filter(({ certified }) => certified).length;
    expect(answered / strange.length).toBeLessThanOrEqual(0.1);
  }, 180_000);
});
