import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Chip, startChip } from '@kolben/engine';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { REDACTION_VERSION } from '../redact/redact-text.ts';
import { type Answer, openStudent } from './open-student.ts';
import { doubtAmbiguous, redactorOf, restore } from './redacted.ts';
import { writeStudentFolder } from './student-folder.ts';
import { cardOfStudent, randomStudent } from './testing/random-student.ts';

const redaction = { version: REDACTION_VERSION, countries: ['AT'], patterns: [] };
const text = 'Write to eva.maier@example.org, please, not to the office';

describe('what was taken out', () => {
  const redact = redactorOf(
    { ...redaction, patterns: [{ name: 'order', source: 'K-"\\d+', flags: '' }] },
    'student',
  );

  test('comes back into an answer, in JSON as a string', () => {
    const redacted = redact(text);
    expect(redacted.text).toBe('Write to [mail], please, not to the office');
    expect(restore('[mail]', text, redacted)).toBe('eva.maier@example.org');
    const order = 'My order K-"77 is late';
    expect(restore('{"order":"[order]"}', order, redact(order))).toBe('{"order":"K-\\"77"}');
  });

  test('makes an answer doubtful that could mean several', () => {
    const given = { answer: '{"to":"[mail]"}', confidence: 0.9 };
    expect(doubtAmbiguous(given, 'from [mail] to [mail]', redaction)).toEqual({ ...given, confidence: 0 });
    expect(doubtAmbiguous(given, 'to [mail] and [phone] or [phone]', redaction)).toBe(given);
    // What only looks like a placeholder is none.
    const numbers = { answer: '[5]', confidence: 0.9 };
    expect(doubtAmbiguous(numbers, 'lines [5] and [5]', redaction)).toBe(numbers);
    const own = { patterns: [{ name: '5', source: 'V', flags: '' }] };
    expect(doubtAmbiguous(numbers, 'lines [5] and [5]', own)).toEqual({ ...numbers, confidence: 0 });
  });
});

describe('a student that was taught on redacted texts', () => {
  let chip: Chip;
  let folder: string;
  beforeAll(async () => {
    chip = await startChip();
    folder = await mkdtemp(join(tmpdir(), 'kolben-redacted-'));
  });
  afterAll(async () => {
    await chip.close();
    await rm(folder, { recursive: true });
  });

  test('reads redacted ones, and one that was not reads what was written', async () => {
    const plain = await randomStudent(chip);
    const answers: Answer[] = [];
    for (const how of [null, redaction]) {
      const directory = join(folder, how ? 'redacting' : 'plain');
      await writeStudentFolder(directory, { ...plain, redaction: how }, cardOfStudent(plain));
      const student = await openStudent(directory, { chips: [chip] });
      const [written, placeholder] = await student.answer([text, redactorOf(redaction, '')(text).text]);
      if (how) expect(written.confidence).toBeCloseTo(placeholder.confidence, 5);
      else expect(Math.abs(written.confidence - placeholder.confidence)).toBeGreaterThan(1e-3);
      answers.push(placeholder);
      await student.close();
    }
    const [{ confidence, ...plainly }, redacting] = answers;
    expect(redacting).toEqual({ ...plainly, confidence: expect.closeTo(confidence, 5) });
  });

  test('is refused where this version would redact in another way', async () => {
    const student = await randomStudent(chip);
    const directory = join(folder, 'newer');
    const newer = { ...redaction, version: REDACTION_VERSION + 1 };
    await writeStudentFolder(directory, { ...student, redaction: newer }, cardOfStudent(student));
    await expect(openStudent(directory, { chips: [chip] })).rejects.toMatchObject({
      code: 'student_folder_version',
      message: expect.stringContaining('redacted by version 2, and this Kolben redacts by version 1'),
    });
  });
});
