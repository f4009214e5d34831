import { createServer } from 'node:http';
import OpenAI from 'openai';
import { expect, test } from 'vitest';
import { providerKey, testGateway } from '../testing/gateway-in-test.ts';
import { type Behaviour, completion, plainly, streaming } from '../testing/mock-provider.ts';

const messages = [{ role: 'user' as const, content: 'You win a prize' }];
const ask = { model: 'kolben/mail', messages };
const silent: Behaviour = () => {};

test('upstream down: 502, in OpenAI’s shape, recorded, and no address in it', async () => {
  const { client, provider, calls, events } = await testGateway(silent);
  await provider.close();
  const error = await client.chat.completions.create(ask).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(OpenAI.InternalServerError);
  expect(error).toMatchObject({
    status: 502,
    code: 'provider_unreachable',
    type: 'provider_error',
    param: null,
  });
  expect(String(error)).not.toMatch(/127\.0\.0\.1|ECONNREFUSED|localhost/);
  const [call] = await calls();
  expect(call).toMatchObject({
    status: 'error',
    answeredBy: 'teacher',
    provider: 'mock',
    response: null,
    error: { code: 'provider_unreachable' },
    usage: { promptTokens: 0, completionTokens: 0 },
    cost: 0,
  });
  expect(events).toContainEqual(
    expect.objectContaining({ event: 'provider_failed', provider: 'mock', detail: 'ECONNREFUSED' }),
  );
});

test('upstream slow: 504 after the configured time, and the provider is let go', async () => {
  const { client, provider, calls } = await testGateway(silent, { provider: { timeoutMs: 50 } });
  await expect(client.chat.completions.create(ask)).rejects.toMatchObject({
    status: 504,
    code: 'provider_timeout',
  });
  await provider.asked[0]?.over;
  // It may have been at work on the prompt, so the prompt is charged.
  expect((await calls())[0]).toMatchObject({
    status: 'error',
    error: { code: 'provider_timeout' },
    usage: { promptTokens: 11, completionTokens: 0, estimated: true },
  });
});

test('a plain answer that trickles in arrives whole', async () => {
  const body = JSON.stringify(completion('spam'));
  const { client } = await testGateway(async (answer) => {
    answer.writeHead(200, { 'content-type': 'application/json' });
    for (let at = 0; at < body.length; at += 64) {
      answer.write(body.slice(at, at + 64));
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    answer.end();
  });
  expect(await client.chat.completions.create(ask)).toEqual(completion('spam'));
});

test('a plain answer that breaks off is no answer', async () => {
  const { client, calls } = await testGateway((answer) => {
    answer.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
    answer.write('{"id":', () => answer.destroy());
  });
  await expect(client.chat.completions.create(ask)).rejects.toMatchObject({
    status: 502,
    code: 'provider_broke_off',
  });
  expect((await calls())[0]).toMatchObject({ status: 'error', response: null });
});

test('a plain answer beyond the limit is refused', async () => {
  const { client } = await testGateway(plainly(completion('x'.repeat(5_000))), {
    config: { limits: { responseBytes: 2_000 } },
  });
  await expect(client.chat.completions.create(ask)).rejects.toMatchObject({
    status: 502,
    code: 'provider_answer_too_large',
  });
});

test.each<[string, Behaviour, object]>([
  [
    'a bad request, with all that the provider says of it',
    plainly(
      { error: { message: 'Unsupported value', type: 'invalid_request_error', param: 'seed', code: 'bad' } },
      400,
    ),
    {
      status: 400,
      message: '400 Unsupported value',
      type: 'invalid_request_error',
      param: 'seed',
      code: 'bad',
    },
  ],
  [
    'too many requests, with the time to wait',
    plainly(
      { error: { message: 'Slow down', type: 'requests', param: null, code: 'rate_limit_exceeded' } },
      429,
      {
        'retry-after': '7',
      },
    ),
    { status: 429, code: 'rate_limit_exceeded', type: 'requests' },
  ],
  [
    'an error in Mistral’s form',
    plainly(
      { object: 'error', message: 'Extra inputs', type: 'extra_forbidden', param: null, code: 3001 },
      422,
    ),
    { status: 422, message: '422 Extra inputs', type: 'extra_forbidden', code: '3001' },
  ],
  [
    'an error in FastAPI’s form',
    plainly({ detail: 'no such model' }, 404),
    { status: 404, message: '404 no such model', code: 'provider_error' },
  ],
  [
    'an error that is a bare text',
    plainly({ error: 'model not loaded' }, 500),
    { status: 500, message: '500 model not loaded' },
  ],
  [
    'a page of HTML, of which nothing is passed on',
    (answer) => {
      answer.writeHead(503, { 'content-type': 'text/html' });
      answer.end('<h1>nginx on internal-7.example</h1>');
    },
    { status: 503, message: "503 The teacher's provider answered with status 503.", code: 'provider_error' },
  ],
  [
    'an error with status 200',
    plainly({ error: { message: 'quota', code: 'insufficient_quota' } }),
    { status: 502, message: '502 quota', code: 'insufficient_quota' },
  ],
  [
    'a 200 that is no completion',
    plainly({ hello: 'world' }),
    { status: 502, code: 'provider_answer_invalid' },
  ],
  ['a 200 that is no JSON', plainly('<html>'), { status: 502, code: 'provider_answer_invalid' }],
  [
    'the provider’s key in an error, which is cut out',
    plainly({ error: { message: `Wrong: ${providerKey}, Bearer ${providerKey}` } }, 400),
    { status: 400, message: '400 Wrong: [removed], Bearer [removed]' },
  ],
])('upstream error: %s', async (_what, behaviour, told) => {
  const { client, calls } = await testGateway(behaviour);
  const error = await client.chat.completions.create(ask).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(OpenAI.APIError);
  expect(error).toMatchObject(told);
  const [call] = await calls();
  expect(call).toMatchObject({ status: 'error', response: null, cost: 0 });
  expect(JSON.stringify(call)).not.toContain(providerKey);
});

test('the time to wait comes along', async () => {
  const { chat } = await testGateway(
    plainly({ error: { message: 'Slow down' } }, 429, { 'retry-after': '7' }),
  );
  expect((await chat(ask)).headers.get('retry-after')).toBe('7');
});

test.each([401, 403, 407])(
  'the provider’s %i is the gateway’s affair: the client must not mistrust its own key',
  async (status) => {
    const { client } = await testGateway(
      plainly({ error: { message: `Incorrect API key: ${providerKey.slice(0, 6)}***` } }, status),
    );
    const error = await client.chat.completions.create(ask).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(OpenAI.InternalServerError);
    expect(error).toMatchObject({ status: 502, code: 'provider_refused_key' });
    expect(String(error)).not.toContain('sk-');
  },
);

test.each([301, 302, 303, 307, 308])(
  'a redirect (%i) is not followed, wherever it points',
  async (status) => {
    let visits = 0;
    const elsewhere = createServer((_request, answer) => {
      visits += 1;
      answer.end();
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    const address = elsewhere.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const { client } = await testGateway((answer) => {
      answer.writeHead(status, { location: `http://127.0.0.1:${port}/` });
      answer.end();
    });
    await expect(client.chat.completions.create(ask)).rejects.toMatchObject({
      status: 502,
      code: 'provider_redirect',
    });
    expect(visits).toBe(0);
    elsewhere.close();
  },
);

test('a streamed request that the provider refuses gets the refusal, not a stream', async () => {
  const { client } = await testGateway(plainly({ error: { message: 'No', code: 'x' } }, 400));
  const stream = client.chat.completions.stream(ask);
  await expect(stream.finalChatCompletion()).rejects.toBeInstanceOf(OpenAI.BadRequestError);
});

test('a kept connection that the provider has closed in the meantime is not the client’s bad luck', async () => {
  let dropped = 0;
  const { client, provider } = await testGateway(plainly(completion('spam')));
  await client.chat.completions.create(ask);
  provider.behave((answer, asked) => {
    if (dropped === 0) {
      dropped += 1;
      answer.destroy();
    } else plainly(completion('ham'))(answer, asked);
  });
  expect((await client.chat.completions.create(ask)).choices[0]?.message.content).toBe('ham');
  expect(provider.asked).toHaveLength(3);
});

test('but a fresh connection that is dropped is an error at once: a request is not sent twice', async () => {
  const { client, provider } = await testGateway((answer) => answer.destroy());
  await expect(client.chat.completions.create(ask)).rejects.toMatchObject({ code: 'provider_unreachable' });
  expect(provider.asked).toHaveLength(1);
});

test('what the provider is sent: its key, the request, and nothing of the client’s headers', async () => {
  const { chat, provider, secret } = await testGateway(streaming(['spam']));
  const response = await chat(
    '{"model":"kolben/mail", "messages":[{"role":"user","content":"hi"}], "seed":9007199254740993, "x_unknown":{"a":[1.0]}}',
    {
      'x-upstream-url': 'http://evil.example',
      'x-forwarded-host': 'evil.example',
      cookie: 'a=b',
      'openai-organization': 'o',
    },
  );
  await response.text();
  const [asked] = provider.asked;
  expect(asked?.path).toBe('/v1/chat/completions');
  expect(asked?.text).toBe(
    '{"model":"big-1", "messages":[{"role":"user","content":"hi"}], "seed":9007199254740993, "x_unknown":{"a":[1.0]}}',
  );
  expect(Object.keys(asked?.headers ?? {}).sort()).toEqual([
    'accept',
    'accept-encoding',
    'authorization',
    'connection',
    'content-length',
    'content-type',
    'host',
    'user-agent',
  ]);
  expect(asked?.headers.authorization).toBe(`Bearer ${providerKey}`);
  expect(JSON.stringify(asked?.headers)).not.toContain(secret);
});
