import { openStore } from '@kolben/store';
import { expect, onTestFinished, test } from 'vitest';
import { callKolben, emptyFolder } from '../testing/run-kolben.ts';

/** `kolben audit` on a real store. */

async function newStore() {
  const folder = emptyFolder();
  const store = await openStore({ directory: folder.path });
  onTestFinished(async () => {
    await store.close();
    folder.remove();
  });
  return { store, kolben: (...args: string[]) => callKolben([...args, '--data', folder.path]) };
}

test('shows what was done, newest first, in pages', async () => {
  const { store, kolben } = await newStore();
  expect((await kolben('audit')).stdout).toBe('Nothing is written down yet.\n');
  for (let day = 1; day <= 5; day++) {
    const at = new Date(Date.UTC(2026, 9, day));
    await store.audit({
      at,
      actor: 'key_console',
      act: 'route.set',
      subject: `task ${day}`,
      detail: { day },
    });
  }
  const page = async (...args: string[]) => {
    const { events } = JSON.parse((await kolben('audit', ...args, '--json')).stdout) as {
      events: { at: string; subject: string }[];
    };
    return events.map(({ subject }) => subject);
  };
  expect(await page('--limit', '2')).toEqual(['task 5', 'task 4']);
  expect(await page('--before', '2026-10-04', '--limit', '2')).toEqual(['task 3', 'task 2']);
  const { stdout } = await kolben('audit', '--limit', '1');
  expect(stdout).toMatch(/2026-10-05 00:00:00 +key_console +route\.set +task 5 +\{"day":5\}/);
});

test('an act of each command that changes something is there, without secrets', async () => {
  const { store, kolben } = await newStore();
  const { id, secret } = JSON.parse((await kolben('keys', 'create', '--name', 'shop', '--json')).stdout);
  await kolben('keys', 'rotate', id, '--grace', '1h');
  await kolben('keys', 'revoke', id);
  await kolben('calls', 'prune', '--before', '1d');
  await kolben('store', 'rotate-key');
  const { stdout } = await kolben('audit', '--json');
  const { events } = JSON.parse(stdout) as { events: { act: string }[] };
  expect(events.map(({ act }) => act)).toEqual([
    ...['store.rotate_key', 'calls.prune', 'key.revoke', 'key.rotate', 'key.create'],
  ]);
  expect(stdout).not.toContain(secret);
  expect(await store.auditTrail({ limit: 10 })).toHaveLength(5);
});

test('whatever a name holds, a terminal is safe from it', async () => {
  const { store, kolben } = await newStore();
  await store.audit({
    actor: 'cli',
    act: 'key.create',
    subject: '\u001B[2Jgone',
    detail: { name: '\u202Eevil' },
  });
  const { stdout } = await kolben('audit');
  for (const sign of ['\u001B', '\u202E']) expect(stdout).not.toContain(sign);
});

test.each([
  [['audit', '--limit', '0'], '--limit must be a whole number from 1 to 1000'],
  [['audit', '--before', 'then'], '--before must be a date'],
])('%j ends with 2 and one sentence', async (args, words) => {
  const { kolben } = await newStore();
  const { code, stdout, stderr } = await kolben(...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(words);
});
