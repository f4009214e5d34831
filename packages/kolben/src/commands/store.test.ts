// The commands that docs/operators.md gives for backup, restore and the move to a server, as they stand there.
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openStore } from '@kolben/store';
import pg from 'pg';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { makeCall } from '../testing/make-call.ts';
import { callKolben, emptyFolder, runKolben } from '../testing/run-kolben.ts';

const url = process.env.KOLBEN_TEST_POSTGRES ?? 'postgres://postgres@127.0.0.1:5432/test?sslmode=disable';
const schema = `kolben_test_cli_${process.pid}`;

async function onServer(query: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(query).finally(() => client.end());
}

let folder: ReturnType<typeof emptyFolder>;
beforeEach(() => {
  folder = emptyFolder();
  vi.stubEnv('DATABASE_URL', url);
});
afterEach(() => {
  vi.unstubAllEnvs();
  folder.remove();
});

const kolben = (args: string[], cwd = folder.path) => callKolben(args, { cwd });

async function json(args: string[], cwd = folder.path): Promise<Record<string, unknown>> {
  const { stdout, stderr, code } = await kolben([...args, '--json'], cwd);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return JSON.parse(stdout) as Record<string, unknown>;
}

function configure(cwd: string, config: object = {}): void {
  mkdirSync(cwd, { recursive: true });
  writeFileSync(join(cwd, 'kolben.config.json'), JSON.stringify({ providers: {}, tasks: {}, ...config }));
}

async function record(calls: number): Promise<void> {
  const store = await openStore({ directory: join(folder.path, '.kolben') });
  for (let i = 0; i < calls; i++) await store.calls.record(makeCall(`text ${i}`, 'ham'));
  await store.close();
}

it('backs up, restores beside the key, and shows the same ledger', async () => {
  configure(folder.path);
  await record(5);
  const ledger = await json(['ledger']);
  const shown = await runKolben(['store', 'backup', 'kolben-backup.db'], { cwd: folder.path });
  expect(shown).toMatchObject({ code: 0 });
  expect(shown.stdout).toMatch(
    /^Wrote 5 calls and everything else into .*kolben-backup\.db\.\nIts texts open with the key [0-9a-f]{16} alone, which is not in it: keep a copy/,
  );
  const again = await kolben(['store', 'backup', 'kolben-backup.db']);
  expect(again).toMatchObject({ code: 1, stdout: '' });
  expect(again.stderr).toContain('a backup overwrites nothing');

  const other = join(folder.path, 'other');
  configure(other);
  const keyless = await kolben(['store', 'restore', '../kolben-backup.db'], other);
  expect(keyless).toMatchObject({ code: 1, stdout: '' });
  expect(keyless.stderr).toContain('its key is missing');
  copyFileSync(join(folder.path, '.kolben', 'kolben.key'), join(other, '.kolben', 'kolben.key'));
  expect(await json(['store', 'restore', '../kolben-backup.db'], other)).toMatchObject({
    calls: 5,
    to: join(other, '.kolben', 'kolben.db'),
  });
  expect(await json(['ledger'], other)).toEqual(ledger);
  expect(await json(['audit'])).toMatchObject({
    events: [{ act: 'store.backup', detail: { calls: 5, to: join(folder.path, 'kolben-backup.db') } }],
  });
  expect(await json(['audit'], other)).toMatchObject({
    events: [{ act: 'store.restore', detail: { calls: 5 } }],
  });
});

it('moves to a server, which all commands then use, and back', async ({ skip }) => {
  try {
    await onServer('select 1');
  } catch (error) {
    if (process.env.KOLBEN_TEST_REQUIRE === '1') throw error;
    skip('no Postgres server to test with');
  }
  configure(folder.path);
  await record(7);
  const ledger = await json(['ledger']);
  const unnamed = await kolben(['store', 'copy', '--to', 'postgres']);
  expect(unnamed).toMatchObject({ code: 2, stdout: '' });
  expect(unnamed.stderr).toContain('The configuration names no server');

  configure(folder.path, { store: { postgresEnv: 'DATABASE_URL', schema } });
  try {
    expect(await json(['store', 'copy', '--to', 'postgres'])).toMatchObject({ rows: { calls: 7 } });
    expect(await json(['ledger'])).toEqual(ledger);
    expect(await json(['audit'])).toMatchObject({ events: [{ act: 'store.copy', detail: { calls: 7 } }] });
    const key = await json(['keys', 'create', '--name', 'shop']);
    expect(readFileSync(join(folder.path, '.kolben', 'kolben.db')).includes(String(key.id))).toBe(false);
    expect((await kolben(['keys'])).stdout).toContain('shop');

    const back = join(folder.path, 'back');
    configure(back, { store: { postgresEnv: 'DATABASE_URL', schema } });
    expect((await kolben(['store', 'copy', '--to', 'embedded'], back)).code).toBe(0);
    expect(existsSync(join(back, '.kolben', 'kolben.db'))).toBe(true);
  } finally {
    await onServer(`drop schema if exists ${schema} cascade`);
  }

  // Whatever is wrong with the server, its URL is not shown.
  vi.stubEnv('DATABASE_URL', 'postgres://me:hunter2@127.0.0.1:1/kolben');
  const { code, stderr } = await kolben(['ledger']);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr:
      'The database server of 127.0.0.1:1/kolben (schema kolben_test_cli_' +
      `${process.pid}) can't be reached (ECONNREFUSED); look whether it runs, and whether its address is right.\n`,
  });
});
