import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readMarkup } from '../report/testing/well-formed.ts';
import { exampleFile, exampleLine, type LabelledText, makeTexts } from '../testing/make-examples.ts';
import { callKolben, emptyFolder, type RunOptions, runKolben } from '../testing/run-kolben.ts';

let folder: ReturnType<typeof emptyFolder>;
beforeAll(() => {
  folder = emptyFolder();
});
afterAll(() => folder.remove());

const isRoot = process.platform === 'linux' && process.getuid?.() === 0;

const kolben = (args: string[], { input = '', ...process }: Partial<RunOptions> = {}) =>
  Object.keys(process).length > 0
    ? runKolben(args, { cwd: folder.path, input, ...process })
    : callKolben(args, { cwd: folder.path, input });
const write = (name: string, text: string | Buffer) => writeFileSync(join(folder.path, name), text);

describe('distill, eval and answer', () => {
  it('make a certified student of a file, measure it, ask it, and tell it all in one object each', async () => {
    write('train.jsonl', exampleFile(makeTexts(200)));
    write('test.jsonl', exampleFile(makeTexts(400).slice(200)));
    const trained = await kolben([
      'distill',
      'train.jsonl',
      '--out',
      'student',
      '--alpha',
      '0.2',
      '--report',
      'report.html',
      '--json',
    ]);
    expect(trained.code, trained.stderr).toBe(0);
    expect(trained.stdout.indexOf('\n')).toBe(trained.stdout.length - 1);
    const report = JSON.parse(trained.stdout) as Record<string, never>;
    expect(report).toMatchObject({
      student: 'student',
      task: { kind: 'classify', labels: ['account', 'billing', 'delivery', 'product'] },
      dataset: { n: 200, train: expect.any(Number), duplicatesRemoved: 0, conflicts: 0 },
      training: {
        chips: expect.any(Number),
        seconds: expect.any(Number),
        steps: expect.any(Number),
        schedule: expect.any(String),
        bubble: expect.any(Number),
        paddingShare: expect.any(Number),
      },
      test: { n: expect.any(Number), agreement: expect.any(Number) },
      baselines: { majority: expect.any(Number), ngramLinear: expect.any(Number) },
      certificate: {
        alpha: 0.2,
        delta: 0.05,
        threshold: expect.any(Number),
        coverage: expect.any(Number),
        coverageInterval: [expect.any(Number), expect.any(Number)],
        disagreementUpperBound: expect.any(Number),
        n: expect.any(Number),
      },
    });
    const { train, validation, tune, calibration, test, n } = report.dataset as Record<string, number>;
    expect(train! + validation! + tune! + calibration! + test!).toBe(n);
    expect(report).not.toHaveProperty('details');
    expect(trained.stderr).toContain('Training …');

    const page = readFileSync(join(folder.path, 'report.html'), 'utf8');
    readMarkup(page);
    expect(page).toContain('npx kolben distill train.jsonl --out student --alpha 0.2');

    const evaluated = await kolben(['eval', 'student', 'test.jsonl', '--json']);
    expect(evaluated.code, evaluated.stderr).toBe(0);
    const measured = JSON.parse(evaluated.stdout) as Record<string, number>;
    expect(Object.keys(measured).sort()).toEqual([
      'agreement',
      'answered',
      'answersPerSecond',
      'coverage',
      'disagreementAmongAnswered',
      'latencyMs',
      'n',
      'upperBound95',
    ]);
    expect(measured.n).toBe(200);
    expect(measured.agreement).toBeGreaterThan(0.85);
    expect(measured.answered).toBeGreaterThan(0);

    const said = await kolben([
      'answer',
      'student',
      'my parcel is late and the courier lost the package',
      '--json',
    ]);
    expect(JSON.parse(said.stdout)).toEqual({
      answer: 'delivery',
      confidence: expect.any(Number),
      certified: expect.any(Boolean),
    });
    const piped = await kolben(['answer', 'student', '-', '--json'], {
      input: 'my parcel is late and the courier lost the package',
    });
    expect(piped.stdout).toBe(said.stdout);
    expect((await kolben(['answer', 'student', '-'], { input: '  ' })).stderr).toContain(
      'There is no text to answer',
    );
    expect((await kolben(['answer', 'student', '-'], { input: 'x', environment: {} })).code).toBe(0);
    expect((await kolben(['answer', 'nowhere', 'x'])).code).toBe(1);

    const exported = await kolben([
      ...['students', 'export', 'student', '--to', 'onnx', '--out', 'student.onnx', '--json'],
    ]);
    expect(JSON.parse(exported.stdout)).toMatchObject({
      format: 'onnx',
      bytes: statSync(join(folder.path, 'student.onnx')).size,
      terms: { distribution: 'distributed' },
    });
    for (const [to, out, sentence] of [
      ['onnx', 'student.onnx', 'there is something of this name'],
      ['gguf', 'student.gguf', 'of the type "neobert"'],
      ['pickle', 'student.pkl', 'the formats are hf, onnx, gguf'],
    ] as const) {
      const refused = await kolben(['students', 'export', 'student', '--to', to, '--out', out]);
      expect(refused).toMatchObject({ stdout: '' });
      expect(refused.code).not.toBe(0);
      expect(refused.stderr).toContain(sentence);
    }
    expect((await kolben(['eval', 'student', 'missing.jsonl'])).stderr).toContain('missing.jsonl');
  }, 120_000);
});

describe('a file that is wrong', () => {
  const good = makeTexts(200);
  const lines = good.map(exampleLine);
  const withLine = (line: number, text: string) =>
    [...Array.from({ length: line - 1 }, (_, i) => lines[i % lines.length]!), text, ''].join('\n');

  const bad: [name: string, text: string | Buffer | undefined, message: RegExp][] = [
    ['missing.jsonl', undefined, /missing\.jsonl/],
    ['empty.jsonl', '', /empty\.jsonl: the file has no examples/],
    ['not-json.jsonl', withLine(4711, '{"messages": [}'), /not-json\.jsonl, line 4711: .*JSON/],
    ['no-answer.jsonl', JSON.stringify({ messages: [{ role: 'user', content: 'x' }] }), /no-answer\.jsonl/],
    ['one-label.jsonl', exampleFile(good.map(({ text }) => ({ text, label: 'only' }))), /label|answer/],
    ['ten.jsonl', exampleFile(good.slice(0, 10)), /10 examples|too few|at least/],
    [
      'five-megabytes.jsonl',
      `${lines[0]}\n${exampleLine({ text: 'x'.repeat(5 * 1024 * 1024), label: 'billing' })}\n`,
      /five-megabytes\.jsonl, line 2: /,
    ],
    [
      'invalid-utf8.jsonl',
      Buffer.concat([
        Buffer.from(`${lines[0]}\n{"messages":[{"role":"user","content":"`),
        Buffer.from([0xff, 0xfe]),
        Buffer.from('"}]}\n'),
      ]),
      /invalid-utf8\.jsonl, line 2: .*UTF-8/,
    ],
  ];

  it.each(bad)('%s ends with one sentence and nothing half-written', async (name, text, message) => {
    if (text !== undefined) write(name, text);
    // Whether an object is asked for changes nothing, and a process is dear: one file is tried both ways.
    for (const json of name === bad[0]![0] ? [[], ['--json']] : [['--json']]) {
      const { code, stdout, stderr } = await kolben(['distill', name, '--out', 'none', ...json]);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      const said = stderr.trimEnd().split('\n');
      expect(said.at(-1)).toMatch(message);
      expect(stderr).not.toMatch(/\n\s+at /);
      expect(readdirSync(folder.path).filter((entry) => entry.startsWith('none'))).toEqual([]);
    }
  });

  it('with contradictions, duplicates and labels that occur once is used, and they are reported', async () => {
    const odd: LabelledText[] = [
      ...makeTexts(150, 3),
      ...makeTexts(150, 3).slice(0, 7),
      { ...makeTexts(150, 3)[20]!, label: 'product' },
      { ...makeTexts(150, 3)[21]!, label: 'product' },
      { text: 'a text of a kind that nobody else wrote', label: 'lonely' },
    ];
    write('odd.jsonl', exampleFile(odd));
    const { code, stdout, stderr } = await kolben([
      'distill',
      'odd.jsonl',
      '--out',
      'odd-student',
      '--chips',
      '1',
      '--time-budget',
      '0.001',
      '--json',
    ]);
    expect(code, stderr).toBe(0);
    const { dataset, warnings, certificate, reason } = JSON.parse(stdout) as {
      dataset: Record<string, number>;
      warnings: string[];
      certificate: null;
      reason: string;
    };
    expect(dataset.duplicatesRemoved).toBeGreaterThanOrEqual(7);
    expect(dataset.conflicts).toBe(2);
    // Thirty calibration examples can't carry a certificate at 5 %, and the student says so.
    expect(certificate).toBeNull();
    expect(reason).toMatch(/calls|examples/);
    expect(warnings.join(' ')).toMatch(/lonely|once/);
  }, 60_000);
});

describe('an --out that cannot be written', () => {
  it('is told before anything is trained', async () => {
    write('fine.jsonl', exampleFile(makeTexts(120)));
    write('a-file', 'not a folder');
    const { code, stdout, stderr } = await kolben([
      'distill',
      'fine.jsonl',
      '--out',
      'a-file/student',
      '--json',
    ]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/a-file/);
    expect(stderr).not.toContain('Training');
    expect(readFileSync(join(folder.path, 'a-file'), 'utf8')).toBe('not a folder');
  });

  // Root may write in spite of a folder's mode, but not to a read-only file system.
  it('because its folder is read-only is told as well', async () => {
    const locked = join(folder.path, 'locked');
    mkdirSync(locked);
    if (isRoot) execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', locked]);
    else chmodSync(locked, 0o500);
    try {
      const { code, stdout, stderr } = await kolben(['distill', 'fine.jsonl', '--out', 'locked/student']);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(/locked/);
      expect(stderr).not.toContain('Training');
    } finally {
      if (isRoot) execFileSync('umount', [locked]);
    }
  });
});

describe('a disk that fills up', () => {
  it.skipIf(!isRoot)(
    'ends with one sentence, and what was half-written is gone (needs root for a small tmpfs)',
    async () => {
      const disk = join(folder.path, 'disk');
      mkdirSync(disk);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk]);
      try {
        write('fine.jsonl', exampleFile(makeTexts(120)));
        const { code, stdout, stderr } = await kolben([
          'distill',
          'fine.jsonl',
          '--out',
          'disk/student',
          '--chips',
          '1',
          '--time-budget',
          '0.001',
          '--json',
        ]);
        expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
        expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/disk.*(full|room|space)/i);
        expect(readdirSync(disk)).toEqual([]);
      } finally {
        execFileSync('umount', [disk]);
      }
    },
    60_000,
  );
});

describe('Ctrl-C', () => {
  it('in the middle of the training stops in good order, with 130 and nothing half-written', async () => {
    write('long.jsonl', exampleFile(makeTexts(240)));
    let told = false;
    const { code, signal, stdout, stderr } = await kolben(
      ['distill', 'long.jsonl', '--out', 'stopped', '--chips', '1', '--json'],
      {
        onStderr: (text, child) => {
          if (told || !text.includes('Training …')) return;
          told = true;
          child.kill('SIGINT');
        },
      },
    );
    expect({ code, signal, stdout }).toEqual({ code: 130, signal: null, stdout: '' });
    const said = stderr.trimEnd().split('\n');
    expect(said).toContain('Stopping in good order; press Ctrl-C again to stop at once.');
    expect(said.at(-1)).toBe('Stopped as asked; nothing half-written was left behind.');
    expect(existsSync(join(folder.path, 'stopped'))).toBe(false);
    expect(readdirSync(folder.path).filter((entry) => entry.startsWith('stopped'))).toEqual([]);
  }, 60_000);
});

describe('options out of range', () => {
  it.each([
    [['--alpha', '1'], '--alpha must be a number between 0 and 1'],
    [['--alpha', '0'], '--alpha must be a number between 0 and 1'],
    [['--delta', 'x'], '--delta must be a number between 0 and 1'],
    [['--chips', '0'], '--chips must be a whole number from 1 to 4'],
    [['--seed', '-1'], '--seed must be a whole number from 0'],
    [['--time-budget', '0'], '--time-budget must be a number greater than 0'],
    [['--kind', 'translate'], '--kind must be one of classify, extract, generate'],
    [['--alhpa', '0.1'], 'did you mean --alpha?'],
    [['--data', '.kolben'], '--data is for recorded calls'],
  ])('%j is answered with one sentence', async (options, message) => {
    const { code, stdout, stderr } = await kolben(['distill', 'any.jsonl', '--out', 'none', ...options]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('and missing ones too', async () => {
    expect((await kolben(['distill', 'any.jsonl'])).stderr).toBe(
      'kolben distill needs --out: the student folder to write.\n',
    );
    expect((await kolben(['distill'])).stderr).toContain('needs a file of examples, or --task');
    expect((await kolben(['eval', 'student'])).stderr).toContain('kolben eval needs <examples>');
    expect((await kolben(['answer', 'student', 'two', 'words'])).stderr).toContain(
      'put a text with spaces in quotation marks',
    );
  });
});
