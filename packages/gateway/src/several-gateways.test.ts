// What is promised of several gateways on one Postgres server, with real processes.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type NewCall, openStore } from '@kolben/store';
import pg from 'pg';
import { expect, onTestFinished, test, vi } from 'vitest';
import { programArguments } from '../../../test/program.ts';
import { newFolder } from './testing/gateway-in-test.ts';
import { completion, mockProvider, plainly } from './testing/mock-provider.ts';

const url = process.env.KOLBEN_TEST_POSTGRES ?? 'postgres://postgres@127.0.0.1:5432/test?sslmode=disable';
const script = new URL('testing/sharing-gateway.ts', import.meta.url);

const key = Buffer.alloc(32, 7);

async function onServer(query: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(query).finally(() => client.end());
}

/** Gateways in processes of their own, on one schema of the server; resolves with their addresses. */
async function gateways(configs: readonly object[]): Promise<{ children: ChildProcess[]; urls: string[] }> {
  const children: ChildProcess[] = [];
  onTestFinished(() => {
    for (const child of children) child.kill('SIGKILL');
  });
  // All at once on an empty schema: they agree on its tables.
  const urls = await Promise.all(
    configs.map(async (config) => {
      const child = spawn(process.execPath, [...programArguments(script), JSON.stringify(config)], {
        stdio: ['ignore', 'pipe', 'ignore'],
        env: { ...process.env, NODE_OPTIONS: '', KOLBEN_ENCRYPTION_KEY: key.toString('base64') },
      });
      children.push(child);
      const [line] = await once(child.stdout!, 'data');
      return String(line).trim();
    }),
  );
  return { children, urls };
}

/** A schema of the test's own; skips the test where there is no server. */
async function ownSchema(name: string, skip: (note: string) => void): Promise<string> {
  try {
    await onServer('select 1');
  } catch (error) {
    if (process.env.KOLBEN_TEST_REQUIRE === '1') throw error;
    skip('no Postgres server to test with');
  }
  const schema = `kolben_test_${name}_${process.pid}`;
  onTestFinished(() => onServer(`drop schema if exists ${schema} cascade`));
  return schema;
}

test('keys, budgets, limits and routes are one for three gateways, also when one of them is killed', async ({
  skip,
}) => {
  const schema = await ownSchema('several', skip);
  const usage = { prompt_tokens: 10, completion_tokens: 100, total_tokens: 110 };
  const provider = await mockProvider(plainly(completion('spam', { usage })));
  const folder = newFolder();
  const configFor = (name: string) => ({
    port: 0,
    dataDirectory: join(folder, name),
    store: { postgres: url, schema, poolSize: 2 },
    providers: {
      mock: { baseUrl: provider.url, prices: { m: { inputPerMillion: 0, outputPerMillion: 10 } } },
    },
    // A call of 100 tokens costs a thousandth of a dollar: room for twenty.
    tasks: {
      mail: { kind: 'classify', teacher: 'mock/m', budget: { usdPerMonth: 0.02 } },
      other: { kind: 'classify', teacher: 'mock/m' },
    },
  });
  const { children, urls } = await gateways(['a', 'b', 'c'].map(configFor));
  const store = await openStore({ directory: join(folder, 'own'), key, postgres: { url, schema } });
  onTestFinished(() => store.close());
  const { id, secret } = await store.keys.create({ name: 'shop', scope: 'use' });
  const ask = (i: number, task = 'mail', bearer = secret) =>
    fetch(`${urls[i % 3]}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        model: `kolben/${task}`,
        max_tokens: 100,
        messages: [{ role: 'user', content: `${i}` }],
      }),
    }).then(async (response) => {
      await response.text();
      return response;
    });

  const answers = await Promise.all(Array.from({ length: 60 }, (_, i) => ask(i)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(20);
  expect(provider.asked).toHaveLength(20);
  // Those that found no room are recorded too, at no cost.
  await vi.waitUntil(async () => (await store.calls.count()) === 60, { timeout: 60_000 });
  expect(await store.ledger.totals({ task: 'mail' })).toMatchObject({ calls: 60, cost: 0.02 });
  // Each has seen some of them, and all of it is in one ledger whose two ways of adding up agree.
  expect(await store.ledger.totals()).toEqual(await store.ledger.totals({ since: new Date(1) }));

  // Of a limit per minute likewise; where the minute ended meanwhile, for each of the two.
  const slow = await store.keys.create({ name: 'slow', scope: 'use' });
  await store.keys.limit(slow.id, { requestsPerMinute: 15 });
  const limited = await Promise.all(Array.from({ length: 45 }, (_, i) => ask(i, 'other', slow.secret)));
  const good = limited.filter(({ status }) => status === 200).length;
  await vi.waitUntil(async () => (await store.calls.count({ task: 'other' })) >= good, { timeout: 60_000 });
  const minutes = new Map<number, number>();
  for (const { at } of await store.calls.list({ task: 'other', limit: 100 })) {
    const minute = Math.floor(at.getTime() / 60_000);
    minutes.set(minute, (minutes.get(minute) ?? 0) + 1);
  }
  for (const calls of minutes.values()) expect(calls).toBeLessThanOrEqual(15);
  if (minutes.size === 1) expect(good).toBe(15);

  // A route that one process sets is every gateway's.
  await store.routes.set('other', 'student');
  await vi.waitUntil(
    async () =>
      (await Promise.all([0, 1, 2].map((i) => ask(i, 'other')))).every(({ status }) => status === 503),
    { timeout: 60_000 },
  );
  await store.routes.clear('other');

  // One is killed; the others go on.
  children[2]!.kill('SIGKILL');
  await once(children[2]!, 'exit');
  await vi.waitUntil(async () => (await ask(0, 'other')).status === 200, { timeout: 60_000 });

  // A key that is revoked is refused by each.
  await store.keys.revoke(id);
  await vi.waitUntil(
    async () => (await Promise.all([0, 1].map((i) => ask(i, 'other')))).every(({ status }) => status === 401),
    { timeout: 60_000 },
  );
  for (const child of children.slice(0, 2)) {
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  }
});

test('words that are too old are deleted once, however many gateways look for them', async ({ skip }) => {
  const schema = await ownSchema('retention', skip);
  const folder = newFolder();
  const store = await openStore({ directory: join(folder, 'own'), key, postgres: { url, schema } });
  onTestFinished(() => store.close());
  const old = 400;
  const call = (at: Date): NewCall => ({
    ...{
      at,
      task: 'mail',
      keyId: null,
      route: 'teacher',
      answeredBy: 'teacher',
      provider: null,
      model: null,
    },
    ...{ request: { messages: [{ role: 'user', content: 'Hello' }] }, response: null, status: 'ok' },
    ...{ latencyMs: 1, usage: { promptTokens: 1, completionTokens: 1, estimated: false } },
    ...{ cost: 0.001, teacherCost: 0.001, streamed: false },
  });
  const longAgo = new Date(Date.now() - 90 * 86_400_000);
  await Promise.all(Array.from({ length: old }, () => store.calls.record(call(longAgo))));
  const fresh = await store.calls.record(call(new Date()));
  const ledger = await store.ledger.totals();
  const provider = await mockProvider(plainly(completion('spam')));
  await gateways(
    ['a', 'b', 'c'].map((name) => ({
      ...{ port: 0, dataDirectory: join(folder, name), store: { postgres: url, schema, poolSize: 2 } },
      ...{ retention: { textDays: 30, everyMinutes: 0.001 } },
      providers: {
        mock: { baseUrl: provider.url, prices: { m: { inputPerMillion: 0, outputPerMillion: 10 } } },
      },
      tasks: { mail: { kind: 'classify', teacher: 'mock/m' } },
    })),
  );
  const left = async () => (await store.inspect()).oldestText;
  await vi.waitUntil(async () => (await left())?.getTime() !== longAgo.getTime(), { timeout: 60_000 });
  expect(await store.calls.hasText(fresh)).toBe(true);
  expect(await store.ledger.totals()).toEqual(ledger);
  // Each call is in the audit log once, whoever deleted its words.
  await vi.waitUntil(
    async () => {
      const acts = (await store.auditTrail()).filter(({ act }) => act === 'calls.prune');
      const deleted = acts.reduce((sum, { detail }) => sum + Number(detail.calls), 0);
      expect(deleted).toBeLessThanOrEqual(old);
      return deleted === old;
    },
    { timeout: 60_000 },
  );
});
