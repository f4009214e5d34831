import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openStore } from '@kolben/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readMarkup } from '../report/testing/well-formed.ts';
import { makeCall } from '../testing/make-call.ts';
import { exampleLine, makeTexts } from '../testing/make-examples.ts';
import { callKolben, emptyFolder } from '../testing/run-kolben.ts';

let folder: ReturnType<typeof emptyFolder>;
const kolben = (args: string[], input = '') => callKolben(args, { cwd: folder.path, input });
const at = (name: string) => join(folder.path, name);
const write = (name: string, text: string) => writeFileSync(at(name), text);
const read = (name: string) => readFileSync(at(name), 'utf8');

async function json<T = Record<string, unknown>>(...args: string[]): Promise<T> {
  const { stdout, code, stderr } = await kolben([...args, '--json']);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(stdout.indexOf('\n')).toBe(stdout.length - 1);
  return JSON.parse(stdout) as T;
}

const clause = 'Output may not be used to train models.';
const config = (terms: object) =>
  JSON.stringify({
    dataDirectory: '.kolben',
    providers: {
      openai: {
        baseUrl: 'https://api.example.com/v1',
        prices: { 'gpt-4.1-mini': { inputPerMillion: 0, outputPerMillion: 0 } },
        terms,
      },
    },
    tasks: { mails: { kind: 'classify', teacher: 'openai/gpt-4.1-mini' } },
  });
const forbidden = { distillation: 'forbidden', clause, url: 'https://example.com/terms', date: '2026-10-01' };
const permission = { reference: 'Letter of 1 October', date: '2026-10-01' };
const claim = ['--alpha', '0.2', '--chips', '1'];

beforeAll(async () => {
  folder = emptyFolder();
  const store = await openStore({ directory: at('.kolben') });
  for (const { text, label } of makeTexts(200)) await store.calls.record(makeCall(text, label));
  // What a student has answered teaches nobody.
  await store.calls.record({ ...makeCall('my own words', 'nonsense'), answeredBy: 'student' });
  await store.close();
});
afterAll(() => folder.remove());

/** The training from the calls that the tests below look at. */
let student: string;

describe('the terms', () => {
  it('refuse to distil what they forbid, with provider, clause and calls, and leave nothing behind', async () => {
    write('kolben.config.json', config(forbidden));
    const { code, stdout, stderr } = await kolben([
      'distill',
      '--task',
      'mails',
      '--out',
      'refused',
      ...claim,
    ]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.trimEnd().split('\n').at(-1)).toBe(
      `The terms of openai (200 calls; “${clause}”; https://example.com/terms, read on 2026-10-01) forbid that their answers train a classifier for use in your own house: leave those calls out, or name the permission that you hold in providers.openai.terms.permission.`,
    );
    expect(() => read('refused/kolben.json')).toThrow('ENOENT');
  });

  it('of another use are another matter, also for answers in a file', async () => {
    write(
      'kolben.config.json',
      config({ distillation: { internal: { classify: 'allowed' }, distributed: 'forbidden' } }),
    );
    const lines = makeTexts(60).map((text) => ({
      ...JSON.parse(exampleLine(text)),
      teacher: 'openai/gpt-4.1-mini',
    }));
    write('told.jsonl', lines.map((line) => JSON.stringify(line)).join('\n'));
    const refused = await kolben(['distill', 'told.jsonl', '--out', 'given', '--distributed', ...claim]);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain(
      'The terms of openai (60 calls; the configuration quotes no clause) forbid',
    );
  });

  it('step back before a permission, which stays in the lineage', async () => {
    write('kolben.config.json', config({ ...forbidden, permission }));
    const report = await json<{ student: string; warnings: string[] }>(
      'distill',
      '--task',
      'mails',
      ...claim,
    );
    student = report.student;
    expect(report.warnings.join(' ')).toContain('rests on the permission Letter of 1 October of 2026-10-01');
    const { lineage, measurements } = JSON.parse(readFileSync(join(student, 'kolben.json'), 'utf8'));
    expect(lineage.teachers).toEqual(['openai/gpt-4.1-mini']);
    expect(lineage.answers).toEqual([{ provider: 'openai', model: 'gpt-4.1-mini', calls: 200 }]);
    expect(lineage.terms).toMatchObject({
      distribution: 'internal',
      verdict: 'allowed',
      providers: [{ provider: 'openai', calls: 200, verdict: 'forbidden', clause, permission }],
    });
    expect(measurements.reference).toMatchObject({
      n: measurements.test.n,
      unknownWords: expect.any(Number),
    });
  });

  it('that are written wrongly are refused with their place', async () => {
    write('wrong.json', config({ distillation: { internal: 'perhaps' } }));
    const { code, stderr } = await kolben(['distill', '--task', 'mails', '--config', 'wrong.json']);
    expect(code).toBe(1);
    expect(stderr).toContain('providers.openai.terms.distillation');
  });

  it('refuse answers that a student gave', async () => {
    const own = makeTexts(60).map((text) => ({ ...JSON.parse(exampleLine(text)), teacher: 'kolben/mails' }));
    write('own.jsonl', own.map((line) => JSON.stringify(line)).join('\n'));
    const { code, stderr } = await kolben(['distill', 'own.jsonl', '--out', 'own', ...claim]);
    expect(code).toBe(1);
    expect(stderr).toContain('holds the answer of a student, not of a teacher');
  });
});

describe('explain', () => {
  const text = 'Hello, my <b>parcel</b> is late and the courier lost it';

  it('tells what decided, what else it might have been, and what is like it among the calls it learned from', async () => {
    // Calls go on coming in while a student is trained.
    const { lineage } = JSON.parse(readFileSync(join(student, 'kolben.json'), 'utf8'));
    const store = await openStore({ directory: at('.kolben') });
    await store.calls.record({ ...makeCall(text, 'late'), at: new Date(Date.parse(lineage.created) - 1) });
    await store.close();
    const found = await json<{
      answer: string;
      value: number;
      baseline: number;
      words: { start: number; end: number; text: string; contribution: number }[];
      neighbours: { by: string; examples: { text: string; answer: string }[] };
    }>('explain', student, text);
    expect(found).toMatchObject({
      measure: 'log-odds',
      answer: 'delivery',
      runnerUp: { answer: expect.any(String), confidence: expect.any(Number) },
      neighboursFrom: 'the recorded calls of mails',
    });
    for (const word of found.words) expect(text.slice(word.start, word.end)).toBe(word.text);
    const shares = found.words.reduce((sum, { contribution }) => sum + contribution, 0);
    expect(shares).toBeCloseTo(found.value - found.baseline, 3);
    const strongest = [...found.words].sort((a, b) => b.contribution - a.contribution)[0]!;
    expect(['parcel', 'late', 'courier']).toContain(strongest.text);
    expect(found.neighbours.by).toBe('student');
    expect(found.neighbours.examples[0]!.answer).toBe('delivery');
  });

  it('says it in words from standard input, and on a page that escapes them', async () => {
    const { code, stdout, stderr } = await kolben(
      ['explain', student, '-', '--neighbours', '2', '--html', 'why.html'],
      `${text}\n`,
    );
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^delivery {2}\(confidence /);
    expect(stdout).toContain('Nearest examples, as the student sees them, from the recorded calls of mails:');
    expect(stdout).not.toContain('\u001B');
    const page = read('why.html');
    readMarkup(page);
    expect(page).toContain('&lt;');
    expect(page).not.toMatch(/<b>|<script/);
  });

  it('looks into a file that is named, and says why there is nothing to look into', async () => {
    write('few.jsonl', makeTexts(5).map(exampleLine).join('\n'));
    const { neighbours } = await json<{ neighbours: { examples: object[] } }>(
      ...['explain', student, text, '--examples', 'few.jsonl', '--neighbours', '9', '--evaluations', '64'],
    );
    expect(neighbours.examples).toHaveLength(5);
    await json('dataset', 'own.jsonl', '--out', 'frozen');
    expect(await json('explain', student, text, '--examples', 'frozen', '--evaluations', '64')).toMatchObject(
      {
        neighboursFrom: 'the training split of frozen, which is not the dataset that it learned from',
      },
    );
    expect(await json('explain', student, text, '--neighbours', '0', '--evaluations', '64')).toMatchObject({
      neighbours: null,
      neighboursMissing: 'none were asked for',
    });
  });

  it('refuses what it cannot do in one sentence', async () => {
    for (const [args, words] of [
      [['explain', student, ' '], 'There is no text'],
      [['explain', 'nowhere', text], 'there is no such folder'],
      [['explain', student, text, '--examples', 'nowhere.jsonl'], 'nowhere.jsonl'],
      [['explain', student, text, '--evaluations', '2'], '--evaluations must be a whole number'],
      [
        ['explain', student, text, '--html', 'no/such/folder.html'],
        '--html no/such/folder.html cannot be written',
      ],
    ] as const) {
      const { code, stdout, stderr } = await kolben([...args]);
      expect(code, stderr).not.toBe(0);
      expect(stdout).toBe('');
      expect(stderr.trimEnd().split('\n').at(-1)).toContain(words);
    }
  });
});

describe('eval with a report', () => {
  it('shows risk, reliability, mix-ups, disagreements and drift, and says it in JSON too', async () => {
    const texts = makeTexts(520).slice(200);
    // Other inputs than before: one label only, and some answers that nobody would give.
    const moved = texts
      .filter(({ label }) => label === 'billing')
      .map((one, i) => (i % 10 === 0 ? { text: `${one.text} <i>${i}</i>`, label: 'account' } : one));
    write('moved.jsonl', moved.map(exampleLine).join('\n'));
    const report = await json<{ n: number; agreement: number; details: Record<string, never> }>(
      ...['eval', student, 'moved.jsonl', '--report', 'evaluation.html'],
    );
    const { riskCoverage, drift, confused, disagreements, surest } = report.details as unknown as {
      riskCoverage: { coverage: number; disagreement: number }[];
      drift: { answers: { drifted: boolean } };
      confused: { teacher: string; n: number }[];
      disagreements: number;
      surest: { confidence: number }[];
    };
    expect(riskCoverage.at(-1)).toMatchObject({ coverage: 1 });
    expect(riskCoverage.at(-1)!.disagreement).toBeCloseTo(1 - report.agreement, 12);
    expect(drift.answers.drifted).toBe(true);
    expect(confused[0]!.teacher).toBe('account');
    expect(disagreements).toBe(Math.round((1 - report.agreement) * report.n));
    expect(surest.map(({ confidence }) => confidence)).toEqual(
      surest.map(({ confidence }) => confidence).sort((a, b) => b - a),
    );
    const page = read('evaluation.html');
    readMarkup(page);
    expect(page).toContain('&lt;');
    expect(page).not.toMatch(/<i>|<script/);
    for (const heading of [
      'at which risk',
      'confidence is honest',
      'Where they part',
      'worth reading',
      'inputs have changed',
    ])
      expect(page).toContain(heading);
    expect(await json('eval', student, 'moved.jsonl')).not.toHaveProperty('details');
  });
});

describe('the lineage', () => {
  it('is a card that marks what is left to fill in', async () => {
    const { card, left } = await json<{ card: string; left: number }>('students', 'card', student);
    expect(card).toContain('| `openai` | 200 | forbidden |');
    expect(card).toContain('permission held: Letter of 1 October');
    expect(card).toContain('Answered between 2026-11-01 and 2026-11-01');
    expect(card.split('[To be filled in:').length - 1).toBe(left);
    expect(readFileSync(join(student, 'README.md'), 'utf8')).toBe(card);
    const filled = await json<{ left: number }>(
      ...['students', 'card', student, '--out', 'card.md'],
      ...['--purpose', 'Sorts <mails>', '--contact', 'ml@example.com'],
    );
    expect(filled.left).toBe(left - 2);
    expect(read('card.md')).toContain('- **Purpose:** Sorts \\<mails\\>');
    const nowhere = await kolben(['students', 'card', 'nowhere']);
    expect(nowhere).toMatchObject({ code: 1, stdout: '' });
    expect(nowhere.stderr).toContain('there is no such folder');
  });

  it('is asked again before a student is given to others', async () => {
    const give = ['students', 'export', student, '--to', 'onnx', '--out', 'given.onnx'];
    write('kolben.config.json', config(forbidden));
    const refused = await kolben(give);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('The terms of openai (200 calls');
    expect(refused.stderr).toContain('a classifier that is given to third parties');
    expect(() => read('given.onnx')).toThrow('ENOENT');
    write('kolben.config.json', config({ ...forbidden, permission }));
    expect(await json(...give)).toMatchObject({ terms: { distribution: 'distributed', verdict: 'allowed' } });
    expect(read('given.onnx').length).toBeGreaterThan(0);
  });

  it('is a tree: a new student of a task follows the one before, also where that one is gone', async () => {
    const next = await json<{ student: string }>(
      ...['distill', '--task', 'mails', '--seed', '1', '--time-budget', '0.001', '--chips', '1'],
    );
    type Tree = { digest: string; task: string; missing: string | null; children: Tree[] };
    const before = await json<{ students: Tree[] }>('students', 'tree');
    expect(before.students).toMatchObject([
      {
        task: 'mails',
        missing: null,
        terms: 'allowed',
        children: [{ task: 'mails', seed: 1, children: [] }],
      },
    ]);
    const drawn = await kolben(['students', 'tree', '--task', 'mails']);
    expect(drawn.stdout).toMatch(/^[0-9a-f]{12} {2}mails/);
    expect(drawn.stdout).toContain('└─ ');
    expect((await json<{ students: Tree[] }>('students', 'tree', '--task', 'other')).students).toEqual([]);

    renameSync(student, at('elsewhere'));
    expect((await json<{ students: Tree[] }>('students', 'tree')).students).toMatchObject([
      {
        digest: before.students[0]!.digest,
        missing: 'its folder cannot be read',
        children: [{ missing: null }],
      },
    ]);
    rmSync(at('kolben.config.json'));
    const given = await json<{ students: Tree[] }>('students', 'tree', next.student);
    expect(given.students).toMatchObject([
      {
        digest: before.students[0]!.digest,
        missing: 'not on this machine, or not named',
        children: [{ seed: 1 }],
      },
    ]);
    const both = await json<{ students: Tree[] }>('students', 'tree', `elsewhere,${next.student}`);
    expect(both.students).toMatchObject([{ missing: null, children: [{ seed: 1 }] }]);
    const none = await kolben(['students', 'tree']);
    expect(none).toMatchObject({ code: 2, stdout: '' });
  }, 180_000);
});
