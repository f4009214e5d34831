import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openStore } from '@kolben/store';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type MockTeacher, mockTeacher } from '../testing/mock-teacher.ts';
import { callKolben, emptyFolder, type RunOptions, runKolben } from '../testing/run-kolben.ts';

/** From inputs to labelled examples, by a real process, a real gateway in it and a teacher over HTTP. */

let folder: ReturnType<typeof emptyFolder>;
let teacher: MockTeacher;
beforeEach(() => {
  folder = emptyFolder();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await teacher?.close();
  folder.remove();
});

const inputs = (n: number) => Array.from({ length: n }, (_, i) => `text ${i}${i % 2 ? ' win' : ''}`);
const labelOf = (text: string) => (text.endsWith('win') ? 'spam' : 'ham');
const line = (text: string) =>
  JSON.stringify({ messages: [{ role: 'user', content: text }], n: text.length });

async function prepare(
  texts: readonly string[],
  answer: (text: string) => string | number = labelOf,
  options: { delayMs?: () => number; task?: object } = {},
): Promise<void> {
  teacher = await mockTeacher(answer, options);
  writeFileSync(join(folder.path, 'inputs.jsonl'), `${texts.map(line).join('\n')}\n`);
  const config = {
    dataDirectory: 'data',
    port: 0,
    providers: {
      local: {
        baseUrl: `http://127.0.0.1:${teacher.port}/v1`,
        prices: { m: { inputPerMillion: 1, outputPerMillion: 10 } },
      },
    },
    tasks: { mail: { kind: 'classify', teacher: 'local/m', labels: ['spam', 'ham'], ...options.task } },
  };
  writeFileSync(join(folder.path, 'kolben.config.json'), JSON.stringify(config));
}

const label = (args: string[] = [], options: Partial<RunOptions> = {}) => {
  const usual = ['--task', 'mail', '--out', 'labelled.jsonl'];
  const kept = [0, 2].flatMap((i) => (args.includes(usual[i]!) ? [] : usual.slice(i, i + 2)));
  const line = ['label', 'inputs.jsonl', ...kept, '--json', ...args];
  return Object.keys(options).length > 0
    ? runKolben(line, { cwd: folder.path, ...options })
    : callKolben(line, { cwd: folder.path });
};

const read = (file: string) =>
  readFileSync(join(folder.path, file), 'utf8')
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text));

it('labels a file through a gateway of its own: recorded, charged, in order', async () => {
  const texts = inputs(30);
  await prepare(texts, labelOf, { task: { prompt: 'Spam or ham?', route: 'cascade' } });
  const { code, stdout, stderr } = await label();
  expect(stderr).not.toContain('Error');
  expect(code).toBe(0);
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({
    labelled: 30,
    calls: 30,
    unanswered: 0,
    complete: true,
    rejectedFile: null,
  });
  expect(report.spent).toBeCloseTo(30 * (100 * 1 + 10 * 10) * 1e-6, 9);
  const lines = read('labelled.jsonl');
  expect(lines.map(({ messages }) => messages[0].content)).toEqual(texts);
  expect(lines.map(({ messages }) => messages[1].content)).toEqual(texts.map(labelOf));
  expect(lines[3]).toMatchObject({ n: texts[3]!.length });
  expect(teacher.bodies[0]).toMatchObject({ messages: [{ role: 'system', content: 'Spam or ham?' }, {}] });
  expect(readdirSync(folder.path).filter((name) => name.includes('labelling'))).toEqual([]);
  const store = await openStore({ directory: join(folder.path, 'data') });
  const calls = await store.calls.list({ task: 'mail', limit: 100 });
  expect(calls).toHaveLength(30);
  expect(calls.every(({ answeredBy, route }) => answeredBy === 'teacher' && route === 'teacher')).toBe(true);
  expect((await store.keys.list()).map(({ revokedAt }) => revokedAt !== null)).toEqual([true]);
  await store.close();
  // What was paid for is not written over.
  const again = await label();
  expect(again.code).toBe(1);
  expect(again.stderr).toContain('is there already');
}, 30_000);

it('killed half way, it asks for nothing again that was answered', async () => {
  const texts = inputs(120);
  const concurrency = 8;
  await prepare(texts, labelOf, { delayMs: () => 10 });
  const killed = await label(['--concurrency', String(concurrency)], {
    // Progress comes too rarely to go by; the teacher's own count says when it is half way.
    onStderr: (_, child) => {
      const look = setInterval(() => {
        if (teacher.answered.size < 50) return;
        clearInterval(look);
        child.kill('SIGKILL');
      }, 1);
    },
  });
  expect(killed.signal).toBe('SIGKILL');
  expect(existsSync(join(folder.path, 'labelled.jsonl'))).toBe(false);
  expect(readdirSync(folder.path)).toContain('.labelled.jsonl.labelling');
  const before = new Map(teacher.asked);
  expect(before.size).toBeLessThan(120);
  const again = await label(['--concurrency', String(concurrency)]);
  expect(again.code).toBe(0);
  const report = JSON.parse(again.stdout);
  expect(report).toMatchObject({ labelled: 120, unanswered: 0 });
  expect(report.reused).toBeGreaterThanOrEqual(before.size - concurrency);
  expect(read('labelled.jsonl').map(({ messages }) => messages[1].content)).toEqual(texts.map(labelOf));
  const twice = [...teacher.asked].filter(([, n]) => n > 1);
  expect(twice.length).toBeLessThanOrEqual(concurrency);
  expect(twice.every(([text, n]) => n === 2 && before.has(text))).toBe(true);
  expect(teacher.asked.size).toBe(120);
}, 60_000);

it('a call that the gateway recorded before the kill is not asked again, personal data in it or not', async () => {
  const texts = inputs(12).map((text, i) => `${text} from somebody${i}@example.org`);
  await prepare(texts);
  // A cap ends the work half way, so its file stays.
  const first = await label(['--budget', '0.0015', '--max-tokens', '50']);
  expect(first.code).toBe(0);
  const { labelled } = JSON.parse(first.stdout) as { labelled: number };
  expect(labelled).toBeGreaterThan(0);
  expect(labelled).toBeLessThan(12);
  // As if the process had died after the gateway had recorded the calls, and before their answers were in the file.
  const entries = read('.labelled.jsonl.labelling');
  const answered = new Set(entries.flatMap((entry) => entry.answered ?? []));
  const lines = entries.flatMap((entry) =>
    answered.has(entry.asked ?? '') ? [`${JSON.stringify(entry)}\n`] : [],
  );
  expect(lines).toHaveLength(labelled);
  const header = '{"kolben":"labelling","version":1}\n';
  writeFileSync(join(folder.path, '.labelled.jsonl.labelling'), header + lines.join(''));
  const again = await label();
  expect(JSON.parse(again.stdout)).toMatchObject({ labelled: 12, reused: labelled, calls: 12 - labelled });
  expect([...teacher.asked.values()]).toEqual(texts.map(() => 1));
  expect(read('labelled.jsonl')).toHaveLength(12);
}, 60_000);

it('keeps to a price cap, says so, and goes on with a larger one', async () => {
  await prepare(inputs(40));
  // Each call costs $0.0002 and may cost ten times that.
  const capped = await label(['--budget', '0.004', '--max-tokens', '100']);
  expect(capped.code).toBe(0);
  const report = JSON.parse(capped.stdout);
  expect(report.stoppedBy).toBe('budget');
  expect(report.spent).toBeLessThanOrEqual(0.004);
  expect(report.labelled).toBeGreaterThan(0);
  expect(report.labelled + report.unanswered).toBe(40);
  expect(read('labelled.jsonl')).toHaveLength(report.labelled);
  const more = await label(['--budget', '1', '--max-tokens', '100']);
  expect(JSON.parse(more.stdout)).toMatchObject({ labelled: 40, reused: report.labelled, complete: true });
  expect([...teacher.asked.values()].every((n) => n === 1)).toBe(true);
}, 30_000);

it('sets apart what is no label, and votes', async () => {
  let n = 0;
  await prepare(inputs(10), (text) => (text === 'text 4' ? 'eggs' : n++ % 3 === 0 ? 'ham' : 'spam'));
  const { stdout } = await label(['--votes', '3', '--concurrency', '1']);
  expect(JSON.parse(stdout)).toMatchObject({
    labelled: 9,
    rejected: { outside_labels: 1 },
    rejectedFile: 'labelled.rejected.jsonl',
    complete: true,
  });
  expect(read('labelled.jsonl').every(({ votes }) => votes.spam === 2 && votes.ham === 1)).toBe(true);
  expect(read('labelled.rejected.jsonl')).toMatchObject([
    { rejected: { reason: 'outside_labels', said: 'eggs' } },
  ]);
}, 30_000);

it('through a gateway that runs already', async () => {
  await prepare(inputs(5));
  const created = await callKolben(['keys', 'create', '--name', 'label', '--json'], { cwd: folder.path });
  const { secret } = JSON.parse(created.stdout) as { secret: string };
  vi.stubEnv('KOLBEN_KEY', secret);
  let labelled: Awaited<ReturnType<typeof label>> | undefined;
  const gateway = runKolben(['up', '--json'], {
    cwd: folder.path,
    onStdout: (stdout, child) => {
      const { url } = JSON.parse(stdout.split('\n')[0]!) as { url: string };
      void label(['--gateway', url]).then((result) => {
        labelled = result;
        child.kill('SIGTERM');
      });
    },
  });
  await gateway;
  expect(labelled?.stderr).toBeDefined();
  expect(JSON.parse(labelled!.stdout)).toMatchObject({ labelled: 5, calls: 5 });
  expect(read('labelled.jsonl')).toHaveLength(5);
}, 30_000);

it.each([
  ['a teacher that is out of order', [], () => 401, /cannot be asked/],
  ['an unknown task', ['--task', 'mial'], labelOf, /no task 'mial'/],
  ['a budget that is none', ['--budget', 'much'], labelOf, /--budget/],
  ['a folder that is not there', ['--out', 'no/labelled.jsonl'], labelOf, /its folder does not exist/],
  ['the inputs as --out', ['--out', 'inputs.jsonl'], labelOf, /another file/],
  ['an address that is none', ['--gateway', 'localhost'], labelOf, /--gateway/],
  ['no key for a gateway', ['--gateway', 'http://127.0.0.1:1'], labelOf, /KOLBEN_KEY/],
] as const)(
  'one sentence for %s',
  async (_, args, answer, words) => {
    await prepare(inputs(3), answer);
    vi.stubEnv('KOLBEN_KEY', '');
    const { code, stdout, stderr } = await label([...args]);
    expect(code).toBeGreaterThan(0);
    expect(stderr).toMatch(words);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(stdout === '' || JSON.parse(stdout).error !== undefined).toBe(true);
    expect(existsSync(join(folder.path, 'labelled.jsonl'))).toBe(false);
  },
  20_000,
);

it('chooses whom to ask, marks what was drawn at random, and goes on after a kill without asking twice', async () => {
  const word = (n: number) =>
    Array.from({ length: 6 }, (_, i) => 'bcdfghjklm'[Math.floor(n / 10 ** i) % 10]).join('');
  const texts = Array.from(
    { length: 900 },
    (_, i) => `${word(i * 7919)} ${word(i * 104_729)} ${word(i * 1_299_709)} ${i % 9 === 0 ? 'win' : 'so'}`,
  );
  await prepare([...texts, texts[0]!], labelOf, { delayMs: () => 4 });
  const concurrency = 8;
  const args = ['--choose', '500', '--concurrency', String(concurrency)];
  const killed = await label(args, {
    onStderr: (_, child) => {
      const look = setInterval(() => {
        // The lot is through, and the choice has begun.
        if (teacher.answered.size < 420) return;
        clearInterval(look);
        child.kill('SIGKILL');
      }, 1);
    },
  });
  expect(killed.signal).toBe('SIGKILL');
  const before = new Set(teacher.asked.keys());
  const { code, stdout } = await label(args);
  expect(code).toBe(0);
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({ labelled: 500, unanswered: 0, complete: true, pool: 900 });
  expect(report.drawn.random + report.drawn.chosen).toBe(500);
  expect(teacher.asked.size).toBe(500);
  const twice = [...teacher.asked].filter(([, n]) => n > 1);
  expect(twice.length).toBeLessThanOrEqual(concurrency);
  expect(twice.every(([text, n]) => n === 2 && before.has(text))).toBe(true);
  const lines = read('labelled.jsonl');
  const random = lines.filter(({ drawn }) => drawn === 'random').map(({ messages }) => messages[0].content);
  expect(new Set(random).size).toBe(report.drawn.random);
  expect(lines.every(({ drawn }) => drawn === 'random' || drawn === 'chosen')).toBe(true);
  // The store knows which calls were chosen, those of the killed process too.
  const store = await openStore({ directory: join(folder.path, 'data') });
  const recorded = new Map<string, unknown>();
  for await (const { messages, extra } of store.calls.examples('mail'))
    recorded.set(messages.at(-1)!.content, extra.drawn);
  await store.close();
  // A call is recorded behind its answer, so those under way at the kill may be missing.
  const kept = lines.filter(({ messages }) => recorded.has(messages[0].content));
  expect(kept.map(({ messages }) => recorded.get(messages[0].content))).toEqual(
    kept.map(({ drawn }) => drawn),
  );
  expect(kept.filter(({ drawn }) => drawn === 'chosen').length).toBeGreaterThan(50);
  // What was chosen is in no split that judges.
  const frozen = await callKolben(
    ['dataset', 'labelled.jsonl', '--out', 'dataset', '--keep-personal-data', '--json'],
    {
      cwd: folder.path,
    },
  );
  expect(frozen.stderr).not.toContain('Error');
  const fromStore = await callKolben(
    ['dataset', '--task', 'mail', '--out', 'recorded', '--keep-personal-data', '--json'],
    { cwd: folder.path },
  );
  expect(fromStore.stderr).not.toContain('Error');
  for (const dataset of ['dataset', 'recorded'])
    for (const split of ['validation', 'tune', 'calibration', 'test'])
      for (const { text } of read(`${dataset}/${split}.jsonl`)) expect(random).toContain(text);
}, 120_000);
