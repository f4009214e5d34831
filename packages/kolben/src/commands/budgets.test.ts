import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openStore } from '@kolben/store';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeCall } from '../testing/make-call.ts';
import { callKolben, emptyFolder } from '../testing/run-kolben.ts';

let folder: ReturnType<typeof emptyFolder>;
beforeEach(() => {
  folder = emptyFolder();
  const config = {
    providers: {
      openai: {
        baseUrl: 'https://api.openai.com/v1',
        prices: { 'gpt-4.1-mini': { inputPerMillion: 1, outputPerMillion: 1 } },
      },
    },
    budget: { usdPerMonth: 10 },
    tasks: {
      mails: { kind: 'classify', teacher: 'openai/gpt-4.1-mini', budget: { usdPerMonth: 0.003 } },
      orders: { kind: 'classify', teacher: 'openai/gpt-4.1-mini' },
    },
  };
  writeFileSync(join(folder.path, 'kolben.config.json'), JSON.stringify(config));
});
afterEach(() => folder.remove());

const kolben = (...args: string[]) =>
  callKolben([...args, '--config', join(folder.path, 'kolben.config.json')]);

async function json(...args: string[]): Promise<Record<string, unknown>> {
  const { stdout, code, stderr } = await kolben(...args, '--json');
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return JSON.parse(stdout) as Record<string, unknown>;
}

test('budgets of all, of tasks and of keys, with what is spent, under way and left', async () => {
  const made = await json('keys', 'create', '--name', 'shop', '--budget-usd-per-month', '0.5');
  expect(made).toMatchObject({
    limits: { usdPerMonth: 0.5, requestsPerMinute: null, tokensPerMinute: null },
  });
  const keyId = String(made.id);
  const store = await openStore({ directory: join(folder.path, '.kolben') });
  const calls = [makeCall('Win', 'spam'), makeCall('Lunch?', 'ham')].map((call) => ({ ...call, keyId }));
  await Promise.all(calls.map((call) => store.calls.record(call)));
  await store.calls.record({
    ...makeCall('old', 'ham'),
    task: null,
    at: new Date('2026-10-31T23:59:59.999Z'),
  });
  await store.budgets.reserve({
    callId: 'call_1',
    at: new Date('2026-11-02'),
    task: 'mails',
    keyId,
    most: 0.0005,
    budgets: { task: 1 },
  });
  expect(await json('budgets', '--month', '2026-11')).toEqual({
    month: '2026-11',
    currency: 'USD',
    budgets: [
      { of: 'all', name: null, calls: 2, spent: 0.002, reserved: 0.0005, budget: 10, left: 9.9975 },
      { of: 'task', name: 'mails', calls: 2, spent: 0.002, reserved: 0.0005, budget: 0.003, left: 0.0005 },
      { of: 'task', name: 'orders', calls: 0, spent: 0, reserved: 0, budget: null, left: null },
      {
        of: 'key',
        name: keyId,
        keyName: 'shop',
        calls: 2,
        spent: 0.002,
        reserved: 0.0005,
        budget: 0.5,
        left: 0.4975,
      },
    ],
  });
  const october = await json('budgets', '--month', '2026-10');
  expect(october.budgets).toContainEqual(expect.objectContaining({ of: 'task', name: null, calls: 1 }));
  const shown = await kolben('budgets', '--month', '2026-11');
  expect(shown.stdout).toContain('2026-11 (UTC)');
  expect(shown.stdout).toMatch(/shop \(key_\S+\) +2 +\$0\.002000 +\$0\.000500 +\$0\.5000 +\$0\.4975/);
  await store.close();
  expect(await kolben('budgets', '--month', 'November')).toMatchObject({
    code: 2,
    stderr: "--month must be a month such as 2026-11; it was 'November'.\n",
  });
});

test('limits of a key are set and taken away, and shown', async () => {
  const { id } = await json('keys', 'create', '--name', 'shop');
  const set = await json(
    'keys',
    'set',
    String(id),
    '--requests-per-minute',
    '60',
    '--budget-usd-per-month',
    '12.5',
  );
  expect(set).toEqual({ id, limits: { usdPerMonth: 12.5, requestsPerMinute: 60, tokensPerMinute: null } });
  expect((await kolben('keys')).stdout).toMatch(/\$12\.50 +60 +–/);
  const taken = await json(
    'keys',
    'set',
    String(id),
    '--requests-per-minute',
    'none',
    '--tokens-per-minute',
    '5',
  );
  expect(taken.limits).toEqual({ usdPerMonth: 12.5, requestsPerMinute: null, tokensPerMinute: 5 });
  expect(await kolben('keys', 'set', 'key_nowhere', '--tokens-per-minute', '5')).toMatchObject({
    code: 1,
    stdout: '',
  });
  expect((await kolben('keys', 'set', String(id))).stderr).toMatch(
    /^No limit was named: set --budget-usd-per-month/,
  );
  for (const wrong of [
    ['--tokens-per-minute', '0'],
    ['--requests-per-minute', '1.5'],
    ['--budget-usd-per-month', '-1'],
  ]) {
    expect(await kolben('keys', 'set', String(id), ...wrong)).toMatchObject({ code: 2, stdout: '' });
  }
  const store = await openStore({ directory: join(folder.path, '.kolben') });
  expect(await store.auditTrail()).toMatchObject([
    { act: 'key.limit', subject: id, detail: { requestsPerMinute: null, tokensPerMinute: 5 } },
    { act: 'key.limit', subject: id },
    { act: 'key.create', subject: id },
  ]);
  await store.close();
});
