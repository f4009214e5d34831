import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  copyFile,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { type Chip, readSafetensors, startChip } from '@kolben/engine';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { programArguments } from '../../../../test/program.ts';
import { requiredNames } from './folder/file-names.ts';
import { fileEntry, type Manifest, studentDigest } from './folder/manifest.ts';
import { openStudent } from './open-student.ts';
import {
  checkWritable,
  readStudentFolder,
  type StudentContents,
  StudentFolderError,
  writeStudentFolder,
} from './student-folder.ts';
import type { ClassifyTask } from './task.ts';
import { cardOfStudent, randomModel, randomStudent } from './testing/random-student.ts';
import type { WordsAndBag } from './words-and-bag/model.ts';
import { modelFiles, onnxOf, readModel } from './words-and-bag/model-files.ts';

let chip: Chip;
let student: StudentContents;
let task: ClassifyTask;
let model: WordsAndBag;
/** The same with other numbers. */
let warmer: StudentContents;
/** A student folder that no test touches. */
let written: string;
let parent: string;
beforeAll(async () => {
  chip = await startChip();
  student = await randomStudent(chip, { labels: ['a `b`', '<i>| c', 'ünï'] });
  task = student.task as ClassifyTask;
  model = await randomModel(chip);
  warmer = { ...student, files: modelFiles(task, { ...model, temperature: 2 }) };
  written = join(await mkdtemp(join(tmpdir(), 'kolben-student-')), 'written');
  await write(written, student);
});
afterAll(async () => {
  await chip.close();
  await rm(dirname(written), { recursive: true });
});
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'kolben-folder-'));
  return () => rm(parent, { recursive: true, force: true });
});

const write = (directory: string, contents: StudentContents, options?: { signal: AbortSignal }) =>
  writeStudentFolder(directory, contents, cardOfStudent(contents), options);

/** The error of a promise that must fail: one sentence about a path. */
async function failure(promise: Promise<unknown>): Promise<StudentFolderError> {
  const error = await promise.then(
    () => expect.unreachable('it should have failed'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StudentFolderError);
  const failed = error as StudentFolderError;
  expect(failed.message).toMatch(/^[^\n]+[^.]\.$/);
  expect(failed.message.startsWith(`${failed.path}: `)).toBe(true);
  return failed;
}

describe('a student folder', () => {
  test('holds what the design lists, and gives back what was written', async () => {
    expect((await readdir(written, { recursive: true })).sort()).toEqual(
      [
        'README.md',
        'config.json',
        'kolben.json',
        'model.safetensors',
        'onnx',
        join('onnx', 'model.onnx'),
        join('onnx', 'model_quantized.onnx'),
        'tokenizer.json',
        'tokenizer_config.json',
      ].sort(),
    );
    const { digest, files, ...read } = await readStudentFolder(written);
    const { files: givenFiles, ...contents } = student;
    const { parameters, vocabulary, ...made } = readModel(files, task, written);
    const { parameters: given, vocabulary: givenVocabulary, ...wanted } = model;
    expect(made).toEqual(wanted);
    expect([...files.keys()]).toEqual([...givenFiles.keys()]);
    // All but the folders on the way to the examples: those stay at home.
    expect(read).toEqual({ ...contents, lineage: { ...contents.lineage, source: 'mails.jsonl' } });
    // Half a million numbers, which `toEqual` takes seconds for.
    expect(isDeepStrictEqual(vocabulary, givenVocabulary)).toBe(true);
    for (const [name, values] of Object.entries(given)) {
      // Row 0 of the tables stands for what has no vector.
      const from = ['words.pieces', 'bag.table'].includes(name) ? model.shape.width : 0;
      expect(parameters[name].subarray(from)).toEqual(values.subarray(from));
      expect(parameters[name].subarray(0, from).every((value) => value === 0)).toBe(true);
    }
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  test('a student without a certificate, or with figures that are no numbers, is kept too', async () => {
    const bare: StudentContents = {
      ...student,
      certificate: null,
      reason: 'Too few examples: about 300 more calls are needed.',
      measurements: { ...student.measurements, test: { n: 0, agreement: Number.NaN } },
    };
    const directory = join(parent, 'bare');
    await write(directory, bare);
    const read = await readStudentFolder(directory);
    expect(read).toMatchObject({ certificate: null, reason: bare.reason });
    expect(read.measurements.test).toEqual({ n: 0, agreement: null });
    const card = await readFile(join(directory, 'README.md'), 'utf8');
    expect(card).toContain('It has no certificate.** Too few examples: about 300 more calls are needed.');
    expect(card).not.toContain('NaN');
  });

  test('is the same for the same student, and has another digest for another answer or certificate', async () => {
    const writeAs = (name: string, contents: StudentContents) => write(join(parent, name), contents);
    const { digest } = await writeAs('again', {
      ...student,
      lineage: { ...student.lineage, created: '2027-01-01T00:00:00.000Z' },
    });
    expect(digest).toBe((await readStudentFolder(written)).digest);
    for (const name of requiredNames)
      expect((await readFile(join(parent, 'again', name))).equals(await readFile(join(written, name)))).toBe(
        true,
      );
    const others = [
      await writeAs('cooler', warmer),
      await writeAs('uncertified', { ...student, certificate: null }),
      await writeAs('renamed', {
        ...student,
        task: { ...task, labels: ['x', 'y', 'z'] },
        files: modelFiles({ ...task, labels: ['x', 'y', 'z'] }, model),
      }),
    ];
    expect(new Set([digest, ...others.map((other) => other.digest)]).size).toBe(4);
  });

  test('model.safetensors has all that onnx/model.onnx is made of', async () => {
    const { files } = await readStudentFolder(written);
    const again = onnxOf(task, readModel(files, task, written));
    expect(Buffer.from(again).equals(Buffer.from(files.get('onnx/model.onnx')!))).toBe(true);
    const { tensors } = readSafetensors(await readFile(join(written, 'model.safetensors')), 'x');
    expect(
      Object.keys(tensors)
        .filter((name) => name.startsWith('vocabulary.'))
        .sort(),
    ).toEqual(['vocabulary.bagRows', 'vocabulary.gramRows', 'vocabulary.idf', 'vocabulary.wordRows']);
  });

  test('tells other programs what it is', async () => {
    const json = async (name: string) => JSON.parse(await readFile(join(written, name), 'utf8')) as unknown;
    expect(await json('config.json')).toMatchObject({
      architectures: ['KolbenWordsAndBagForSequenceClassification'],
      model_type: 'neobert',
      problem_type: 'single_label_classification',
      id2label: { 0: 'a `b`', 1: '<i>| c', 2: 'ünï' },
      label2id: { 'a `b`': 0, '<i>| c': 1, ünï: 2 },
      temperature: 0.7,
      max_position_embeddings: 200,
    });
    expect(await json('kolben.json')).toMatchObject({
      format: 'kolben-student',
      version: 2,
      family: 'kolben-words-and-bag',
      certificate: student.certificate,
      lineage: { ...student.lineage, source: 'mails.jsonl' },
      measurements: student.measurements,
    });
  });
});

describe('writing a student folder', () => {
  test('makes the folders above it, and replaces a student', async () => {
    const directory = join(parent, 'a', 'b', 'student');
    const first = await write(directory, warmer);
    const second = await write(directory, student);
    expect(second.digest).not.toBe(first.digest);
    expect((await readStudentFolder(directory)).digest).toBe(second.digest);
    expect(await readdir(dirname(directory))).toEqual(['student']);
  });

  test('takes an empty folder, and what a link leads to', async () => {
    await mkdir(join(parent, 'real'));
    await symlink(join(parent, 'real'), join(parent, 'link'), 'junction');
    await write(join(parent, 'link'), student);
    await write(join(parent, 'link'), student);
    await readStudentFolder(join(parent, 'real'));
    expect((await readdir(parent)).sort()).toEqual(['link', 'real']);
  });

  test('leaves alone what is not a student, before any work is done', async () => {
    const directory = join(parent, 'mine');
    await mkdir(directory);
    await writeFile(join(directory, 'thesis.txt'), 'years of work');
    const student2 = join(parent, 'student');
    await cp(written, student2, { recursive: true });
    await mkdir(join(student2, '.git'));
    const quantised = join(parent, 'quantised');
    await cp(written, quantised, { recursive: true });
    await writeFile(join(quantised, 'onnx', 'other.onnx'), '');
    const half = join(parent, 'half');
    await cp(written, half, { recursive: true });
    await writeFile(join(half, 'kolben.json'), '{"format":"something else"}');
    await writeFile(join(parent, 'file'), '');
    const before = (await readdir(parent, { recursive: true })).sort();
    const cases: [string, string, RegExp][] = [
      [directory, 'student_folder_foreign', /not a student's \("thesis\.txt"\)/],
      [student2, 'student_folder_foreign', /not a student's \("\.git"\)/],
      [quantised, 'student_folder_foreign', /not a student's \("onnx\/other\.onnx"\)/],
      [half, 'student_folder_foreign', /holds no whole student; choose another folder, or delete this one/],
      [join(parent, 'file'), 'student_folder_is_a_file', /a file of that name is in the way/],
      [join(parent, 'file', 'student'), 'student_folder_in_a_file', /a part of this path is a file/],
      [join(parent, 'x'.repeat(300)), 'student_folder_unwritable', /\(ENAMETOOLONG\)/],
    ];
    for (const [path, code, message] of cases)
      for (const act of [checkWritable, write]) {
        const error = await failure(act(path, student));
        expect(error).toMatchObject({ code, path });
        expect(error.message).toMatch(message);
      }
    expect((await readdir(parent, { recursive: true })).sort()).toEqual(before);
  });

  test('can be tried beforehand without a trace', async () => {
    await checkWritable(join(parent, 'a', 'b', 'c'));
    expect(await readdir(parent)).toEqual([]);
    await cp(written, join(parent, 'student'), { recursive: true });
    await checkWritable(join(parent, 'student'));
    await checkWritable(join(parent, 'other'));
    expect(await readdir(parent)).toEqual(['student']);
    await readStudentFolder(join(parent, 'student'));
  });

  test('an abort at any moment leaves what was there', async () => {
    const before = await readStudentFolder(written);
    for (const there of [false, true])
      for (const moment of [1, 4, 8]) {
        const directory = join(parent, `student-${there}-${moment}`);
        if (there) await cp(written, directory, { recursive: true });
        const { signal } = new AbortController();
        const reason = new Error('enough');
        let asked = 0;
        signal.throwIfAborted = () => {
          if (++asked === moment) throw reason;
        };
        await expect(write(directory, warmer, { signal })).rejects.toBe(reason);
        if (there) expect((await readStudentFolder(directory)).digest).toBe(before.digest);
        else expect((await failure(readStudentFolder(directory))).code).toBe('student_folder_missing');
        await rm(directory, { recursive: true, force: true });
        expect(await readdir(parent)).toEqual([]);
      }
  });

  test.skipIf(process.platform === 'win32')(
    'a full disk is one clear sentence, and leaves what was there',
    async () => {
      await cp(written, join(parent, 'student'), { recursive: true });
      // The system lets no file of this process grow beyond 1,000 blocks of 512 bytes: the fifth of them does.
      const limited = ['-c', 'ulimit -f 1000; exec "$@"', 'sh', ...writer];
      for (const name of ['student', 'new']) {
        const directory = join(parent, name);
        const { code, output } = await run('/bin/sh', [...limited, directory]);
        expect(output).toBe(
          `student_folder_disk_full ${directory}: files may not grow that large here; choose a folder on another disk.\n`,
        );
        expect(code).toBe(1);
      }
      expect(await readdir(parent)).toEqual(['student']);
      await readStudentFolder(join(parent, 'student'));
    },
  );

  test.skipIf(process.platform === 'win32')(
    'a folder that one may not write to is one clear sentence',
    async () => {
      await chmod(parent, 0o555);
      const directory = join(parent, 'student');
      const { code, output } = await run(writer[0], [...writer.slice(1), directory, 'as-nobody']);
      expect(output).toBe(
        `student_folder_not_permitted ${directory}: you may not write here; change its permissions or choose another folder.\n`,
      );
      expect(code).toBe(1);
      await chmod(parent, 0o755);
    },
  );

  test('a killed writer leaves the old student or the new one, and the next one clears up', async () => {
    const directory = join(parent, 'student');
    for (const delay of [0, 12]) {
      const child = spawn(writer[0], [...writer.slice(1), directory], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      // It has written once; now it is somewhere in the next one.
      await once(child.stdout, 'data');
      await setTimeout(delay);
      child.kill('SIGKILL');
      await once(child, 'close');
      if ((await readdir(parent)).includes('student')) await readStudentFolder(directory);
      await checkWritable(directory);
      await readStudentFolder(directory);
      expect(await readdir(parent)).toEqual(['student']);
    }
  });

  test('what killed writers left is cleared, what living ones have is not', async () => {
    const directory = join(parent, 'student');
    const dead = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
    await once(dead, 'close');
    const living = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' });
    try {
      await cp(written, join(parent, `student.replaced-${dead.pid}-1`), { recursive: true });
      await mkdir(join(parent, `student.partial-${dead.pid}-0`));
      await mkdir(join(parent, `student.partial-${living.pid}-0`));
      await mkdir(join(parent, `student.partial-${process.pid}-9999`));
      await mkdir(join(parent, `student.partial-${dead.pid}-0.bak`));
      await mkdir(join(parent, `other.partial-${dead.pid}-0`));
      await checkWritable(directory);
      expect((await readdir(parent)).sort()).toEqual(
        [
          'student',
          `student.partial-${living.pid}-0`,
          `student.partial-${dead.pid}-0.bak`,
          `other.partial-${dead.pid}-0`,
        ].sort(),
      );
      await readStudentFolder(directory);
    } finally {
      living.kill();
    }
  });
});

describe('reading a student folder', () => {
  let copy: string;
  beforeEach(async () => {
    copy = join(parent, 'student');
    await cp(written, copy, { recursive: true });
  });
  const path = (name: string) => join(copy, ...name.split('/'));

  test('every file that is missing, cut short, changed or empty is named', async () => {
    for (const name of requiredNames) {
      const whole = await readFile(path(name));
      await rm(path(name));
      expect(await failure(readStudentFolder(copy))).toMatchObject({
        code: 'student_folder_file_missing',
        path: path(name),
      });
      const flipped = Buffer.from(whole);
      flipped[whole.length >> 1] ^= 1;
      for (const [bytes, what] of [
        [whole.subarray(0, whole.length >> 1), /it has \d+ bytes and was written with \d+/],
        [Buffer.alloc(0), /it has 0 bytes/],
        [flipped, /it has been changed since it was written/],
      ] as const) {
        await writeFile(path(name), bytes);
        const error = await failure(readStudentFolder(copy));
        expect(error).toMatchObject({ code: 'student_folder_damaged', path: path(name) });
        expect(error.message).toMatch(what);
      }
      await writeFile(path(name), whole);
    }
    // It is for people, who may write in it.
    await rm(path('README.md'));
    await readStudentFolder(copy);
  });

  test('so is a kolben.json that is no JSON, of another kind, newer, incomplete or tampered with', async () => {
    const manifest = JSON.parse(await readFile(path('kolben.json'), 'utf8')) as Manifest;
    const { certificate } = manifest;
    const cases: [unknown, string, RegExp][] = [
      ['', 'student_folder_damaged', /it is not JSON/],
      ['{"format": "kolben-st', 'student_folder_damaged', /it is not JSON/],
      [[], 'student_folder_damaged', /expected object/],
      [{ name: 'some package' }, 'student_folder_not_a_student', /not the file of a student/],
      [
        { ...manifest, version: 1 },
        'student_folder_version',
        /it is of version 1, and this Kolben reads version 2/,
      ],
      [
        { ...manifest, task: { ...manifest.task, labels: ['a', 'a'] } },
        'student_folder_damaged',
        /task\.labels: the labels are not all different/,
      ],
      [
        { ...manifest, lineage: { ...manifest.lineage, seed: 'x' } },
        'student_folder_damaged',
        /lineage\.seed: /,
      ],
      [{ ...manifest, files: {} }, 'student_folder_damaged', /files: .* must all be there/],
      [
        { ...manifest, files: { ...manifest.files, '../../x': manifest.files['config.json'] } },
        'student_folder_damaged',
        /files: /,
      ],
      [{ ...manifest, family: 'other' }, 'student_folder_damaged', /has been changed since/],
      [
        { ...manifest, certificate: { ...certificate, threshold: 0.1 } },
        'student_folder_damaged',
        /has been changed since/,
      ],
      [
        { ...manifest, task: { ...manifest.task, labels: ['x', 'y', 'z'] } },
        'student_folder_damaged',
        /has been changed since/,
      ],
    ];
    for (const [content, code, message] of cases) {
      await writeFile(path('kolben.json'), typeof content === 'string' ? content : JSON.stringify(content));
      const error = await failure(readStudentFolder(copy));
      expect(error).toMatchObject({ code, path: path('kolben.json') });
      expect(error.message).toMatch(message);
    }
  });

  test('so is a folder whose files contradict each other, or turn texts into bytes as this version doesn’t', async () => {
    /** As another program would leave it: changed, with digests that fit. */
    const rewrite = async (name: (typeof requiredNames)[number], change: (text: string) => string) => {
      await copyFile(join(written, name), path(name));
      await copyFile(join(written, 'kolben.json'), path('kolben.json'));
      await writeFile(path(name), change(await readFile(path(name), 'latin1')), 'latin1');
      const manifest = JSON.parse(await readFile(path('kolben.json'), 'utf8')) as Manifest;
      manifest.files[name] = fileEntry(await readFile(path(name)));
      manifest.digest = studentDigest(manifest);
      await writeFile(path('kolben.json'), JSON.stringify(manifest));
    };
    await rewrite('tokenizer.json', (json) => json.replace('NFKC', 'NFC'));
    expect(await failure(openStudent(copy, { chips: [chip] }))).toMatchObject({
      code: 'student_folder_version',
      path: path('tokenizer.json'),
    });
    await copyFile(join(written, 'tokenizer.json'), path('tokenizer.json'));
    await rewrite('config.json', (json) => json.replace('"0": "a', '"0": "b'));
    expect((await failure(openStudent(copy, { chips: [chip] }))).message).toContain(
      'its labels are not those in kolben.json',
    );
    await rewrite('config.json', (json) => json.replace('"hidden_size": 8', '"hidden_size": 10'));
    expect((await failure(openStudent(copy, { chips: [chip] }))).message).toMatch(
      /tensor \S+ is of shape \(.*\), not \(.*10/,
    );
    await rewrite('config.json', (json) => json.replace('"hidden_size": 8', '"hidden_size": 9'));
    expect((await failure(openStudent(copy, { chips: [chip] }))).message).toMatch(
      /hidden_size must be a multiple of num_attention_heads/,
    );
  });

  test('so is what is no student at all', async () => {
    await writeFile(join(parent, 'file'), '');
    await mkdir(join(parent, 'empty'));
    const cases = [
      ['nowhere', 'student_folder_missing'],
      [join('file', 'student'), 'student_folder_missing'],
      ['file', 'student_folder_not_a_student'],
      ['empty', 'student_folder_not_a_student'],
    ];
    for (const [name, code] of cases)
      expect(await failure(readStudentFolder(join(parent, name)))).toMatchObject({
        code,
        path: join(parent, name),
      });
  });
});

const writer = [process.execPath, ...programArguments(new URL('testing/write-students.ts', import.meta.url))];

async function run(command: string, parameters: readonly string[]) {
  const child = spawn(command, parameters, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  return { output, code: code as number | null };
}
