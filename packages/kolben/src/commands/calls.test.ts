import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openStore } from '@kolben/store';
import { expect, onTestFinished, test } from 'vitest';
import { makeCall } from '../testing/make-call.ts';
import { callKolben, emptyFolder } from '../testing/run-kolben.ts';

/** `kolben calls prune` on a real store: the words go, the figures stay. */

const dayMs = 86_400_000;
const ago = (days: number) => new Date(Date.now() - days * dayMs);

async function written(config: object = {}) {
  const folder = emptyFolder();
  onTestFinished(() => folder.remove());
  const dataDirectory = join(folder.path, 'data');
  const configFile = join(folder.path, 'kolben.config.json');
  writeFileSync(configFile, JSON.stringify({ dataDirectory, providers: {}, tasks: {}, ...config }));
  const store = await openStore({ directory: dataDirectory });
  onTestFinished(() => store.close());
  const ids: string[] = [];
  for (const days of [100, 40, 10, 0])
    ids.push(await store.calls.record({ ...makeCall(`text of day ${days}`, 'ham'), at: ago(days) }));
  const kolben = (...args: string[]) => callKolben([...args, '--config', configFile]);
  const json = async (...args: string[]) => {
    const { stdout, stderr, code } = await kolben(...args, '--json');
    expect({ code, stderr }).toMatchObject({ code: 0 });
    return JSON.parse(stdout) as Record<string, unknown>;
  };
  const wordsLeft = () => Promise.all(ids.map((id) => store.calls.hasText(id)));
  return { store, kolben, json, wordsLeft };
}

test('deletes the words of calls from before a time, keeps their figures, and writes it down', async () => {
  const { store, json, wordsLeft } = await written();
  const ledger = await json('ledger');
  expect(await json('calls', 'prune', '--before', '30d')).toMatchObject({ calls: 2 });
  expect(await wordsLeft()).toEqual([false, false, true, true]);
  expect(await json('ledger')).toEqual(ledger);
  expect(await json('calls')).toMatchObject({ count: 4 });
  expect(await store.auditTrail()).toMatchObject([
    { actor: 'cli', act: 'calls.prune', detail: { calls: 2, before: expect.stringMatching(/Z$/) } },
  ]);
  // Once more finds nothing more.
  expect(await json('calls', 'prune', '--before', '30d')).toMatchObject({ calls: 0 });
});

test('without a time it goes by the configuration, and without that it deletes nothing', async () => {
  const { kolben, json, wordsLeft } = await written({ retention: { textDays: 90 } });
  expect(await json('calls', 'prune')).toMatchObject({ calls: 1 });
  expect(await wordsLeft()).toEqual([false, true, true, true]);
  const said = await kolben('calls', 'prune', '--before', '1d');
  expect(said.stdout).toMatch(/^The words of 2 calls from before .+ are gone for good\.\n$/);

  const unset = await written();
  const { code, stdout, stderr } = await unset.kolben('calls', 'prune');
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('name a time with --before, or set retention.textDays');
  expect(await unset.wordsLeft()).toEqual([true, true, true, true]);
  expect(await unset.store.auditTrail()).toEqual([]);
});

test('a time that is none is told', async () => {
  const { kolben, wordsLeft } = await written();
  const { code, stdout, stderr } = await kolben('calls', 'prune', '--before', 'long ago');
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('--before must be a date');
  expect(await wordsLeft()).toEqual([true, true, true, true]);
});
