import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { promisify } from 'node:util';
import { type Chip, startChip } from '@kolben/engine';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStudent } from './open-student.ts';
import { type StudentContents, writeStudentFolder } from './student-folder.ts';
import { cardOfStudent, knownTexts, randomStudent } from './testing/random-student.ts';

let chip: Chip;
let student: StudentContents;
let parent: string;
let written: string;
beforeAll(async () => {
  chip = await startChip();
  student = await randomStudent(chip, { labels: ['a `b`', '<i>| c', 'ünï'] });
  parent = await mkdtemp(join(tmpdir(), 'kolben-readme-'));
  written = join(parent, 'written');
  await writeStudentFolder(written, student, cardOfStudent(student));
});
afterAll(async () => {
  await chip.close();
  await rm(parent, { recursive: true });
});

describe('the README of a student folder', () => {
  test('tells a person what to rely on, and no text of the examples', async () => {
    const card = await readFile(join(written, 'README.md'), 'utf8');
    for (const part of [
      '# Bank \\| mail',
      '`` a `b` ``, `<i>| c`, `ünï`',
      '`openai/gpt-5`',
      'Where its confidence is 0.7000 or more, it disagrees with its teacher in at most 5 % of cases.',
      'fails in at most 5 % of the draws',
      '320 examples kept aside for this, 80 % of them',
      'between 75 % and 84 %',
      'with 95 % confidence, at 4.3 % or less',
      'Agreement is not truth',
      '| this student | 93.1 % |',
      '| a linear model over n-grams | 91.2 % |',
      '| always the commonest answer | 31 % |',
      'Trained in 93 seconds on 2 chips',
      '2,000 examples from `mails.jsonl`, after removing 12 duplicates; 3 inputs',
      '| calibration | 400 |',
      student.lineage.dataset.digest,
      'It reads the first 200 bytes',
    ])
      expect(card).toContain(part);
    expect(card).toMatch(/^---\npipeline_tag: text-classification\n.*\n---\n\n# /s);
    expect(card).toContain('            value: 0.9312\n---');
    // Not where the file lay, nor anything somebody wrote.
    expect(card).not.toContain('/srv/data');
    for (const known of knownTexts) expect(card).not.toContain(known);
  });

  test('has a script that answers as Kolben does, without Kolben', async () => {
    const card = await readFile(join(written, 'README.md'), 'utf8');
    const [, script] = card.match(/```js\n(.*?)```/s) ?? [];
    expect(script.split('\n').filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(22);
    expect(script).not.toMatch(/kolben(?!\.json)/);
    await writeFile(join(parent, 'answer.mjs'), script);
    await mkdir(join(parent, 'node_modules', '@huggingface'), { recursive: true });
    for (const name of ['onnxruntime-node', '@huggingface/tokenizers'])
      await symlink(packageFolder(name), join(parent, 'node_modules', name), 'junction');

    const texts = [
      ...knownTexts,
      '',
      ' ',
      'GRÜẞE AUS KÖLN',
      '„Typographisch“ – ‚einfach‘ … geht´s?',
      '👩‍👩‍👧‍👦🏳️‍🌈 toll',
      'tabs\tand\nlines\r\nand \u0007 bells \u001b[31m',
      'ΟΔΟΣ ﬁne Ａ㎏ e\u0301',
      'Bestell\u00adnummer \u200b \ufeff<pad> Ā Ġ [CLS]',
      `${'Wo bleibt meine Karte? '.repeat(4000)}`,
      'ä'.repeat(150),
    ];
    const { stdout } = await promisify(execFile)(process.execPath, ['answer.mjs', written, ...texts], {
      cwd: parent,
    });
    const answers = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);

    const own = await openStudent(written, { chips: [chip] });
    const wanted = await own.answer(texts);
    await own.close();
    expect(answers).toEqual(
      wanted.map(({ answer, confidence, certified }) => ({
        answer,
        confidence: expect.closeTo(confidence, 5),
        certified,
      })),
    );
    expect(new Set(wanted.map(({ answer }) => answer)).size).toBeGreaterThan(1);
    expect(new Set(wanted.map(({ certified }) => certified)).size).toBe(2);
  });
});

/** Where an installed package lies. */
function packageFolder(name: string): string {
  const entry = createRequire(import.meta.url).resolve(name);
  const folder = join('node_modules', ...name.split('/')) + sep;
  return entry.slice(0, entry.lastIndexOf(folder) + folder.length);
}
