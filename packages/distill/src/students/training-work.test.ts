import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTrainingWork } from './training-work.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kolben-work-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const prefix = () => join(folder, 'students', '.mails.training');

test('plans are found again by the same training, and by no other', async () => {
  const first = await openTrainingWork(prefix(), 'data 1');
  expect(first.steps).toBeUndefined();
  await first.plan(120);
  writeFileSync(first.file, 'weights');
  const again = await openTrainingWork(prefix(), 'data 1');
  expect(again.steps).toBe(120);
  expect(existsSync(again.file)).toBe(true);
  const other = await openTrainingWork(prefix(), 'data 2');
  expect(other.steps).toBeUndefined();
  expect(existsSync(other.file)).toBe(false);
});

test('notes that make no sense are none, and nothing stays when it is removed', async () => {
  const work = await openTrainingWork(prefix(), 'data');
  await work.plan(3);
  writeFileSync(`${prefix()}.json`, '{"of": "data", "steps": 1.5');
  expect((await openTrainingWork(prefix(), 'data')).steps).toBeUndefined();
  await work.plan(3);
  await work.remove();
  expect(readdirSync(join(folder, 'students'))).toEqual([]);
});
