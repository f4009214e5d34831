import { spawnSync } from 'node:child_process';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import parsePrometheus from 'parse-prometheus-text-format';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { programArguments } from '../../../../test/program.ts';
import {
  keep,
  type LoggedEvent,
  type TestGateway,
  testGateway,
  wordStudent,
} from '../testing/gateway-in-test.ts';
import { type Behaviour, completion, plainly } from '../testing/mock-provider.ts';
import { attributes, metricNames, none, outcomes } from './names.ts';

afterEach(() => vi.unstubAllEnvs());

const answer = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'big-1-2026',
  choices: [
    { index: 0, message: { role: 'assistant', content: 'Write to anna@example.com' }, finish_reason: 'stop' },
  ],
  usage: {
    prompt_tokens: 100,
    completion_tokens: 10,
    total_tokens: 110,
    prompt_tokens_details: { cached_tokens: 40 },
  },
};
const ask = (content: string, more: object = {}) => ({
  model: 'kolben/mail',
  messages: [{ role: 'user', content }],
  ...more,
});

const says =
  (status: number, body: object): Behaviour =>
  (to) =>
    to.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** What Prometheus would read. A parser of its format must take it; the samples are then read line by line. */
async function read(gateway: TestGateway): Promise<{ families: string[]; samples: Sample[]; text: string }> {
  const { secret } = await gateway.store.keys.create({ name: 'prometheus', scope: 'admin' });
  const response = await gateway.send('/metrics', { headers: { authorization: `Bearer ${secret}` } });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const text = await response.text();
  const families = (parsePrometheus(text) as { name: string; help: string; type: string }[]).map((family) => {
    expect(family.help).not.toBe('');
    expect(['COUNTER', 'GAUGE', 'HISTOGRAM']).toContain(family.type);
    return family.name;
  });
  const samples = [...text.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm)].map(([, name, labels, value]) => ({
    name: name!,
    labels: Object.fromEntries(
      [...(labels ?? '').matchAll(/(\w+)="([^"]*)"/g)].map(([, key, held]) => [key!, held!]),
    ),
    value: Number(value),
  }));
  return { families, samples, text };
}

/** The sum of all samples of this name that have these labels. */
function figure(samples: readonly Sample[], name: string, labels: Record<string, string> = {}): number {
  return samples
    .filter(
      (one) => one.name === name && Object.entries(labels).every(([label, of]) => one.labels[label] === of),
    )
    .reduce((sum, { value }) => sum + value, 0);
}

test('audits are counted by their verdict, with what they cost and whom they asked', async () => {
  const gateway = await testGateway(plainly(completion('ham')), {
    route: 'cascade',
    task: { audit: 1 },
    config: { telemetry: { metrics: true } },
    loadStudent: async () => wordStudent(),
  });
  await gateway.store.students.register({
    ...{ task: 'mail', directory: '/s', digest: 'digest-1', certificate: { a: 1 } },
  });
  // The student says spam to the first and ham to the second; the teacher ham to both.
  for (const text of ['win', 'Hello']) expect((await gateway.chat(ask(text))).status).toBe(200);
  await gateway.gateway.flush();
  const { samples } = await read(gateway);
  const value = (name: string, labels: Record<string, string>) => figure(samples, name, labels);
  expect(value(metricNames.audits, { task: 'mail', verdict: 'disagreed' })).toBe(1);
  expect(value(metricNames.audits, { task: 'mail', verdict: 'agreed' })).toBe(1);
  expect(value(metricNames.providerAttempts, { provider: 'mock', outcome: 'ok' })).toBe(2);
  const { cost } = await gateway.store.ledger.totals();
  expect(cost).toBeGreaterThan(0);
  expect(value(metricNames.auditCost, { task: 'mail' })).toBeCloseTo(cost, 12);
});

test('metrics tell who answered, why, how long it took, what it cost and how sure a student was', async () => {
  const gateway = await testGateway(says(200, answer), {
    route: 'cascade',
    config: { telemetry: { metrics: true } },
    loadStudent: async () => wordStudent(),
  });
  await gateway.store.students.register({
    task: 'mail',
    directory: '/s',
    digest: 'digest-1',
    certificate: { a: 1 },
  });
  for (const text of ['win', 'sure 0.5', 'sure 0.6'])
    expect((await gateway.chat(ask(text))).status).toBe(200);
  await gateway.send('/v1/models', { headers: { authorization: 'Bearer kb-wrong' } });
  await gateway.gateway.flush();
  const { samples } = await read(gateway);
  const call = { task: 'mail', endpoint: 'chat', route: 'cascade', status: 'ok' };
  const value = (name: string, labels: Record<string, string>) => figure(samples, name, labels);
  expect(value(metricNames.calls, { ...call, answered_by: 'student', reason: 'confident' })).toBe(1);
  expect(value(metricNames.calls, { ...call, answered_by: 'teacher', reason: 'unsure' })).toBe(2);
  expect(value(`${metricNames.duration}_count`, { task: 'mail', answered_by: 'teacher' })).toBe(2);
  expect(value(metricNames.tokens, { answered_by: 'teacher', kind: 'prompt' })).toBe(200);
  expect(value(metricNames.tokens, { answered_by: 'teacher', kind: 'cached' })).toBe(80);
  const totals = await gateway.store.ledger.totals();
  const cost = value(metricNames.cost, { answered_by: 'teacher', provider: 'mock' });
  expect(cost).toBeCloseTo(totals.cost, 12);
  expect(value(metricNames.costAvoided, { task: 'mail' })).toBeCloseTo(totals.saved, 12);
  expect(value(`${metricNames.confidence}_count`, { certified: 'true' })).toBe(1);
  expect(value(`${metricNames.confidence}_count`, { certified: 'false' })).toBe(2);
  expect(value(metricNames.studentAttempts, { task: 'mail', outcome: 'ok' })).toBe(3);
  expect(value(metricNames.providerAttempts, { provider: 'mock', outcome: 'ok' })).toBe(2);
  expect(value(metricNames.providerSuspended, { provider: 'mock' })).toBe(0);
  expect(value(metricNames.refused, { code: 'invalid_api_key' })).toBe(1);
  expect(value(metricNames.events, { level: 'info', event: 'call' })).toBe(3);
  expect(value(metricNames.backlogCalls, {})).toBe(0);
  expect(value('process_resident_memory_bytes', {})).toBeGreaterThan(0);
});

test('labels hold names of the configuration and words of ours, whatever a request says', async () => {
  const gateway = await testGateway(says(400, { error: { message: 'x', code: 'odd-0815' } }), {
    config: { telemetry: { metrics: true } },
  });
  for (let i = 0; i < 5; i++) {
    await gateway.chat(ask(`marker-${i}`, { user: `marker-${i}`, model: `kolben/marker-${i}` }));
    await gateway.chat(ask(`marker-${i}`, { user: `marker-${i}` }), { 'x-request-id': `marker-${i}` });
    await gateway.send(`/v1/marker-${i}`);
  }
  await gateway.gateway.flush();
  const { families, samples, text } = await read(gateway);
  expect(text).not.toMatch(/marker|0815|key_/);
  expect(families.filter((name) => name.startsWith('kolben_')).sort()).toEqual(
    Object.values(metricNames).sort(),
  );
  const labels = (name: string) => new Set(samples.flatMap((one) => one.labels[name] ?? []));
  expect([...labels('task')].filter((task) => !['mail', none].includes(task))).toEqual([]);
  expect([...labels('outcome')].filter((outcome) => !outcomes.includes(outcome as 'ok'))).toEqual([]);
  expect(figure(samples, metricNames.providerAttempts, { outcome: 'refused' })).toBe(5);
});

test('metrics are for administrators, and off unless switched on', async () => {
  const on = await testGateway(says(200, answer), { config: { telemetry: { metrics: true } } });
  expect((await on.send('/metrics', { headers: { authorization: '' } })).status).toBe(401);
  expect((await on.send('/metrics')).status).toBe(403);
  const off = await testGateway(says(200, answer));
  const { secret } = await off.store.keys.create({ name: 'prometheus', scope: 'admin' });
  const response = await off.send('/metrics', { headers: { authorization: `Bearer ${secret}` } });
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({ error: { code: 'metrics_off' } });
});

interface SentSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  status: { code?: number };
  attributes: Record<string, unknown>;
}

/** A receiver of OTLP over HTTP, as a collector is one. */
async function receiver() {
  const spans: SentSpan[] = [];
  const requests: { path: string; headers: IncomingHttpHeaders; body: string }[] = [];
  const resources: Record<string, unknown>[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece) => {
      body += String(piece);
    });
    request.on('end', () => {
      requests.push({ path: request.url ?? '', headers: request.headers, body });
      for (const { resource, scopeSpans } of JSON.parse(body).resourceSpans) {
        resources.push(plain(resource.attributes));
        for (const scope of scopeSpans) {
          for (const span of scope.spans) spans.push({ ...span, attributes: plain(span.attributes) });
        }
      }
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, spans, requests, resources };
}

function plain(list: { key: string; value: Record<string, unknown> }[]): Record<string, unknown> {
  return Object.fromEntries(
    list.map(({ key, value }) => {
      const [kind, held] = Object.entries(value)[0]!;
      if (kind === 'arrayValue')
        return [key, (held as { values: object[] }).values.map((one) => Object.values(one)[0])];
      return [key, kind === 'intValue' ? Number(held) : held];
    }),
  );
}

test('a call is a span with a child for each time that a student or a provider was asked', async () => {
  const otlp = await receiver();
  let times = 0;
  const gateway = await testGateway(
    (to, asked) => (++times === 1 ? says(503, {}) : says(200, answer))(to, asked),
    {
      route: 'cascade',
      provider: { retries: { times: 1, baseMs: 1, mostMs: 1 } },
      config: { telemetry: { otlp: { url: `${otlp.url}/v1/traces` } } },
      loadStudent: async () => wordStudent(),
    },
  );
  await gateway.store.students.register({
    task: 'mail',
    directory: '/s',
    digest: 'digest-1',
    certificate: { a: 1 },
  });
  const response = await gateway.chat(
    ask('sure 0.5, says anna@example.com', { temperature: 0.5, max_tokens: 7 }),
    {
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      tracestate: 'a=b',
    },
  );
  expect(response.status).toBe(200);
  await gateway.gateway.close();

  const call = otlp.spans.find(({ name }) => name === 'chat kolben/mail')!;
  expect(call).toMatchObject({
    traceId: '0af7651916cd43dd8448eb211c80319c',
    parentSpanId: 'b7ad6b7169203331',
    kind: 2,
  });
  expect(call.attributes).toMatchObject({
    [attributes.operation]: 'chat',
    [attributes.provider]: 'mock',
    [attributes.requestModel]: 'kolben/mail',
    [attributes.responseModel]: 'big-1-2026',
    [attributes.responseId]: 'chatcmpl-1',
    [attributes.finishReasons]: ['stop'],
    [attributes.temperature]: 0.5,
    [attributes.maxTokens]: 7,
    [attributes.inputTokens]: 100,
    [attributes.outputTokens]: 10,
    [attributes.cachedTokens]: 40,
    [attributes.answeredBy]: 'teacher',
    [attributes.reason]: 'unsure',
    [attributes.confidence]: 0.5,
    [attributes.callId]: response.headers.get('x-kolben-call-id'),
  });
  const children = otlp.spans.filter(({ parentSpanId }) => parentSpanId === call.spanId);
  expect(children.map(({ name, kind, attributes: a }) => [name, kind, a[attributes.outcome]]).sort()).toEqual(
    [
      ['chat big-1', 3, 'failed'],
      ['chat big-1', 3, 'ok'],
      ['chat student', 1, 'ok'],
    ].sort(),
  );
  const failed = children.find(({ attributes: a }) => a[attributes.outcome] === 'failed')!;
  expect(failed).toMatchObject({ status: { code: 2 }, attributes: { [attributes.errorType]: '503' } });
  expect(otlp.resources[0]).toMatchObject({ 'service.name': 'kolben' });
  // No words of the call, and nothing of the trace at the provider.
  expect(JSON.stringify(otlp.requests)).not.toMatch(/anna|says|Write to/);
  for (const { headers } of gateway.provider.asked) {
    expect(headers).not.toHaveProperty('traceparent');
    expect(headers).not.toHaveProperty('tracestate');
  }
});

test('texts are in traces only where they are asked for, and then redacted', async () => {
  const otlp = await receiver();
  const gateway = await testGateway(says(200, answer), {
    config: { telemetry: { otlp: { url: `${otlp.url}/v1/traces`, content: true } } },
  });
  await gateway.chat(ask('Where is my parcel? anna@example.com'));
  await gateway.gateway.close();
  const { attributes: sent } = otlp.spans.find(({ name }) => name === 'chat kolben/mail')!;
  expect(JSON.parse(String(sent[attributes.inputMessages]))).toEqual([
    { role: 'user', parts: [{ type: 'text', content: 'Where is my parcel? [mail]' }] },
  ]);
  expect(JSON.parse(String(sent[attributes.outputMessages]))).toEqual([
    { role: 'assistant', parts: [{ type: 'text', content: 'Write to [mail]' }], finish_reason: 'stop' },
  ]);
  expect(JSON.stringify(otlp.requests)).not.toContain('anna@');
});

test('the standard variables switch traces on and say where they go; a receiver that is down harms nothing', async () => {
  const otlp = await receiver();
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', otlp.url);
  vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'x-token=abc');
  vi.stubEnv('OTEL_SERVICE_NAME', 'mail-gateway');
  const events: LoggedEvent[] = [];
  const environment = { MOCK_KEY: 'sk-x', OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url };
  const gateway = await testGateway(says(200, answer), { environment, log: keep(events) });
  await gateway.chat(ask('hello'));
  await gateway.gateway.close();
  expect(otlp.requests[0]).toMatchObject({ path: '/v1/traces', headers: { 'x-token': 'abc' } });
  expect(otlp.resources[0]).toMatchObject({ 'service.name': 'mail-gateway' });

  for (const off of [{ OTEL_SDK_DISABLED: 'true' }, { OTEL_TRACES_EXPORTER: 'none' }]) {
    const before = otlp.requests.length;
    const silent = await testGateway(says(200, answer), { environment: { ...environment, ...off } });
    await silent.chat(ask('hello'));
    await silent.gateway.close();
    expect(otlp.requests).toHaveLength(before);
  }

  const down = await testGateway(says(200, answer), {
    config: { telemetry: { otlp: { url: 'http://127.0.0.1:1/v1/traces' } } },
  });
  expect((await down.chat(ask('hello'))).status).toBe(200);
  await down.gateway.close();
});

test('what is off is not even loaded', () => {
  const started = programArguments(new URL('../server/start-gateway.ts', import.meta.url));
  const gateway = started.pop();
  const script = `
    import { createRequire } from 'node:module';
    import { startGateway } from ${JSON.stringify(gateway)};
    const store = { keys: {}, calls: {}, routes: {}, students: {} };
    const config = { providers: {}, tasks: {}, telemetry: { metrics: process.argv[1] === 'on' } };
    const gateway = await startGateway({ config, store, port: 0, environment: {}, beside: true });
    await gateway.close();
    const loaded = Object.keys(createRequire(${JSON.stringify(gateway)}).cache);
    console.log(loaded.filter((file) => /prom-client|opentelemetry/.test(file)).length);`;
  const count = (how: string) => {
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [...started, '--input-type=module', '-e', script, how],
      { encoding: 'utf8', cwd: fileURLToPath(new URL('../../../..', import.meta.url)) },
    );
    expect(stderr).toBe('');
    return Number(stdout);
  };
  expect(count('off')).toBe(0);
  expect(count('on')).toBeGreaterThan(0);
});
