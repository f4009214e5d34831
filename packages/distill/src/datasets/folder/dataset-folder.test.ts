import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parcelExamples } from '../../testing/parcel-examples.ts';
import { type Dataset, SPLITS } from '../dataset.ts';
import { freezeDataset } from '../freeze-dataset.ts';
import { openDataset } from '../open-dataset.ts';
import { DatasetFolderError } from './dataset-folder-error.ts';
import { readDataset } from './read-dataset.ts';
import { writeDataset } from './write-dataset.ts';

let folder: string;
let dataset: Dataset;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kolben-datasets-'));
  const examples = parcelExamples(300).map((example, i) => ({
    ...example,
    at: new Date(Date.UTC(2026, 0, 1, i)),
    conversation: `c${i >> 1}`,
  }));
  const repeated = examples
    .slice(0, 40)
    .flatMap((one, i) => [one, { ...one, answer: i % 4 === 0 ? 'other' : one.answer! }]);
  dataset = await freezeDataset(
    [
      ...examples,
      ...repeated,
      { ...examples[0]!, messages: [{ role: 'user', content: 'Zeile\u2028 „ß“ \ud800 0664 1234567' }] },
    ],
    {
      seed: 1,
      source: '/home/somebody/mails.jsonl',
    },
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function written(name: string): Promise<string> {
  const directory = join(folder, name);
  await writeDataset(directory, dataset);
  return directory;
}

async function failure(work: Promise<unknown>): Promise<DatasetFolderError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DatasetFolderError);
  const failed = error as DatasetFolderError;
  expect(failed.message).toMatch(/^[^\n]*[^.]\.$/);
  return failed;
}

describe('a dataset in its folder', () => {
  it('is read as it was written, without where it came from', async () => {
    const directory = await written('whole');
    expect(dataset.splits.train.some((one) => one.soft)).toBe(true);
    const read = await readDataset(directory);
    expect(read).toEqual({ ...dataset, source: 'mails.jsonl' });
    expect((await readdir(directory)).sort()).toEqual(
      ['dataset.json', ...SPLITS.map((split) => `${split}.jsonl`)].sort(),
    );
    if (process.platform !== 'win32') {
      for (const name of await readdir(directory)) {
        expect((await stat(join(directory, name))).mode & 0o077).toBe(0);
      }
    }
    expect(await openDataset(directory, { seed: 5 })).toEqual(read);
  });

  it('is opened from a file of examples just so', async () => {
    const file = join(folder, 'examples.jsonl');
    const examples = parcelExamples(120);
    const lines = examples.map(({ messages, answer }) =>
      JSON.stringify({ messages: [...messages, { role: 'assistant', content: answer }] }),
    );
    await writeFile(file, lines.join('\n'));
    expect((await openDataset(file, { seed: 5 })).digest).toBe(
      (await freezeDataset(examples, { seed: 5 })).digest,
    );
  });

  it('is never changed', async () => {
    const directory = await written('kept');
    const before = await readFile(join(directory, 'dataset.json'), 'utf8');
    expect(await failure(writeDataset(directory, dataset))).toMatchObject({ code: 'dataset_folder_taken' });
    expect(await readFile(join(directory, 'dataset.json'), 'utf8')).toBe(before);
    const file = join(folder, 'a file');
    await writeFile(file, 'mine');
    expect(await failure(writeDataset(file, dataset))).toMatchObject({ code: 'dataset_folder_taken' });
    expect(await failure(writeDataset(join(file, 'below'), dataset))).toMatchObject({
      code: 'dataset_folder_unwritable',
    });
    await mkdir(join(folder, 'empty'));
    await writeDataset(join(folder, 'empty'), dataset);
    expect((await readDataset(join(folder, 'empty'))).digest).toBe(dataset.digest);
  });

  it('leaves nothing when it is interrupted', async () => {
    const before = await readdir(folder);
    const signal = AbortSignal.abort();
    await expect(writeDataset(join(folder, 'cut'), dataset, { signal })).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(await readdir(folder)).toEqual(before);
  });

  const manifest = 'dataset.json';
  const change = async (file: string, to: (text: string) => string) =>
    writeFile(file, to(await readFile(file, 'utf8')));
  it.each<[string, (directory: string) => Promise<unknown>, string, string]>([
    [
      'an answer changed',
      (d) => change(join(d, 'test.jsonl'), (t) => t.replace(/"answer":"\w/, '"answer":"x')),
      'dataset_folder_damaged',
      'digest',
    ],
    [
      'a text changed',
      (d) => change(join(d, 'train.jsonl'), (t) => t.replace('parcel', 'Parcel')),
      'dataset_folder_damaged',
      'digest',
    ],
    [
      'an example too many',
      (d) => appendFile(join(d, 'tune.jsonl'), '{"text":"a","answer":"b","count":1}\n'),
      'dataset_folder_damaged',
      'tells of',
    ],
    [
      'a file cut off',
      (d) => change(join(d, 'train.jsonl'), (t) => t.slice(0, -20)),
      'dataset_folder_damaged',
      'not valid JSON',
    ],
    ['a file missing', (d) => rm(join(d, 'calibration.jsonl')), 'dataset_folder_damaged', 'missing'],
    [
      'bytes that are no text',
      (d) => writeFile(join(d, 'test.jsonl'), Buffer.from([0xff, 0xfe, 0x0a])),
      'dataset_folder_damaged',
      'not valid JSON',
    ],
    [
      'another line',
      (d) => change(join(d, 'test.jsonl'), (t) => t.replace('"count":1', '"count":0')),
      'dataset_folder_damaged',
      'line',
    ],
    ['no manifest', (d) => rm(join(d, manifest)), 'dataset_folder_not_a_dataset', 'kolben dataset'],
    [
      'a foreign manifest',
      (d) => writeFile(join(d, manifest), '{"name": "x"}'),
      'dataset_folder_not_a_dataset',
      'kolben dataset',
    ],
    [
      'a manifest of nothing',
      (d) => writeFile(join(d, manifest), 'null'),
      'dataset_folder_not_a_dataset',
      'kolben dataset',
    ],
    [
      'half a manifest',
      (d) => change(join(d, manifest), (t) => t.slice(0, 300)),
      'dataset_folder_damaged',
      'not valid JSON',
    ],
    [
      'a manifest without seed',
      (d) => change(join(d, manifest), (t) => t.replace('"seed"', '"sead"')),
      'dataset_folder_damaged',
      '"seed"',
    ],
    [
      'other labels',
      (d) => change(join(d, manifest), (t) => t.replace('"labels": [', '"labels": ["more",')),
      'dataset_folder_damaged',
      'labels',
    ],
    [
      'a parent that it never had',
      (d) =>
        change(join(d, manifest), (t) => t.replace('"parent": null', `"parent": "sha256:${'0'.repeat(64)}"`)),
      'dataset_folder_damaged',
      'digest',
    ],
    [
      'a newer version',
      (d) => change(join(d, manifest), (t) => t.replace('"version": 1', '"version": 2')),
      'dataset_folder_version',
      'update',
    ],
    ['nothing', (d) => rm(d, { recursive: true }), 'dataset_folder_missing', 'no such folder'],
  ])('refuses, in a sentence: %s', async (name, spoil, code, words) => {
    const directory = await written(name);
    await spoil(directory);
    const error = await failure(readDataset(directory));
    expect(error).toMatchObject({ code });
    expect(error.message).toContain(words);
  });
});
