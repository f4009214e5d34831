// What a client has the end of is in the ledger and in the records, whatever happens to the gateway.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openStore } from '@kolben/store';
import type OpenAI from 'openai';
import { expect, test } from 'vitest';
import { newFolder } from '../testing/gateway-in-test.ts';
import { gatewayProcess } from '../testing/gateway-process.ts';
import {
  chunksOf,
  completion,
  event,
  mockProvider,
  plainly,
  someUsage,
  streaming,
} from '../testing/mock-provider.ts';

const asks = 24;

/** Asks without pause, plain and streamed by turns, until the gateway is gone; ids of the calls whose end it has had. */
function askOn(
  client: OpenAI,
  name: string,
  onEnd: () => void,
): {
  acknowledged: Map<string, string>;
  over: Promise<void>;
} {
  const acknowledged = new Map<string, string>();
  const over = (async () => {
    for (let n = 0; ; n += 1) {
      const content = `Text ${n} of ${name}`;
      const body = { model: 'kolben/mail', messages: [{ role: 'user' as const, content }] };
      try {
        if (n % 2 === 0) {
          const { response } = await client.chat.completions.create(body).withResponse();
          acknowledged.set(response.headers.get('x-kolben-call-id')!, content);
        } else {
          const { data, response } = await client.chat.completions
            .create({ ...body, stream: true })
            .withResponse();
          for await (const _ of data);
          acknowledged.set(response.headers.get('x-kolben-call-id')!, content);
        }
        onEnd();
      } catch {
        return;
      }
    }
  })();
  return { acknowledged, over };
}

// Each round is also what happens when the first of two gateways on one folder is killed: the next takes over.
test('a second gateway on a folder says so and stops; one that is killed under load has every call of which a client had the end', async () => {
  const directory = newFolder();
  const provider = await mockProvider((answer, asked) =>
    (asked.body.stream === true ? streaming(['sp', 'am']) : plainly(completion('spam')))(answer, asked),
  );
  const acknowledged = new Map<string, string>();
  for (let round = 0; round < 3; round += 1) {
    const gateway = await gatewayProcess({ directory, baseUrl: provider.url });
    if (round === 0) {
      await expect(gatewayProcess({ directory, baseUrl: provider.url })).rejects.toThrow(
        `store_in_use: Another Kolben gateway works in ${directory}; stop that one, or give this one a data folder of its own.`,
      );
      expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
    }
    let left = 40 * (round + 1);
    let enough = () => {};
    const reached = new Promise<void>((resolve) => {
      enough = resolve;
    });
    const count = () => {
      left -= 1;
      if (left === 0) enough();
    };
    const clients = Array.from({ length: asks }, (_, i) => askOn(gateway.client, `${round}.${i}`, count));
    await reached;
    await gateway.kill();
    await Promise.all(clients.map(({ over }) => over));
    for (const client of clients) for (const [id, text] of client.acknowledged) acknowledged.set(id, text);
  }
  // The next start puts what was left in the journal into the ledger.
  const last = await gatewayProcess({ directory, baseUrl: provider.url });
  expect(await last.stop()).toBe(0);
  const store = await openStore({ directory });
  for (const [id, text] of acknowledged) {
    const call = await store.calls.get(id);
    expect(call, `${id} was acknowledged`).toBeDefined();
    expect(call).toMatchObject({
      task: 'mail',
      status: 'ok',
      request: { messages: [{ content: text }] },
      response: { choices: [{ message: { content: 'spam' }, finish_reason: 'stop' }] },
    });
    expect(call!.cost).toBeGreaterThan(0);
  }
  const { calls } = await store.ledger.totals();
  expect(calls).toBe(await store.calls.count());
  expect(calls).toBeGreaterThanOrEqual(acknowledged.size);
  await store.close();
});

test('a gateway that is asked to stop ends well, with every answer out and in the ledger', async () => {
  const directory = newFolder();
  const waiting: (() => void)[] = [];
  const provider = await mockProvider((answer) => {
    answer.writeHead(200, { 'content-type': 'text/event-stream' });
    const [first, ...rest] = chunksOf(['spam'], someUsage);
    answer.write(event(first));
    waiting.push(() => answer.end(rest.map(event).join('') + event('[DONE]')));
  });
  const gateway = await gatewayProcess({ directory, baseUrl: provider.url });
  const body = { model: 'kolben/mail', messages: [{ role: 'user' as const, content: 'Hello' }] };
  const streams = await Promise.all(
    Array.from({ length: 10 }, () => gateway.client.chat.completions.create({ ...body, stream: true })),
  );
  const stopped = gateway.stop();
  const texts = streams.map(async (stream) => {
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    return text;
  });
  for (const goOn of waiting) goOn();
  expect(await Promise.all(texts)).toEqual(Array.from({ length: 10 }, () => 'spam'));
  expect(await stopped).toBe(0);
  const store = await openStore({ directory });
  expect((await store.calls.list()).map(({ status }) => status)).toEqual(
    Array.from({ length: 10 }, () => 'ok'),
  );
  await store.close();
});

test.skipIf(process.platform === 'win32')(
  'a disk that is full: answers still go out, no new call is begun, and what was recorded is whole',
  async () => {
    const directory = newFolder();
    const provider = await mockProvider(plainly(completion('spam')));
    // The system lets no file of this process grow beyond 1,500 blocks of 512 bytes.
    const gateway = await gatewayProcess({ directory, baseUrl: provider.url, shell: 'ulimit -f 1500' });
    const content = 'x'.repeat(20_000);
    const send = () =>
      fetch(`${gateway.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${gateway.secret}` },
        body: JSON.stringify({ model: 'kolben/mail', messages: [{ role: 'user', content }] }),
      });
    const acknowledged: string[] = [];
    let refused: Response | undefined;
    for (let n = 0; n < 500 && !refused; n += 1) {
      const response = await send();
      if (response.status === 200) acknowledged.push(response.headers.get('x-kolben-call-id')!);
      else refused = response;
      await response.clone().text();
    }
    expect(refused?.status).toBe(503);
    expect(refused?.headers.get('retry-after')).toBe('5');
    expect(await refused?.json()).toMatchObject({
      error: { code: 'recording_failed', type: 'server_error' },
    });
    expect(gateway.stderr()).toContain('"event":"recording_stalled"');
    expect(gateway.stderr()).not.toContain('xxx');
    await gateway.kill();
    // With room again, the file opens, and all but the call that met the full disk are there.
    const next = await gatewayProcess({ directory, baseUrl: provider.url });
    expect(await next.stop()).toBe(0);
    const store = await openStore({ directory });
    const missing = [];
    for (const id of acknowledged) if (!(await store.calls.get(id))) missing.push(id);
    expect(missing.length).toBeLessThanOrEqual(1);
    expect(readFileSync(join(directory, 'kolben.db')).length).toBeGreaterThan(0);
    await store.close();
  },
);
