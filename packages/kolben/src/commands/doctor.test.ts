import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type ConfigInput, type Gateway, startGateway } from '@kolben/gateway';
import { openStore, type Store } from '@kolben/store';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Finding } from '../doctor/finding.ts';
import { makeCall } from '../testing/make-call.ts';
import { callKolben, emptyFolder } from '../testing/run-kolben.ts';

/** `kolben doctor` before a real store, a real gateway, and what may stand between. */

let folder: ReturnType<typeof emptyFolder>;
let store: Store;
const leave: (() => unknown)[] = [];
const dataDirectory = () => join(folder.path, 'data');
const configFile = () => join(folder.path, 'kolben.config.json');

/** A configuration in which nothing is left to wish for. */
const careful = (): ConfigInput => ({
  dataDirectory: dataDirectory(),
  port: 0,
  retention: { textDays: 30 },
  providers: {
    elsewhere: {
      baseUrl: 'https://api.example.com/v1',
      jurisdiction: 'AT',
      terms: { distillation: 'allowed' },
      prices: { m: { inputPerMillion: 1, outputPerMillion: 1 } },
    },
  },
  tasks: { mails: { kind: 'classify', teacher: 'elsewhere/m' } },
});

beforeEach(async () => {
  folder = emptyFolder();
  vi.stubEnv('KOLBEN_ENCRYPTION_KEY', Buffer.alloc(32, 7).toString('base64'));
  vi.stubEnv('KOLBEN_ADMIN_KEY', undefined);
  store = await openStore({ directory: dataDirectory() });
  leave.push(() => store.close());
  configure(careful());
});
afterEach(async () => {
  for (const step of leave.splice(0).reverse()) await step();
  vi.unstubAllEnvs();
  folder.remove();
});

function configure(config: ConfigInput): void {
  writeFileSync(configFile(), JSON.stringify(config), { mode: 0o600 });
}

async function gatewayOf(config: ConfigInput): Promise<Gateway> {
  const gateway = await startGateway({ config, store, log: { info() {}, warn() {}, error() {} } });
  leave.push(() => gateway.close());
  return gateway;
}

async function serverOf(server: Server): Promise<string> {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  leave.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What it finds that isn't as it should be, by check, and how it ends. */
async function doctor(...args: string[]) {
  const { stdout, stderr, code } = await callKolben(['doctor', '--config', configFile(), ...args, '--json']);
  const { findings } = JSON.parse(stdout) as { findings: Finding[] };
  const states: Record<string, Finding['state']> = {};
  for (const { check, state } of findings) if (state !== 'ok') states[check] = state;
  // Whoever runs the tests may be root, which is worth a look and no one's fault here.
  delete states['process.user'];
  return { states, code, stderr, findings };
}

test('an installation that is as it should be has nothing open and nothing left unlooked at', async () => {
  const gateway = await gatewayOf(careful());
  const expiresAt = new Date(Date.now() + 300 * 86_400_000);
  await store.keys.create({ name: 'shop', scope: 'use', expiresAt });
  const { secret } = await store.keys.create({ name: 'console', scope: 'admin', expiresAt });
  vi.stubEnv('KOLBEN_ADMIN_KEY', secret);
  await store.calls.record({ ...makeCall('a mail', 'ham'), at: new Date() });
  const { states, code, stderr, findings } = await doctor('--gateway', gateway.url);
  expect({ states, code, stderr }).toEqual({ states: {}, code: 0, stderr: '' });
  expect(findings.length).toBeGreaterThan(25);
  expect(JSON.stringify(findings)).not.toContain(secret);
  const said = await callKolben(['doctor', '--config', configFile(), '--gateway', gateway.url]);
  expect(said.stdout).toMatch(
    /\n\n0 points open, [01] worth a look, \d+ as they should be, 0 not checked\.\n$/,
  );
});

test('finds what the files and the configuration leave open, each with the way out', async () => {
  const open = careful();
  Object.assign(open, {
    host: '0.0.0.0',
    port: 4141,
    retention: {},
    tasks: {
      mails: {
        kind: 'classify',
        teacher: 'elsewhere/m',
        fallbacks: ['spare/m'],
        redaction: { off: 'They are public.' },
      },
    },
  });
  const prices = { m: { inputPerMillion: 1, outputPerMillion: 1 } };
  open.providers.spare = { baseUrl: 'http://llm.example.com/v1', apiKeyEnv: 'SPARE_KEY', prices };
  configure(open);
  chmodSync(configFile(), 0o666);
  chmodSync(dataDirectory(), 0o755);
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
  vi.stubEnv('SPARE_KEY', undefined);
  await store.keys.create({ name: 'for ever', scope: 'admin' });
  const { states, code, stderr, findings } = await doctor('--gateway', 'http://127.0.0.1:1');
  expect(states).toEqual({
    'process.certificates': 'open',
    'gateway.address': 'open',
    'gateway.names': 'worth a look',
    retention: 'worth a look',
    redaction: 'worth a look',
    'providers.spare.tls': 'open',
    'providers.spare.key': 'worth a look',
    'providers.spare.terms': 'worth a look',
    'providers.spare.jurisdiction': 'worth a look',
    'files.modes': 'open',
    'files.config_writable': 'open',
    'keys.expiry': 'worth a look',
    'keys.none': 'worth a look',
    'gateway.reachable': 'not checked',
  });
  expect(code).toBe(1);
  expect(stderr.trimEnd().split('\n').at(-1)).toBe(
    '5 points must not stay so: process.certificates, gateway.address, providers.spare.tls, files.modes, files.config_writable.',
  );
  for (const { state, check, remedy } of findings) if (state !== 'ok') expect(remedy, check).toMatch(/\S/);
});

test('looks into the store: words too old, a clock set back, a gateway that was killed', async () => {
  const day = 86_400_000;
  await store.calls.record({ ...makeCall('old', 'ham'), at: new Date(Date.now() - 40 * day) });
  await store.calls.record({ ...makeCall('to come', 'ham'), at: new Date(Date.now() + day) });
  const journal = await store.openJournal();
  await journal.accept({ ...makeCall('left behind', 'ham'), at: new Date() });
  await journal.close();
  await store.budgets.reserve({
    callId: 'call_under_way',
    at: new Date(),
    task: 'mails',
    keyId: 'key_1',
    most: 0.5,
    budgets: { task: 10 },
  });
  const { states, code } = await doctor();
  expect(states).toEqual({
    'keys.none': 'worth a look',
    'store.journal': 'worth a look',
    'store.reservations': 'worth a look',
    'retention.overdue': 'open',
    clock: 'open',
  });
  expect(code).toBe(1);
});

test('finds a proxy that opens what the gateway keeps shut', async () => {
  const gateway = await gatewayOf(careful());
  const { secret } = await store.keys.create({ name: 'everybody', scope: 'admin' });
  const proxy = createServer((incoming, outgoing) => {
    const { host: _, ...headers } = incoming.headers;
    const passed = request(
      `${gateway.url}${incoming.url}`,
      { method: incoming.method, headers: { ...headers, authorization: `Bearer ${secret}` } },
      (answer) => {
        const { 'content-security-policy': __, ...kept } = answer.headers;
        outgoing.writeHead(answer.statusCode!, { ...kept, 'access-control-allow-origin': '*' });
        answer.pipe(outgoing);
      },
    );
    incoming.pipe(passed);
  });
  const { states, code } = await doctor('--gateway', await serverOf(proxy));
  expect(states).toMatchObject({
    'gateway.without_key': 'open',
    'gateway.with_known_key': 'open',
    'gateway.key_in_address': 'open',
    'gateway.admin_without_key': 'open',
    'gateway.foreign_host': 'open',
    'gateway.foreign_origin': 'open',
    'gateway.security_headers': 'open',
    'gateway.status': 'not checked',
  });
  expect(code).toBe(1);
});

test('tells a gateway that goes by another configuration, or is asked with a key that does not work', async () => {
  const gateway = await gatewayOf({ ...careful(), retention: { textDays: 90 } });
  const { secret } = await store.keys.create({ name: 'console', scope: 'admin' });
  vi.stubEnv('KOLBEN_ADMIN_KEY', secret);
  expect((await doctor('--gateway', gateway.url)).states).toMatchObject({ 'gateway.config': 'worth a look' });
  vi.stubEnv('KOLBEN_ADMIN_KEY', (await store.keys.create({ name: 'shop', scope: 'use' })).secret);
  expect((await doctor('--gateway', gateway.url)).states).toMatchObject({ 'gateway.status': 'worth a look' });
});

test('what is no gateway is not taken for one, and an address that is none is told', async () => {
  const other = await serverOf(createServer((_, outgoing) => outgoing.end('{"status":"fine"}')));
  expect((await doctor('--gateway', other)).states).toMatchObject({ 'gateway.reachable': 'worth a look' });
  const wrong = await callKolben(['doctor', '--config', configFile(), '--gateway', 'here']);
  expect(wrong).toMatchObject({ code: 2, stdout: '' });
  expect(wrong.stderr).toContain('--gateway must be an address such as http://127.0.0.1:4141');
});

test('looking makes no store where there is none, and says so', async () => {
  const empty = join(folder.path, 'empty');
  mkdirSync(empty);
  configure({ ...careful(), dataDirectory: empty });
  expect((await doctor()).states).toEqual({ store: 'not checked' });
  expect(readdirSync(empty)).toEqual([]);
});
