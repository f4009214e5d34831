import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Chip, startChip } from '@kolben/engine';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { readStudentFolder, writeStudentFolder } from '../students/student-folder.ts';
import { cardOfStudent, randomStudent } from '../students/testing/random-student.ts';
import { ExportError } from './export-error.ts';
import { exportStudent } from './export-student.ts';

let chip: Chip;
let parent: string;
let student: string;
let out: string;
beforeAll(async () => {
  chip = await startChip();
  parent = await mkdtemp(join(tmpdir(), 'kolben-export-'));
  student = join(parent, 'student');
  const contents = await randomStudent(chip);
  await writeStudentFolder(student, contents, cardOfStudent(contents));
});
afterAll(async () => {
  await chip.close();
  await rm(parent, { recursive: true, force: true });
});
let turn = 0;
beforeEach(async () => {
  out = join(parent, `${turn++}`, 'out');
});

test('a folder for Hugging Face’s hub is the whole student, and opens as one', async () => {
  const report = await exportStudent(student, { to: 'hf', out });
  expect((await readStudentFolder(out)).digest).toBe(report.digest);
  expect((await readdir(out, { recursive: true })).sort()).toEqual(
    (await readdir(student, { recursive: true })).sort(),
  );
  expect(report).toMatchObject({ out, format: 'hf' });
  expect(report.bytes).toBeGreaterThan(1000);
});

test('the ONNX model alone is that of the folder', async () => {
  const { bytes } = await exportStudent(student, { to: 'onnx', out });
  expect((await stat(out)).size).toBe(bytes);
  expect((await readFile(out)).equals(await readFile(join(student, 'onnx', 'model.onnx')))).toBe(true);
});

test('what GGUF cannot hold is refused, and nothing is left', async () => {
  await expect(exportStudent(student, { to: 'gguf', out })).rejects.toMatchObject({
    code: 'gguf_architecture',
  });
  await expect(stat(out)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('the terms are asked first, and nothing is written against them', async () => {
  const asked: string[] = [];
  const permit = ({ task }: { task: { name: string } }) => {
    asked.push(task.name);
    throw new Error('the terms forbid it');
  };
  await expect(exportStudent(student, { to: 'hf', out, permit })).rejects.toThrow('the terms forbid it');
  expect(asked).toEqual(['Bank | mail']);
  await expect(stat(out)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a place that is taken, or that the system refuses, is one sentence', async () => {
  await mkdir(out, { recursive: true });
  for (const to of ['hf', 'onnx'] as const) {
    const failed = exportStudent(student, { to, out });
    await expect(failed).rejects.toBeInstanceOf(ExportError);
    await expect(failed).rejects.toMatchObject({ code: 'export_exists' });
  }
  const file = join(parent, `file${turn}`);
  await writeFile(file, 'mine');
  await expect(exportStudent(student, { to: 'onnx', out: file })).rejects.toMatchObject({
    code: 'export_exists',
  });
  const inside = exportStudent(student, { to: 'onnx', out: join(file, 'model.onnx') });
  await expect(inside).rejects.toMatchObject({ code: 'export_unwritable' });
  expect(await readFile(file, 'utf8')).toBe('mine');
});

test('an abort leaves nothing', async () => {
  const reason = new Error('enough');
  for (const to of ['hf', 'onnx'] as const) {
    await expect(exportStudent(student, { to, out, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(await readdir(join(out, '..'))).toEqual([]);
  }
});
