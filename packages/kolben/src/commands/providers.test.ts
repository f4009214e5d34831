import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Ban } from '@kolben/gateway';
import { openStore } from '@kolben/store';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type MockTeacher, mockTeacher } from '../testing/mock-teacher.ts';
import { callKolben, emptyFolder } from '../testing/run-kolben.ts';

let folder: ReturnType<typeof emptyFolder>;
let teacher: MockTeacher;
let file: string;
beforeEach(async () => {
  folder = emptyFolder();
  file = join(folder.path, 'kolben.config.json');
  teacher = await mockTeacher(() => 'ok');
  const prices = { m: { inputPerMillion: 1, outputPerMillion: 2 } };
  const config = {
    dataDirectory: folder.path,
    providers: {
      local: { baseUrl: `http://127.0.0.1:${teacher.port}/v1`, jurisdiction: 'AT', prices },
      gone: { baseUrl: 'http://127.0.0.1:1/v1', jurisdiction: 'US', prices },
      openai: { baseUrl: 'https://api.openai.com/v1', apiKeyEnv: 'KOLBEN_TEST_NO_SUCH_KEY' },
    },
    tasks: {
      mails: { kind: 'classify', teacher: 'gone/m', fallbacks: ['local/m'] },
      intents: { kind: 'classify', teacher: 'openai/gpt-4.1-mini' },
    },
  };
  writeFileSync(file, JSON.stringify(config));
});
afterEach(async () => {
  await teacher.close();
  folder.remove();
});

it('lists providers, their models, and whose price it is', async () => {
  const { code, stdout } = await callKolben(['providers', '--json', '--config', file]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout).providers).toMatchObject([
    {
      name: 'local',
      jurisdiction: 'AT',
      hasKey: true,
      models: [{ model: 'm', priceSource: 'configuration' }],
    },
    { name: 'gone', models: [{ tasks: ['mails'] }] },
    {
      ...{ name: 'openai', hasKey: false, keyVariable: 'KOLBEN_TEST_NO_SUCH_KEY' },
      models: [{ model: 'gpt-4.1-mini', priceSource: 'package', price: { inputPerMillion: 0.4 } }],
    },
  ]);
  // Nobody has called yet, and looking makes no store.
  expect(existsSync(join(folder.path, 'kolben.db'))).toBe(false);
  const at = new Date();
  const store = await openStore({ directory: folder.path });
  await store.calls.record({
    ...{ at, task: 'mails', keyId: null, route: 'teacher', answeredBy: 'teacher', provider: 'local' },
    ...{ model: 'm', request: {}, response: {}, status: 'ok', latencyMs: 40, waitedMs: 30, streamed: false },
    ...{ usage: { promptTokens: 1, completionTokens: 1, estimated: false }, cost: 0, teacherCost: 0 },
    failedBefore: [{ provider: 'gone', at, code: 'provider_unreachable', tookMs: 30 }],
  });
  await store.close();
  const told = await callKolben(['providers', 'list', '--config', file]);
  expect(told.stdout).toMatch(/^gone +1 +1 +1 +30 ms +– +– +provider_unreachable 1$/m);
  expect(told.stdout).toMatch(/^local +1 +0 +0 +– +10 ms +10 ms +–$/m);
  expect(told.stdout).toMatch(/^openai +– +missing +gpt-4\.1-mini +0\.4 \/ 1\.6 +package +intents$/m);
});

it('lists them although the store can’t be opened, and says so', async () => {
  writeFileSync(join(folder.path, 'kolben.db'), 'This is no database.');
  const { code, stdout, stderr } = await callKolben(['providers', '--config', file]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^local /m);
  expect(stderr).toMatch(/How they have done is not known: .+kolben\.db/);
});

it('checks them, those that are down too, and tells what bans would leave', async () => {
  const { code, stdout } = await callKolben(['providers', 'check', '--json', '--config', file]);
  expect(code).toBe(0);
  const { ok, providers, bans } = JSON.parse(stdout);
  expect(ok).toBe(false);
  expect(providers).toMatchObject([
    {
      ...{ provider: 'local', ok: true, error: null, latencyMs: expect.any(Number) },
      // The teacher of this test answers in plain words, whatever it is asked.
      features: { streaming: 'no', tools: 'no', jsonSchema: 'no', logprobs: 'no', reasoning: 'no' },
    },
    { provider: 'gone', ok: false, error: { code: 'provider_unreachable' } },
    { provider: 'openai', ok: false, error: { code: 'key_missing' } },
  ]);
  expect(
    (bans as Ban[]).map(({ what, name, tasks, fallingBack }) => [
      ...[what, name, tasks],
      fallingBack.map(({ task, provider, isFirst }) => [task, provider, isFirst]),
    ]),
  ).toEqual([
    ['provider', 'gone', [], [['mails', 'local', false]]],
    ['provider', 'local', [], [['mails', 'gone', true]]],
    ['provider', 'openai', ['intents'], []],
    ['jurisdiction', 'AT', [], [['mails', 'gone', true]]],
    ['jurisdiction', 'EU', [], [['mails', 'gone', true]]],
    ['jurisdiction', 'US', [], [['mails', 'local', false]]],
  ]);
});

it('says it in words, of one provider alone, with one question', async () => {
  const told = await callKolben(['providers', 'check', '--quick', '--provider', 'local', '--config', file]);
  expect(told.code).toBe(0);
  expect(told.stdout).toMatch(
    /^local {2}m {2}\(AT, price: configuration\)\n {2}answers in \d+ ms; these questions cost/,
  );
  expect(told.stdout).toContain('Without openai, no teacher would be left for intents.');
  expect(told.stdout).toContain(
    'Without all under the law of EU, every task would still have a teacher; mails would stay with gone/m (US).',
  );
  expect(teacher.bodies).toHaveLength(1);
  const unknown = await callKolben(['providers', 'check', '--provider', 'nope', '--config', file]);
  expect(unknown.code).toBe(1);
  expect(unknown.stderr).toContain("no provider 'nope' (it has: local, gone, openai)");
});
