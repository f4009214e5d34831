import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import OpenAI from 'openai';
import { expect, test } from 'vitest';
import { providerKey, testGateway } from '../testing/gateway-in-test.ts';
import { withHeldDatabase, withHeldJournal } from '../testing/held-store.ts';
import {
  type Behaviour,
  chunksOf,
  completion,
  event,
  plainly,
  someUsage,
  streaming,
} from '../testing/mock-provider.ts';

const messages = [{ role: 'user' as const, content: 'You win a prize' }];
const streamed = { model: 'kolben/mail', messages, stream: true };

/** A promise that a test keeps by hand: what comes when is decided, not timed. */
function signal(): { given: Promise<void>; give: () => void } {
  let give = () => {};
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { given, give };
}

test('a stream reaches the official helper whole, and its record is what a plain call would have got', async () => {
  const { client, provider, calls } = await testGateway(streaming(['sp', 'am']));
  const stream = client.chat.completions.stream({ model: 'kolben/mail', messages });
  const final = await stream.finalChatCompletion();
  expect(final.choices[0]?.message.content).toBe('spam');
  expect(final.usage).toBeUndefined();
  expect(provider.asked[0]?.body).toEqual({
    model: 'big-1',
    messages,
    stream: true,
    stream_options: { include_usage: true },
  });
  const [call] = await calls();
  expect(call).toMatchObject({
    status: 'ok',
    streamed: true,
    answeredBy: 'teacher',
    request: { model: 'kolben/mail', messages, stream: true },
    usage: { promptTokens: 40, completionTokens: 2, estimated: false },
    cost: 0.000096,
    teacherCost: 0.000096,
    response: {
      id: 'chatcmpl-mock',
      object: 'chat.completion',
      choices: [{ index: 0, message: { role: 'assistant', content: 'spam' }, finish_reason: 'stop' }],
      usage: someUsage,
    },
  });
  expect(call?.ttftMs).toBeGreaterThan(0);
});

test('the usage chunk is there for who asked for it, and only then', async () => {
  const { client } = await testGateway(streaming(['spam']));
  const usages = async (options: OpenAI.ChatCompletionStreamOptions | undefined) => {
    const stream = await client.chat.completions.create({
      model: 'kolben/mail',
      messages,
      stream: true,
      ...(options && { stream_options: options }),
    });
    const seen = [];
    for await (const chunk of stream) seen.push(chunk.usage ?? null);
    return seen;
  };
  expect(await usages({ include_usage: true })).toEqual([null, null, null, someUsage]);
  expect(await usages({ include_usage: false })).toEqual([null, null, null]);
  expect(await usages({ include_obfuscation: false })).toEqual([null, null, null]);
  expect(await usages(undefined)).toEqual([null, null, null]);
});

test('a provider that refuses the question isn’t asked it; its usage is then estimated and marked so', async () => {
  const { client, provider, calls } = await testGateway(streaming(['spam']), {
    provider: { streamUsage: 'leave' },
  });
  await client.chat.completions.stream({ model: 'kolben/mail', messages }).finalChatCompletion();
  expect(provider.asked[0]?.body).toEqual({ model: 'big-1', messages, stream: true });
  const [call] = await calls();
  // Four words and what stands around a message; one word of answer.
  expect(call?.usage).toMatchObject({ promptTokens: 11, completionTokens: 1, estimated: true });
});

test('bytes go through untouched, comments and odd line ends too, but for the stripped chunk', async () => {
  const before =
    ': waiting\n\ndata: {"choices":[{"index":0,"delta":{"content":"ä"}}]}\r\n\r\nevent: ping\ndata: {}\n\n';
  const usage = `data: {"choices":[],"usage":${JSON.stringify(someUsage)}}\n\n`;
  const after = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';
  const bytes = Buffer.from(before + usage + after);
  const { chat } = await testGateway((answer) => {
    answer.writeHead(200, { 'content-type': 'text/event-stream' });
    // One byte at a time: inside lines, inside an umlaut, between CR and LF.
    for (const byte of bytes) answer.write(Buffer.from([byte]));
    answer.end();
  });
  expect(await (await chat(streamed)).text()).toBe(before + after);
});

test('each event is passed on when it comes, not when the next one does', async () => {
  const [first, second, third] = chunksOf(['spam'], null);
  const seen = [signal(), signal()] as const;
  const { client } = await testGateway(async (answer) => {
    answer.writeHead(200, { 'content-type': 'text/event-stream' });
    answer.write(event(first));
    // The provider goes on only after the client has what was sent before: a gateway that gathered would hang here.
    await seen[0].given;
    answer.write(event(second));
    await seen[1].given;
    answer.end(event(third) + event('[DONE]'));
  });
  const stream = await client.chat.completions.create({ model: 'kolben/mail', messages, stream: true });
  const contents: unknown[] = [];
  for await (const chunk of stream) {
    contents.push(chunk.choices[0]?.delta.content);
    seen[contents.length - 1]?.give();
  }
  expect(contents).toEqual(['', 'spam', undefined]);
});

test('a provider that answers a stream’s request in one piece is passed on as it is', async () => {
  const { chat, calls } = await testGateway(plainly(completion('spam')));
  const response = await chat(streamed);
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(await response.json()).toEqual(completion('spam'));
  expect((await calls())[0]).toMatchObject({ status: 'ok', streamed: false });
});

const half: Behaviour = (answer) => {
  answer.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const chunk of chunksOf(['sp', 'am'], null).slice(0, 2)) answer.write(event(chunk));
  answer.write('data: {"id":"chatcmpl-mock","choi', () => answer.destroy());
};

test('a provider that dies in mid-stream: the client gets an error, not half an event; the record what came', async () => {
  const { client, chat, calls } = await testGateway(half);
  const stream = await client.chat.completions.create({ model: 'kolben/mail', messages, stream: true });
  const contents: unknown[] = [];
  const error = await (async () => {
    for await (const chunk of stream) contents.push(chunk.choices[0]?.delta.content);
  })().catch((caught: unknown) => caught);
  expect(contents).toEqual(['', 'sp']);
  expect(error).toBeInstanceOf(OpenAI.APIError);
  expect(error).toMatchObject({ code: 'provider_broke_off', type: 'provider_error' });
  const raw = await (await chat(streamed)).text();
  expect(raw).not.toContain('choi"');
  expect(raw).not.toContain('[DONE]');
  const [call] = await calls();
  expect(call).toMatchObject({
    status: 'error',
    error: { code: 'provider_broke_off' },
    response: { choices: [{ message: { content: 'sp' }, finish_reason: null }] },
    usage: { promptTokens: 11, completionTokens: 1, estimated: true },
  });
  expect(call?.cost).toBeGreaterThan(0);
});

test('a provider that falls silent in mid-stream is given up after its time', async () => {
  const { client, provider, calls } = await testGateway(
    (answer) => {
      answer.writeHead(200, { 'content-type': 'text/event-stream' });
      answer.write(event(chunksOf(['spam'], null)[0]));
    },
    { provider: { timeoutMs: 50 } },
  );
  const stream = client.chat.completions.stream({ model: 'kolben/mail', messages });
  await expect(stream.finalChatCompletion()).rejects.toMatchObject({ code: 'provider_timeout' });
  await provider.asked[0]?.over;
  expect((await calls())[0]).toMatchObject({ status: 'error', error: { code: 'provider_timeout' } });
});

test('an error in the middle of a stream reaches the client as the provider told it, without the provider’s key', async () => {
  const { client, calls } = await testGateway((answer) => {
    answer.writeHead(200, { 'content-type': 'text/event-stream' });
    answer.write(event(chunksOf(['spam'], null)[0]));
    answer.end(event({ error: { message: `overloaded, key ${providerKey}`, type: 'server_error' } }));
  });
  const stream = client.chat.completions.stream({ model: 'kolben/mail', messages });
  await expect(stream.finalChatCompletion()).rejects.toThrow('overloaded, key [removed]');
  expect((await calls())[0]).toMatchObject({
    status: 'error',
    error: { code: 'provider_stream_error', message: 'overloaded, key [removed]' },
  });
});

test('a stream that just ends without having finished counts as no answer', async () => {
  const { chat, calls } = await testGateway((answer) => {
    answer.writeHead(200, { 'content-type': 'text/event-stream' });
    answer.end(chunksOf(['spam'], null).slice(0, 2).map(event).join(''));
  });
  // The client is told so too: half an answer must not pass for a whole one.
  expect(await (await chat(streamed)).text()).toMatch(
    /data: \{"error":\{.*"code":"provider_unfinished"\}\}\n\n$/,
  );
  expect((await calls())[0]).toMatchObject({ status: 'error', error: { code: 'provider_unfinished' } });
});

test('one that ends in the middle of an event tells it in an event of its own', async () => {
  const whole = chunksOf(['spam'], null).slice(0, 2).map(event).join('').trimEnd();
  const { chat } = await testGateway((answer) => {
    answer.writeHead(200, { 'content-type': 'text/event-stream' });
    answer.end(whole);
  });
  const said = await (await chat(streamed)).text();
  expect(said.slice(0, whole.length + 2)).toBe(`${whole}\n\n`);
  expect(said.slice(whole.length + 2)).toMatch(/^data: \{"error":\{.*"code":"provider_unfinished"\}\}\n\n$/);
});

test('a provider that never stops is cut off at the largest answer that is accepted', async () => {
  const chunk = event(chunksOf(['x'.repeat(200)], null)[1]);
  const { client, provider, calls } = await testGateway(
    (answer) => {
      answer.writeHead(200, { 'content-type': 'text/event-stream' });
      const pour = () => {
        while (answer.writable && answer.write(chunk)) {}
        if (answer.writable) answer.once('drain', pour);
      };
      pour();
    },
    { config: { limits: { responseBytes: 100_000 } } },
  );
  const stream = client.chat.completions.stream({ model: 'kolben/mail', messages });
  await expect(stream.finalChatCompletion()).rejects.toMatchObject({ code: 'provider_answer_too_large' });
  await provider.asked[0]?.over;
  expect((await calls())[0]?.status).toBe('error');
});

test('a client that leaves in mid-stream: the provider is let go, and what came is recorded as aborted', async () => {
  const { client, provider, calls } = await testGateway((answer) => {
    answer.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const chunk of chunksOf(['sp', 'am'], null).slice(0, 2)) answer.write(event(chunk));
    // And nothing more: it waits, as for a long thought.
  });
  const stream = await client.chat.completions.create({ model: 'kolben/mail', messages, stream: true });
  for await (const chunk of stream) if (chunk.choices[0]?.delta.content === 'sp') break;
  await provider.asked[0]?.over;
  const [call] = await calls();
  expect(call).toMatchObject({
    status: 'aborted',
    answeredBy: 'teacher',
    streamed: true,
    response: { choices: [{ message: { content: 'sp' }, finish_reason: null }] },
    usage: { promptTokens: 11, completionTokens: 1, estimated: true },
    error: null,
  });
  expect(call?.cost).toBeGreaterThan(0);
});

test('a client that leaves before the first byte is recorded as aborted as well', async () => {
  const asked = signal();
  const { gateway, secret, provider, calls } = await testGateway(() => asked.give());
  const request = httpRequest(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}` },
  });
  request.on('error', () => {});
  request.end(JSON.stringify({ model: 'kolben/mail', messages }));
  await asked.given;
  request.destroy();
  await provider.asked[0]?.over;
  expect(await calls()).toMatchObject([{ status: 'aborted', response: null, streamed: false, error: null }]);
});

test('a client that stops reading is given up, and with it the provider', async () => {
  const chunk = event(chunksOf(['x'.repeat(50_000)], null)[1]);
  const { gateway, secret, provider, calls } = await testGateway(
    (answer) => {
      answer.writeHead(200, { 'content-type': 'text/event-stream' });
      const pour = () => {
        while (answer.writable && answer.write(chunk)) {}
        if (answer.writable) answer.once('drain', pour);
      };
      pour();
    },
    // More than all buffers between here and there hold.
    { config: { limits: { stalledClientMs: 50, responseBytes: 32 << 20 } } },
  );
  const request = httpRequest(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}` },
  });
  request.end(JSON.stringify(streamed));
  const [response] = await once(request, 'response');
  response.on('error', () => {});
  // Headers came; the body is never read.
  await provider.asked[0]?.over;
  expect((await calls())[0]?.status).toBe('aborted');
  request.destroy();
});

test('who leaves with the end of the stream in hand has not left too early', async () => {
  const held = signal();
  const { chat, calls } = await testGateway(async (answer) => {
    answer.writeHead(200, { 'content-type': 'text/event-stream' });
    answer.write(chunksOf(['spam'], someUsage).map(event).join('') + event('[DONE]'));
    // The provider keeps its connection open for a while after its last word.
    await held.given;
    answer.end();
  });
  const response = await chat(streamed);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (!text.includes('[DONE]')) text += (await reader.read()).value ?? '';
  await reader.cancel();
  expect((await calls())[0]).toMatchObject({
    status: 'ok',
    response: { choices: [{ message: { content: 'spam' } }] },
  });
  held.give();
});

test('the answer doesn’t wait for the database', async () => {
  const answered = signal();
  const { client, calls, gateway, store } = await testGateway(streaming(['spam']), {
    wrapStore: (real) => withHeldDatabase(real, answered.given),
  });
  const final = await client.chat.completions
    .stream({ model: 'kolben/mail', messages })
    .finalChatCompletion();
  expect(final.choices[0]?.message.content).toBe('spam');
  expect(await store.calls.count()).toBe(0);
  answered.give();
  await gateway.flush();
  expect(await calls()).toHaveLength(1);
});

test('but its end waits until no killed process can lose the call; what comes before the end doesn’t', async () => {
  const safe = signal();
  const { client } = await testGateway(
    (answer, asked) =>
      (asked.body.stream === true ? streaming(['spam']) : plainly(completion('spam')))(answer, asked),
    { wrapStore: (real) => withHeldJournal(real, safe.given) },
  );
  const stream = await client.chat.completions.create({ model: 'kolben/mail', messages, stream: true });
  let [text, ended] = ['', false];
  const read = (async () => {
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    ended = true;
  })();
  const plain = client.chat.completions.create({ model: 'kolben/mail', messages });
  await expect.poll(() => text, { timeout: 60_000 }).toBe('spam');
  const turns = new Promise((resolve) => setTimeout(resolve, 50, 'still waiting'));
  expect(await Promise.race([read, plain, turns])).toBe('still waiting');
  expect(ended).toBe(false);
  safe.give();
  await read;
  expect((await plain).choices[0]?.message.content).toBe('spam');
});
