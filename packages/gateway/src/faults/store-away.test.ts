// The store can't be reached while the gateway is at work: no answer is lost for it, and no call.
import { join } from 'node:path';
import { openStore } from '@kolben/store';
import Database from 'libsql';
import pg from 'pg';
import { expect, onTestFinished, test, vi } from 'vitest';
import { tcpProxy } from '../../../../test/tcp-proxy.ts';
import { startGateway } from '../server/start-gateway.ts';
import { keep, type LoggedEvent, newFolder } from '../testing/gateway-in-test.ts';
import { gatewayProcess } from '../testing/gateway-process.ts';
import { completion, mockProvider, plainly } from '../testing/mock-provider.ts';

const patience = { timeout: 60_000, interval: 200 };

interface Answered {
  status: number;
  /** Id of the call. */
  id: string;
  /** Code of the error, if it is one. */
  code: string | undefined;
}

async function ask(url: string, secret: string, content: string): Promise<Answered> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'kolben/mail', messages: [{ role: 'user', content }] }),
  });
  const { error } = (await response.json()) as { error?: { code: string } };
  return { status: response.status, id: response.headers.get('x-kolben-call-id') ?? '', code: error?.code };
}

test('a database that another program locks: answers go out, then no call is begun, and all is recorded when it is free', async () => {
  const directory = newFolder();
  const provider = await mockProvider(plainly(completion('spam')));
  const gateway = await gatewayProcess({ directory, baseUrl: provider.url });
  const acknowledged = [await ask(gateway.url, gateway.secret, 'before')];
  const other = new Database(join(directory, 'kolben.db'));
  onTestFinished(() => void other.close());
  other.exec('begin immediate');
  let refused: Answered | undefined;
  await vi.waitUntil(async () => {
    const answered = await ask(gateway.url, gateway.secret, 'meanwhile');
    if (answered.status === 200) acknowledged.push(answered);
    else refused = answered;
    return refused !== undefined;
  }, patience);
  expect(refused).toMatchObject({ status: 503, code: 'recording_failed' });
  expect(acknowledged.length).toBeGreaterThan(1);
  expect(gateway.stderr()).toContain('"event":"recording_stalled","reason":"store_locked"');
  other.exec('rollback');
  await vi.waitUntil(async () => {
    const answered = await ask(gateway.url, gateway.secret, 'after');
    if (answered.status === 200) acknowledged.push(answered);
    return answered.status === 200;
  }, patience);
  expect(await gateway.stop()).toBe(0);
  const store = await openStore({ directory });
  onTestFinished(() => store.close());
  const recorded = new Set((await store.calls.list({ limit: 1_000 })).map(({ id }) => id));
  expect(acknowledged.filter(({ id }) => !recorded.has(id))).toEqual([]);
  expect((await store.ledger.totals()).calls).toBe(await store.calls.count());
});

test('a Postgres server that is away: the answer under way goes out, new ones are refused, and all is recorded when it is back', async ({
  skip,
}) => {
  const url = new URL(
    process.env.KOLBEN_TEST_POSTGRES ?? 'postgres://postgres@127.0.0.1:5432/test?sslmode=disable',
  );
  const onServer = async (query: string) => {
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    await client.query(query).finally(() => client.end());
  };
  try {
    await onServer('select 1');
  } catch (error) {
    if (process.env.KOLBEN_TEST_REQUIRE === '1') throw error;
    skip('no Postgres server to test with');
  }
  const schema = `kolben_test_away_${process.pid}`;
  onTestFinished(() => onServer(`drop schema if exists ${schema} cascade`));
  const wire = await tcpProxy(url.hostname, Number(url.port || 5432));
  const wired = new URL(url);
  wired.hostname = '127.0.0.1';
  wired.port = String(wire.port);
  let answerNow = () => {};
  const provider = await mockProvider((answer, asked) => {
    answerNow = () => plainly(completion('spam'))(answer, asked);
    if (!asked.text.includes('under way')) answerNow();
  });
  const store = await openStore({
    directory: newFolder(),
    key: Buffer.alloc(32, 7),
    postgres: { url: wired.href, schema, patienceMs: 2_000 },
  });
  onTestFinished(() => store.close());
  const events: LoggedEvent[] = [];
  const gateway = await startGateway({
    ...{ store, port: 0, log: keep(events), environment: {} },
    config: {
      providers: {
        mock: { baseUrl: provider.url, prices: { 'big-1': { inputPerMillion: 2, outputPerMillion: 8 } } },
      },
      tasks: { mail: { kind: 'classify', teacher: 'mock/big-1' } },
    },
  });
  onTestFinished(() => gateway.close());
  const { secret } = await store.keys.create({ name: 'shop', scope: 'use' });
  const before = await ask(gateway.url, secret, 'before');
  expect(before.status).toBe(200);
  const underWay = ask(gateway.url, secret, 'under way');
  await vi.waitUntil(() => provider.asked.length === 2, patience);
  wire.isDown = true;
  wire.cut();
  answerNow();
  const answered = await underWay;
  expect(answered.status).toBe(200);
  await vi.waitUntil(() => events.some(({ event }) => event === 'recording_stalled'), patience);
  const refused = await ask(gateway.url, secret, 'meanwhile');
  expect(refused).toMatchObject({ status: 503, code: 'store_unavailable' });
  wire.isDown = false;
  let after: Answered | undefined;
  await vi.waitUntil(async () => {
    after = await ask(gateway.url, secret, 'after');
    return after.status === 200;
  }, patience);
  await gateway.flush();
  // Seen by somebody whose connections were never cut.
  const judge = await openStore({
    directory: newFolder(),
    key: Buffer.alloc(32, 7),
    postgres: { url: url.href, schema },
  });
  const calls = await judge.calls.list();
  await judge.close();
  expect(calls.filter(({ status }) => status === 'ok').map(({ id }) => id)).toEqual([
    ...[after!.id, answered.id, before.id],
  ]);
});
