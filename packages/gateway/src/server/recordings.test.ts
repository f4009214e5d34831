/**
 * What the official client sees of nine providers' answers must be the same through the gateway as directly.
 */
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isObject, type JsonObject } from '../json.ts';
import { providerKey, type TestGateway, testGateway } from '../testing/gateway-in-test.ts';
import { type Behaviour, event, plainly } from '../testing/mock-provider.ts';
import {
  allNames,
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

/** Streams whose makers stopped recording before the end. */
const cutShort = new Set<string>([]);

/** All that a stream means, put together by nothing but what stands in its lines. */
function spoken(chunks: JsonObject[]) {
  const choices = chunks.flatMap((chunk) =>
    Array.isArray(chunk.choices) ? (chunk.choices as JsonObject[]) : [],
  );
  const deltas = choices.map(({ delta }) => (isObject(delta) ? delta : {}));
  const joined = (key: string) => deltas.map((delta) => textOf(delta[key])).join('');
  return {
    content: joined('content'),
    reasoning: joined('reasoning_content') + joined('reasoning') + deltas.map(thoughtsIn).join(''),
    toolCalls: deltas.flatMap(({ tool_calls }) =>
      Array.isArray(tool_calls) ? (tool_calls as unknown[]) : [],
    ),
    finish: choices.map(({ finish_reason }) => finish_reason).filter((reason) => reason != null),
    usage: chunks.findLast((chunk) => chunk.usage != null)?.usage ?? null,
  };
}

/** A text, or the texts of its parts (Mistral). */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  const parts = Array.isArray(content) ? content.filter(isObject) : [];
  return parts.map(({ text }) => (typeof text === 'string' ? text : '')).join('');
}

function thoughtsIn({ content }: JsonObject): string {
  const parts = Array.isArray(content) ? content.filter(isObject) : [];
  return parts.map(({ thinking }) => textOf(thinking)).join('');
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

  test('all recordings of chats are replayed, of nine providers and more; what is left out is named', () => {
    expect(streamNames().length).toBeGreaterThanOrEqual(20);
    expect(plainNames().length).toBeGreaterThanOrEqual(20);
    const replayed = [...streamNames(), ...plainNames()];
    expect(new Set(replayed.map((name) => name.split('__')[0])).size).toBeGreaterThanOrEqual(9);
    // OpenAI's older completions, an endpoint that the gateway doesn't have.
    expect(allNames().filter((name) => !replayed.includes(name))).toEqual([
      'openai__completion_openai-completion-text.chunks.txt',
      'openai__completion_openai-completion-text.json',
    ]);
  });

  test.each(streamNames())(
    '%s, streamed: what was thought, said, called, why it ended, what it used',
    async (name) => {
      const { client, calls } = gatewayTo(replay(name));
      const recorded = spoken(streamLines(name).map(readObject));
      const chunks: JsonObject[] = [];
      const asked = { model: 'kolben/mail', messages, stream_options: { include_usage: true } };
      const stream = await client.chat.completions.create({ ...asked, stream: true });
      for await (const chunk of stream) chunks.push(chunk as unknown as JsonObject);
      const heard = spoken(chunks);
      expect(heard).toEqual(recorded);
      // What the name promises is there, or all that was compared would be nothing.
      if (name.includes('reasoning')) expect(heard.reasoning).not.toBe('');
      if (name.includes('tool-call') || name.includes('-tools')) {
        expect(heard.toolCalls.length).toBeGreaterThan(0);
        expect(heard.finish).toContain('tool_calls');
      }
      if (name.includes('text')) expect(heard.content).not.toBe('');
      if (!cutShort.has(name)) {
        expect(heard.finish.length).toBeGreaterThan(0);
        expect(isObject(heard.usage)).toBe(true);
      }
      const call = (await calls()).at(-1);
      expect(call?.response?.usage ?? null).toEqual(heard.usage);
      // The ledger counts what the provider says it used, reasoning included.
      if (isObject(heard.usage)) {
        expect(call?.usage.promptTokens).toBe(heard.usage.prompt_tokens);
        expect(call?.usage.completionTokens).toBeGreaterThanOrEqual(Number(heard.usage.completion_tokens));
      }
    },
  );

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

  test.each(
    plainNames().filter((name) => /tool/.test(name) && /"reasoning(_content)?":\s*"./.test(plainText(name))),
  )('%s: across the tool’s turn the reasoning goes back as it came', async (name) => {
    const { client, provider } = gatewayTo(plainly(plainText(name)));
    const tools = [{ type: 'function' as const, function: { name: 'any' } }];
    const { choices } = await client.chat.completions.create({ model: 'kolben/mail', messages, tools });
    const message = choices[0]!.message;
    const results = (message.tool_calls ?? []).map(({ id }) => ({
      ...{ role: 'tool' as const, tool_call_id: id, content: '21' },
    }));
    expect(results.length).toBeGreaterThan(0);
    const next = [...messages, message, ...results];
    await client.chat.completions.create({ model: 'kolben/mail', messages: next, tools });
    const [said] = (readObject(plainText(name)).choices as JsonObject[]).map(({ message }) => message);
    expect(provider.asked.at(-1)?.body).toEqual({
      model: 'big-1',
      messages: [...messages, said, ...results],
      tools,
    });
  });
});
