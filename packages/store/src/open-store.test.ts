import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { StoreClosedError, StoreCorruptError, StoreUnwritableError } from './errors.ts';
import { integrity, newFolder, newStore, openStore } from './testing/folders.ts';
import { newCall } from './testing/new-call.ts';
import { onPostgres } from './testing/postgres.ts';
import { recordCommand, startRecording } from './testing/recording-process.ts';

test.skipIf(process.platform === 'win32' || onPostgres)(
  'folder and files are made for their owner only',
  async () => {
    const directory = join(newFolder(), 'deep', 'store');
    const store = await openStore({ directory });
    await store.calls.record(newCall());
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    const files = readdirSync(directory);
    expect(files.sort()).toEqual(['kolben.db', 'kolben.db-shm', 'kolben.db-wal', 'kolben.key']);
    for (const file of files) expect(statSync(join(directory, file)).mode & 0o777, file).toBe(0o600);
    await store.close();
  },
);

test('what was stored is there when the store is opened again', async () => {
  const store = await newStore();
  const id = await store.calls.record(newCall());
  const { secret } = await store.keys.create({ name: 'shop', scope: 'use' });
  await store.routes.set('mail', 'cascade');
  await store.close();
  const again = await openStore({ directory: store.directory });
  expect((await again.calls.get(id))?.request).toEqual(newCall().request);
  expect((await again.keys.verify(secret))?.name).toBe('shop');
  expect(await again.routes.get('mail')).toBe('cascade');
  await again.close();
});

test('a closed store says so, and closing twice is no error', async () => {
  const store = await newStore();
  await Promise.all([store.close(), store.close()]);
  await store.close();
  for (const use of [
    () => store.calls.record(newCall()),
    () => store.calls.count(),
    () => store.keys.create({ name: 'x', scope: 'use' }),
    () => store.ledger.totals(),
    () => store.audit({ actor: 'cli', act: 'x' }),
  ]) {
    await expect(use()).rejects.toThrow(StoreClosedError);
  }
});

test('opened a second time in one process, it stays safe from what other processes do', async () => {
  const store = await newStore();
  const { directory } = store;
  await store.calls.record(newCall());
  await (await openStore({ directory })).close();
  // When it ends, it would empty and remove the log, were nobody else at the file.
  const other = startRecording(directory, 3, 10);
  expect((await other.ended).code).toBe(0);
  expect(await store.calls.count()).toBe(4);
  await store.calls.record(newCall());
  expect(await integrity(directory)).toBe('ok');
  const again = await openStore({ directory });
  expect(await again.calls.count()).toBe(5);
  await again.close();
});

test('a file in the place of the folder, or above it, is refused', async () => {
  const folder = newFolder();
  writeFileSync(join(folder, 'file'), '');
  for (const directory of [join(folder, 'file'), join(folder, 'file', 'store')]) {
    const error = await openStore({ directory }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(StoreUnwritableError);
    expect((error as Error).message).toMatch(`The folder ${directory} can't be made (`);
    expect((error as Error).message).toMatch('choose another one, or make it yourself');
  }
});

/** Records one call as a user without special rights; the answer is the error it printed. */
function recordAsNobody(directory: string): string {
  const [node, ...rest] = recordCommand;
  const { stderr, status } = spawnSync(node!, [...rest, directory, '1', '10', 'nobody'], {
    encoding: 'utf8',
  });
  expect(status).toBe(1);
  return stderr;
}

test.skipIf(process.platform === 'win32' || onPostgres)(
  'a folder or a file that may not be written is refused',
  async () => {
    const folder = newFolder();
    chmodSync(folder, 0o755);
    const readOnly = join(folder, 'read-only');
    mkdirSync(readOnly, { mode: 0o555 });
    expect(recordAsNobody(join(readOnly, 'store'))).toMatch(
      /^store_unwritable: The folder .* can't be made \(EACCES/,
    );
    expect(recordAsNobody(readOnly)).toMatch(
      /^store_unwritable: The store .*kolben\.db can't be written \(EACCES.*; check that its folder and files belong to you/,
    );
    expect(readdirSync(readOnly)).toEqual([]);
  },
);

test.skipIf(onPostgres)('a damaged file is met with a clear error, not with wrong answers', async () => {
  const store = await newStore();
  await Promise.all(Array.from({ length: 200 }, () => store.calls.record(newCall())));
  await store.calls.deleteTextBefore(new Date(0)); // the log into the file
  await store.close();
  const path = join(store.directory, 'kolben.db');
  const whole = readFileSync(path);
  const attempt = async () => {
    const opened = await openStore({ directory: store.directory });
    try {
      for await (const _ of opened.calls.examples('mail')) void _;
      await opened.ledger.summary();
    } finally {
      await opened.close();
    }
  };
  await attempt();

  const scribbled = Buffer.from(whole);
  for (let page = 1; page * 4_096 < scribbled.length; page++)
    scribbled.fill(0x5a, page * 4_096, page * 4_096 + 64);
  writeFileSync(path, scribbled);
  const error = await attempt().catch((e: unknown) => e);
  expect(error).toBeInstanceOf(StoreCorruptError);
  expect((error as Error).message).toMatch(
    /is damaged or no database at all \(.*\); put back a backup of it/,
  );

  writeFileSync(path, whole);
  truncateSync(path, Math.floor(whole.length / 2));
  await expect(attempt()).rejects.toThrow(StoreCorruptError);

  writeFileSync(path, Buffer.concat([Buffer.from('Not a database.'), whole.subarray(15)]));
  await expect(attempt()).rejects.toThrow(StoreCorruptError);
});
