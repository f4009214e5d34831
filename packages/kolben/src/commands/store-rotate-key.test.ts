import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openStore } from '@kolben/store';
import { expect, onTestFinished, test, vi } from 'vitest';
import { makeCall } from '../testing/make-call.ts';
import { callKolben, emptyFolder, runKolben } from '../testing/run-kolben.ts';

/** `kolben store rotate-key`: as a command; that a killed one goes on where it was is tested with the store. */

async function folderWith(calls: number, key?: Buffer) {
  const folder = emptyFolder();
  onTestFinished(() => folder.remove());
  const store = await openStore({ directory: folder.path, ...(key && { key }) });
  for (let i = 0; i < calls; i++) await store.calls.record(makeCall(`text ${i}`, 'ham'));
  await store.close();
  return folder.path;
}

async function textsIn(directory: string, key?: Buffer): Promise<unknown[]> {
  const store = await openStore({ directory, ...(key && { key }) });
  const calls = await store.calls.list();
  await store.close();
  return calls
    .map(({ request }) => (request as { messages: { content: string }[] }).messages[0]!.content)
    .sort();
}

test('seals every text anew with a key of its own, and the file has that one alone', async () => {
  const directory = await folderWith(7);
  const before = readFileSync(join(directory, 'kolben.key'), 'utf8');
  const { stdout, stderr, code } = await runKolben(['store', 'rotate-key', '--data', directory, '--json'], {
    cwd: directory,
  });
  expect(code, stderr).toBe(0);
  const report = JSON.parse(stdout) as { from: string; to: string };
  expect(report).toMatchObject({ calls: 7, resumed: false });
  expect(report.from).not.toBe(report.to);
  const after = readFileSync(join(directory, 'kolben.key'), 'utf8').trim();
  expect(after.split('\n')).toHaveLength(1);
  expect(after).not.toBe(before.trim());
  expect(stdout + stderr).not.toContain(after);
  expect(await textsIn(directory)).toEqual(Array.from({ length: 7 }, (_, i) => `text ${i}`));
});

test('takes both keys from the environment, and says what to do with them then', async () => {
  const [old, next] = [randomBytes(32), randomBytes(32)];
  const directory = await folderWith(3, old);
  vi.stubEnv('KOLBEN_ENCRYPTION_KEY', old.toString('base64'));
  vi.stubEnv('KOLBEN_NEW_ENCRYPTION_KEY', next.toString('base64'));
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  const { stdout, stderr, code } = await callKolben(['store', 'rotate-key', '--data', directory]);
  expect(code, stderr).toBe(0);
  expect(stdout).toMatch(
    /^The store is sealed with the key [0-9a-f]{16}; [0-9a-f]{16} opens nothing in it any more\.\n$/,
  );
  expect(stderr).toContain('Now set KOLBEN_ENCRYPTION_KEY to the new key');
  vi.unstubAllEnvs();
  expect(await textsIn(directory, next)).toEqual(['text 0', 'text 1', 'text 2']);
  await expect(textsIn(directory, old)).rejects.toMatchObject({ code: 'store_key' });
});

test('a running gateway is told of, and nothing is changed', async () => {
  const directory = await folderWith(2);
  const store = await openStore({ directory });
  const journal = await store.openJournal();
  const { stdout, stderr, code } = await callKolben(['store', 'rotate-key', '--data', directory]);
  await journal.close();
  await store.close();
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/gateway/);
  expect(await textsIn(directory)).toEqual(['text 0', 'text 1']);
});
