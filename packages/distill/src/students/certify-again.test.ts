import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { distill } from '../distill.ts';
import { parcelExamples } from '../testing/parcel-examples.ts';
import { certifyAgain, studentAlphas } from './certify-again.ts';
import { openStudent } from './open-student.ts';
import { readScores, readStudentFolder } from './student-folder.ts';

/** With a digest in the place of each file: matchers compare bytes one by one, and a model has millions. */
async function readBriefly(directory: string) {
  const { files, ...rest } = await readStudentFolder(directory);
  const digests = [...files].map(([name, bytes]): [string, string] => [
    name,
    createHash('sha256').update(bytes).digest('hex'),
  ]);
  return { ...rest, files: Object.fromEntries(digests) };
}

let folder: string;
let student: string;
const examples = parcelExamples(300, { seed: 3 });
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kolben-certify-'));
  student = join(folder, 'student');
  await distill({ examples, out: student, task: 'parcels', chips: 1, alpha: 0.3, timeBudget: 20 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('another certificate', () => {
  it('is reckoned from what the student scored, which its folder keeps without texts', async () => {
    const { certificate, lineage } = await readStudentFolder(student);
    const scores = (await readScores(student))!;
    expect(scores.tune).toHaveLength(lineage.dataset.tune);
    expect(scores.calibration).toHaveLength(lineage.dataset.calibration);
    const sure = scores.calibration.filter(({ score }) => score >= certificate!.threshold);
    expect(sure).toHaveLength(certificate!.n);
    const kept = await readFile(join(student, 'scores.json'), 'utf8');
    for (const { answer, messages } of examples.slice(0, 50))
      for (const word of [answer!, messages[0]!.content]) expect(kept).not.toContain(word);
  });

  it('makes another student of the same model, with lineage, and leaves the old one', async () => {
    const { choices, delta } = await studentAlphas(student);
    expect(delta).toBe(0.05);
    const choice = choices.findLast(({ certificate }) => certificate)!;
    const out = join(folder, 'again');
    const before = await readBriefly(student);
    const { digest, certificate } = await certifyAgain(student, { alpha: choice.alpha, out });
    expect(certificate).toEqual(choice.certificate);
    const now = await readBriefly(out);
    expect(now.digest).toBe(digest);
    expect(digest).not.toBe(before.digest);
    expect(now.certificate).toEqual(JSON.parse(JSON.stringify(choice.certificate)));
    expect(now.files).toEqual(before.files);
    expect(now.lineage).toMatchObject({ parent: before.digest, certified: { before: before.certificate } });
    expect(await readBriefly(student)).toEqual(before);
    // And once more of the new one: nothing was lost.
    expect((await studentAlphas(out)).choices).toEqual(choices);
    expect(await readFile(join(out, 'README.md'), 'utf8')).toContain('was chosen from among');
    const opened = await openStudent(out);
    const { answer, confidence, certified } = (await opened.answer(['my parcel is late']))[0]!;
    await opened.close();
    expect(answer).toBeTypeOf('string');
    expect(certified).toBe(confidence >= certificate.threshold);
  });

  it('is refused for another alpha, for one that certifies nothing, without scores and with those of another', async () => {
    const out = join(folder, 'refused');
    await expect(certifyAgain(student, { alpha: 0.04, out })).rejects.toMatchObject({
      code: 'certificate_alpha',
    });
    const none = (await studentAlphas(student)).choices.find(({ certificate }) => certificate === null)!;
    await expect(certifyAgain(student, { alpha: none.alpha, out })).rejects.toMatchObject({
      code: 'certificate_none',
      message: none.reason,
    });
    const bare = join(folder, 'bare');
    await cp(student, bare, { recursive: true });
    await rm(join(bare, 'scores.json'));
    await expect(studentAlphas(bare)).rejects.toMatchObject({ code: 'certificate_scores' });
    const edited = (await readFile(join(student, 'scores.json'), 'utf8')).replace(
      '"delta": 0.05',
      '"delta": 0.5',
    );
    await writeFile(join(bare, 'scores.json'), edited);
    await expect(studentAlphas(bare)).rejects.toMatchObject({ code: 'student_folder_damaged' });
  });
});
