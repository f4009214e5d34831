// What the store promises about processes that die, disks that fill up, and several processes at once.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { StoreLockedError } from './errors.ts';
import { integrity, newFolder, openStore } from './testing/folders.ts';
import { newCall } from './testing/new-call.ts';
import { onPostgres } from './testing/postgres.ts';
import { listen, recordCommand, startRecording } from './testing/recording-process.ts';

/** A sequence of numbers from 0 to below 1, the same at every run (Marsaglia's xorshift, 32 bits). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

async function expectRecorded(directory: string, ids: Iterable<string>): Promise<void> {
  expect(await integrity(directory)).toBe('ok');
  const store = await openStore({ directory });
  const recorded = new Set<string>();
  for await (const example of store.calls.examples('mail')) recorded.add(example.id!);
  for (const id of ids) expect(recorded.has(id), `${id} was acknowledged`).toBe(true);
  expect(recorded.size).toBe(await store.calls.count());
  await store.close();
}

test('whatever was acknowledged before a kill is there after it', async () => {
  const random = seeded(2026);
  const directory = newFolder();
  const acknowledged: string[] = [];
  for (let round = 0; round < 5; round++) {
    // Texts of 40 kB let the log be moved into the file every hundred calls, so that kills meet that as well.
    const process = startRecording(directory, 0, 40_000);
    await process.reached(1 + Math.floor(random() * 400));
    await wait(random() * 20);
    process.child.kill('SIGKILL');
    const { signal, stderr } = await process.ended;
    expect(stderr).toBe('');
    expect(signal).toBe('SIGKILL');
    expect(process.acknowledged.length).toBeGreaterThan(0);
    acknowledged.push(...process.acknowledged);
    await expectRecorded(directory, acknowledged);
  }
});

test('a process killed while it makes the store leaves one that opens', async () => {
  const random = seeded(7);
  for (let round = 0; round < 6; round++) {
    const directory = join(newFolder(), 'store');
    const process = startRecording(directory, 0, 100);
    await Promise.race([wait(200 + random() * 500), process.reached(1)]);
    process.child.kill('SIGKILL');
    await process.ended;
    const store = await openStore({ directory });
    await store.calls.record(newCall());
    await store.close();
    await expectRecorded(directory, process.acknowledged);
  }
});

test('several processes record into one store while another reads it and makes keys', async () => {
  const directory = newFolder();
  // Begun together on an empty folder: they agree on tables and key as well.
  const processes = [0, 1, 2].map(() => startRecording(directory, 300, 10_000));
  const store = await openStore({ directory });
  const own: string[] = [];
  while (processes.some((process) => process.acknowledged.length < 300 && process.child.exitCode === null)) {
    own.push(await store.calls.record(newCall()));
    await store.keys.create({ name: 'k', scope: 'use' });
    await store.calls.list({ limit: 5 });
    await store.ledger.summary();
    // A checkpoint among their commits. On a busy machine they may leave it no moment: it says so, and nothing is lost.
    await store.calls.deleteTextBefore(new Date(0)).catch((error: unknown) => {
      expect(error).toBeInstanceOf(StoreLockedError);
    });
  }
  for (const process of processes) expect(await process.ended).toMatchObject({ code: 0, stderr: '' });
  const ids = processes.flatMap((process) => process.acknowledged).concat(own);
  expect(new Set(ids).size).toBe(900 + own.length);
  expect(await store.calls.count()).toBe(ids.length);
  await store.close();
  await expectRecorded(directory, ids);
});

test.skipIf(process.platform === 'win32' || onPostgres)(
  'a full disk is a clear error and harms nothing recorded',
  async () => {
    const directory = newFolder();
    // The system lets no file of this process grow beyond 1,500 blocks of 512 bytes.
    const child = spawn(
      '/bin/sh',
      ['-c', 'ulimit -f 1500; exec "$@"', 'sh', ...recordCommand, directory, '0', '20000'],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    const process = listen(child);
    const { code, stderr } = await process.ended;
    expect(stderr).toMatch(/^store_unwritable: The store .*kolben\.db can't (grow|be written)/);
    expect(code).toBe(1);
    expect(process.acknowledged.length).toBeGreaterThan(5);
    await expectRecorded(directory, process.acknowledged);
  },
);
