/**
 * What the official client sees of nine providers' answers must be the same through the gateway as directly.
 */
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isObject, type JsonObject } from '../json.ts';
import { providerKey, type TestGateway, testGateway } from '../testing/gateway-in-test.ts';
import { type Behaviour, event, plainly } from '../testing/mock-provider.ts';
import {
  plainNames,
  plainText,
  readObject,
  streamLines,
  streamNames,
  withoutRecordings,
} from '../testing/recordings.ts';

const messages = [{ role: 'user' as const, content: 'Hello' }];

function replay(name: string): Behaviour {
  return (answer) => {
    answer.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const line of streamLines(name)) answer.write(event(line));
    answer.end(event('[DONE]'));
  };
}

function directly(provider: TestGateway['provider']): OpenAI {
  return new OpenAI({ baseURL: provider.url, apiKey: providerKey, maxRetries: 0 });
}

/** Everything that a client can see of a streamed call: its chunks, and what its helper makes of them. */
async function seen(client: OpenAI, model: string): Promise<{ chunks: unknown[]; final: unknown }> {
  const stream = client.chat.completions.stream({ model, messages, stream_options: { include_usage: true } });
  const chunks: unknown[] = [];
  stream.on('chunk', (chunk) => chunks.push(structuredClone(chunk)));
  const final = await stream.finalChatCompletion().catch((error: unknown) => String(error));
  return { chunks, final };
}

describe.skipIf(withoutRecordings)('recorded answers (need KOLBEN_TEST_DATA)', () => {
  let one: TestGateway;
  beforeAll(async () => {
    one = await testGateway(plainly({}), { whenOver: afterAll });
  });

  /** The gateway with a provider that does this. */
  function gatewayTo(behaviour: Behaviour): TestGateway {
    one.provider.behave(behaviour);
    return one;
  }

  test('there are recordings', () => {
    expect(streamNames().length).toBeGreaterThanOrEqual(20);
    expect(plainNames().length).toBeGreaterThanOrEqual(20);
  });

  test.each(streamNames())('%s, streamed', async (name) => {
    const { client, provider, calls } = gatewayTo(replay(name));
    const direct = await seen(directly(provider), 'big-1');
    const through = await seen(client, 'kolben/mail');
    expect(direct.chunks.length).toBeGreaterThan(0);
    expect(through).toEqual(direct);

    const call = (await calls()).at(-1);
    const chunks = direct.chunks as JsonObject[];
    const usage = chunks.findLast((chunk) => chunk.usage != null)?.usage;
    expect(call?.status).toBe('ok');
    expect(call?.streamed).toBe(true);
    expect(call?.usage.estimated).toBe(!isObject(usage));
    expect(call?.response?.usage ?? null).toEqual(usage ?? null);
    if (isObject(direct.final)) {
      // What the helper put together is what was recorded, in everything that OpenAI's own answers have.
      const [theirs] = direct.final.choices as { message: JsonObject; finish_reason: string }[];
      const recorded = (call?.response?.choices ?? []) as { message: JsonObject; finish_reason: string }[];
      const [ours] = recorded;
      expect(ours?.finish_reason).toBe(theirs?.finish_reason);
      if (typeof ours?.message.content === 'string')
        expect(ours.message.content).toBe(theirs?.message.content ?? '');
      const bare = (calls: unknown) =>
        Array.isArray(calls)
          ? calls.map(({ id, function: { name, arguments: args } }) => [id, name, args])
          : [];
      // The helper loses calls without an index (Mistral's); the record must not.
      const isIndexed = !chunks.some((chunk) =>
        /"tool_calls":\[\{(?![^}]*"index")/.test(JSON.stringify(chunk)),
      );
      if (isIndexed) expect(bare(ours?.message.tool_calls)).toEqual(bare(theirs?.message.tool_calls));
      else expect(bare(ours?.message.tool_calls)).toHaveLength(1);
    }
  });

  test.each(plainNames())('%s, plain', async (name) => {
    const text = plainText(name);
    const isError = 'error' in readObject(text);
    const { client, provider, calls } = gatewayTo(plainly(text, isError ? 400 : 200));
    const ask = (who: OpenAI, model: string): Promise<unknown> =>
      who.chat.completions.create({ model, messages }).catch((error: unknown) => error);
    const direct = await ask(directly(provider), 'big-1');
    const through = await ask(client, 'kolben/mail');
    if (isError) {
      expect(direct).toBeInstanceOf(OpenAI.BadRequestError);
      const { message, type, param, code, status } = direct as InstanceType<typeof OpenAI.BadRequestError>;
      expect(through).toMatchObject({ message, type, param, code, status });
    } else expect(through).toEqual(direct);
    const call = (await calls()).at(-1);
    expect(call?.status).toBe(isError ? 'error' : 'ok');
    expect(call?.response).toEqual(isError ? null : direct);
  });
});
