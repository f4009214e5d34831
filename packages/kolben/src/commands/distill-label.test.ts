import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openStore } from '@kolben/store';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { makeTexts } from '../testing/make-examples.ts';
import { type MockTeacher, mockTeacher } from '../testing/mock-teacher.ts';
import { callKolben, emptyFolder, runKolben } from '../testing/run-kolben.ts';

/** Labelling and training at once, by the built command. */

const texts = makeTexts(120);
const labelOf = new Map(texts.map(({ text, label }) => [text, label]));
let folder: ReturnType<typeof emptyFolder>;
let teacher: MockTeacher;
/** The teacher keeps silent until then. */
let mayAnswer: () => void;

beforeAll(async () => {
  folder = emptyFolder();
  const until = new Promise<void>((resolve) => {
    mayAnswer = resolve;
  });
  teacher = await mockTeacher((text) => labelOf.get(text) ?? 404, { until });
  const provider = {
    baseUrl: `http://127.0.0.1:${teacher.port}/v1`,
    prices: { m: { inputPerMillion: 1, outputPerMillion: 10 } },
  };
  const config = {
    dataDirectory: 'data',
    providers: { local: provider },
    tasks: { queue: { kind: 'classify', teacher: 'local/m' } },
  };
  writeFileSync(join(folder.path, 'kolben.config.json'), JSON.stringify(config));
  const line = (text: string) => JSON.stringify({ messages: [{ role: 'user', content: text }] });
  writeFileSync(join(folder.path, 'inputs.jsonl'), `${texts.map(({ text }) => line(text)).join('\n')}\n`);
});
afterAll(async () => {
  await teacher.close();
  folder.remove();
});

const labelling = ['distill', 'inputs.jsonl', '--label', '--json'];

it('inputs in, a student and the labelled file out, whoever stops it meanwhile', async () => {
  const store = await openStore({ directory: join(folder.path, 'data') });
  onTestFinished(() => store.close());
  const words = ['--task', 'queue', '--out', 'student', '--chips', '1', '--time-budget', '3000'];
  const { path: cwd } = folder;
  const first = runKolben([...labelling, ...words, '--report', 'report.html'], { cwd });
  // Seen while it waits for the teacher, stopped by another process, and gone on with.
  const id = await vi.waitUntil(
    async () => (teacher.waiting > 0 ? (await store.runs.list())[0]?.id : undefined),
    { timeout: 60_000, interval: 50 },
  );
  expect(await store.runs.get(id)).toMatchObject({
    ...{ task: 'queue', source: 'labelling', state: 'running', settings: { by: 'distill', cwd } },
  });
  const config = ['--config', join(cwd, 'kolben.config.json')];
  expect(await callKolben(['runs', 'stop', id, ...config])).toMatchObject({ code: 0 });
  const stopped = await first;
  expect(stopped.code).toBe(130);
  const brokenOff = new Set(teacher.asked.keys());
  expect(stopped.stderr).toContain(`kolben runs resume ${id}`);
  mayAnswer();
  const { code, stdout, stderr } = await runKolben(['runs', 'resume', id, '--json'], { cwd });
  expect(stderr).not.toMatch(/rror/);
  expect(code).toBe(0);
  const report = JSON.parse(stdout);
  expect(report.labelling).toMatchObject({ labelled: 120, unanswered: 0, calls: 120 });
  expect(report.task.labels).toEqual(['account', 'billing', 'delivery', 'product']);
  expect(report.test.agreement).toBeGreaterThan(0.8);
  expect(report).toMatchObject({ student: 'student', labelled: 'student.labelled.jsonl', written: 120 });
  // There was none before it.
  expect(report.promoted).toBe(true);
  expect(await store.runs.list()).toMatchObject([
    {
      ...{ id, state: 'done', dataset: { n: 120 } },
      end: { agreement: report.test.agreement, student: { folder: join(folder.path, 'student') } },
    },
  ]);
  expect((await store.runs.points(id)).length).toBeGreaterThan(1);
  expect(await store.students.current('queue')).toMatchObject({
    ...{ id: report.registered, directory: join(folder.path, 'student') },
  });
  const labelled = readFileSync(join(folder.path, 'student.labelled.jsonl'), 'utf8').trim().split('\n');
  expect(labelled.map((text) => JSON.parse(text).messages[1].content)).toEqual(
    texts.map(({ label }) => label),
  );
  expect(readdirSync(join(folder.path, 'student'))).toContain('kolben.json');
  expect(readFileSync(join(folder.path, 'report.html'), 'utf8')).toContain('local/m');
  expect(readdirSync(folder.path).filter((name) => name.startsWith('.'))).toEqual([]);
  // Only what the stop broke off, without an answer, was asked again.
  expect(brokenOff.size).toBeGreaterThan(0);
  for (const [text, times] of teacher.asked) expect(times).toBe(brokenOff.has(text) ? 2 : 1);
  expect(teacher.answered.size).toBe(120);
  expect([...teacher.answered.values()].every((n) => n === 1)).toBe(true);
}, 600_000);

it.each([
  ['without a task', ['--out', 'other'], /--task/],
  ['without a folder', ['--task', 'queue'], /--out/],
  ['a task that is none', ['--task', 'quack', '--out', 'other'], /no task 'quack'/],
])(
  'one sentence %s',
  async (_, args, words) => {
    const { code, stderr } = await callKolben([...labelling, ...args], { cwd: folder.path });
    expect(code).toBeGreaterThan(0);
    expect(stderr).toMatch(words);
  },
  20_000,
);

it('options of labelling are for labelling', async () => {
  const { code, stderr } = await callKolben(['distill', 'inputs.jsonl', '--out', 'other', '--budget', '5'], {
    cwd: folder.path,
  });
  expect(code).toBe(2);
  expect(stderr).toMatch(/--budget is for --label/);
}, 20_000);
