import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type NewCall, openStore } from '@kolben/store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeCall as call } from '../testing/make-call.ts';
import { callKolben, emptyFolder, runKolben } from '../testing/run-kolben.ts';

let folder: ReturnType<typeof emptyFolder>;
beforeEach(() => {
  folder = emptyFolder();
});
afterEach(() => folder.remove());

const kolben = (args: string[]) => callKolben(args, { cwd: folder.path });

/** The one object on standard output, after checking that it is one and that nothing else is there. */
async function json(...args: string[]): Promise<Record<string, unknown>> {
  const { stdout, code, stderr } = await kolben([...args, '--json']);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(stdout.endsWith('}\n')).toBe(true);
  expect(stdout.indexOf('\n')).toBe(stdout.length - 1);
  return JSON.parse(stdout) as Record<string, unknown>;
}

async function record(...calls: NewCall[]): Promise<void> {
  const store = await openStore({ directory: join(folder.path, '.kolben') });
  for (const one of calls) await store.calls.record(one);
  await store.close();
}

describe('the way from an empty folder', () => {
  it('leads from init over a key to the gateway’s own commands', async () => {
    const made = await json('init');
    expect(made).toEqual({ config: join(folder.path, 'kolben.config.ts') });
    const again = await kolben(['init']);
    expect(again).toMatchObject({ code: 1, stdout: '' });
    expect(again.stderr).toContain('is there already');

    const key = await json('keys', 'create', '--name', 'mail sorter');
    expect(key).toMatchObject({ name: 'mail sorter', scope: 'use', secret: expect.stringMatching(/^kb-/) });
    const listed = await kolben(['keys']);
    expect(listed.stdout).toContain('mail sorter');
    expect(listed.stdout).not.toContain(String(key.secret));
    expect(readFileSync(join(folder.path, '.kolben', 'kolben.db')).includes(String(key.secret))).toBe(false);
    expect(await json('keys', 'revoke', String(key.id))).toEqual({ id: key.id, revoked: true });
    expect(await kolben(['keys', 'revoke', String(key.id)])).toMatchObject({ code: 1, stdout: '' });

    expect(await json('students')).toEqual({ students: [] });
    expect(await json('route')).toEqual({ routes: { mails: 'teacher' } });
    expect(await json('calls')).toEqual({ calls: [], count: 0 });
    expect(await json('ledger')).toMatchObject({ currency: 'USD', rows: [] });
  });

  it('shows calls and money, and exports what distill reads', async () => {
    await json('init');
    await record(call('Win \u001B[31m$500', 'spam'), call('Lunch?', 'ham'));
    const shown = await kolben(['calls', '--limit', '1']);
    expect(shown.stdout).toContain('1 call of 2 calls.');
    expect((await kolben(['calls', 'list'])).stdout).not.toContain('\u001B');
    expect(await json('ledger', '--task', 'mails')).toMatchObject({
      total: { calls: 2, promptTokens: 200, cost: 0.002, teacherCost: 0.002, saved: 0 },
    });
    expect(await json('ledger', '--since', '24h')).toMatchObject({ rows: [] });

    const lines = (await kolben(['calls', 'export', '--task', 'mails'])).stdout.trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { messages: object }).messages)).toEqual([
      [
        { role: 'user', content: 'Win \u001B[31m$500' },
        { role: 'assistant', content: 'spam' },
      ],
      [
        { role: 'user', content: 'Lunch?' },
        { role: 'assistant', content: 'ham' },
      ],
    ]);
    expect(await json('calls', 'export', '--task', 'mails', '--out', 'mails.jsonl')).toEqual({
      exported: 2,
      file: join(folder.path, 'mails.jsonl'),
    });
    expect(readFileSync(join(folder.path, 'mails.jsonl'), 'utf8').trimEnd().split('\n')).toEqual(lines);
    expect(statSync(join(folder.path, 'mails.jsonl')).mode & 0o077).toBe(0);
    const nowhere = await kolben([
      'calls',
      'export',
      '--task',
      'mails',
      '--out',
      'no/such/folder/mails.jsonl',
    ]);
    expect(nowhere).toMatchObject({ code: 1, stdout: '' });
    expect(nowhere.stderr).toContain('could not be written (ENOENT)');
    const both = await kolben(['calls', 'export', '--task', 'mails', '--json']);
    expect(both).toMatchObject({ code: 2, stdout: '' });
  });

  it('lets a reader of the export leave early', async () => {
    await json('init');
    await record(...Array.from({ length: 300 }, (_, i) => call(`${'x'.repeat(2000)} ${i}`, 'ham')));
    const { code, stderr } = await runKolben(['calls', 'export', '--task', 'mails'], {
      cwd: folder.path,
      onStdout: (_text, child) => child.stdout?.destroy(),
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('switches a route only where there is somebody to answer', async () => {
    await json('init');
    const refused = await kolben(['route', 'mails', 'cascade']);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toBe(
      "The task 'mails' has no student yet: 'kolben distill --task mails' trains one from its recorded calls.\n",
    );
    expect((await kolben(['route', 'nails', 'teacher'])).stderr).toContain(
      "There is no task 'nails' in the configuration: it has mails.",
    );
    expect((await kolben(['route', 'mails', 'both'])).stderr).toContain(
      'The route must be one of teacher, shadow, cascade, student',
    );
    expect(await json('route', 'mails', 'teacher')).toEqual({
      task: 'mails',
      route: 'teacher',
      before: 'teacher',
    });
  });
});

describe('a configuration', () => {
  it('is needed, and is said to be', async () => {
    const missing = await kolben(['ledger']);
    expect(missing).toMatchObject({ code: 1, stdout: '' });
    expect(missing.stderr).toBe(
      `There is no kolben.config.ts in ${folder.path}: 'kolben init' writes one, or name yours with --config.\n`,
    );
    expect((await kolben(['ledger', '--config', 'mine.ts'])).stderr).toContain('There is no configuration');
    expect((await kolben(['ledger', '--data', 'elsewhere'])).stderr).toContain('There is no Kolben data in');
    expect(existsSync(join(folder.path, 'elsewhere'))).toBe(false);
  });

  it.each([
    ['kolben.config.ts', 'export default {', /kolben\.config\.ts could not be read as a configuration: .+/],
    [
      'kolben.config.js',
      "throw new Error('boom')",
      /kolben\.config\.js could not be read as a configuration: boom\./,
    ],
    [
      'kolben.config.json',
      '{"providers": {}, "tasks": {}, "prot": 1}',
      /In kolben\.config\.json, prot is no known setting/,
    ],
    ['kolben.config.mjs', 'export default 7', /In kolben\.config\.mjs, /],
  ])('that is broken is answered with one sentence: %s', async (name, text, message) => {
    writeFileSync(join(folder.path, name), text);
    const { code, stdout, stderr } = await kolben(['ledger', '--json']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('may lie elsewhere, and its paths are meant from there', async () => {
    writeFileSync(join(folder.path, 'set.json'), '{"dataDirectory": "store", "providers": {}, "tasks": {}}');
    const other = emptyFolder();
    try {
      const { stdout, code } = await callKolben(
        ['keys', '--json', '--config', join(folder.path, 'set.json')],
        { cwd: other.path },
      );
      expect({ stdout, code }).toEqual({ stdout: '{"keys":[]}\n', code: 0 });
      expect(existsSync(join(folder.path, 'store', 'kolben.db'))).toBe(true);
    } finally {
      other.remove();
    }
  });
});

describe('what is typed wrongly', () => {
  it.each([
    [['distil'], 'did you mean distill?'],
    [['--alpha', '0.1'], 'kolben knows no option --alpha before a command'],
    [['keys', 'make'], "kolben keys knows no 'make'"],
    [['keys', 'create'], 'kolben keys create needs --name'],
    [['keys', 'create', '--name', 'x', '--scope', 'root'], '--scope must be one of use, admin'],
    [['calls', '--limit', '0'], '--limit must be a whole number from 1 to 1000'],
    [['ledger', '--since', 'yesterday'], '--since must be a date'],
    [['up', '--port', '70000'], '--port must be a whole number from 0 to 65535'],
    [['init', 'here'], 'kolben init takes no argument, but 1 was given'],
  ])('%j ends with 2 and one sentence', async (args, message) => {
    const { code, stdout, stderr } = await kolben(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('is not a call for help', async () => {
    for (const args of [
      [],
      ['--help'],
      ['help'],
      ['keys', '--help'],
      ['calls', 'export', '-h'],
      ['--version'],
    ]) {
      expect(await kolben(args)).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/\S/) });
    }
  });
});
