import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { askTokens } from './ask-tokens.ts';

interface Asked {
  readonly path: string | undefined;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

async function server(answer: (response: ServerResponse) => void) {
  const asked: Asked[] = [];
  const own = createServer(async (request: IncomingMessage, response) => {
    let body = '';
    for await (const piece of request) body += String(piece);
    asked.push({ path: request.url, authorization: request.headers.authorization, body: JSON.parse(body) });
    answer(response);
  });
  await new Promise<void>((resolve) => own.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    own.closeAllConnections();
    own.close();
  });
  return { asked, url: `http://127.0.0.1:${(own.address() as AddressInfo).port}/v1/` };
}

const completion = (logprobs: object) => (response: ServerResponse) =>
  response.end(JSON.stringify({ choices: [{ index: 0, text: 'x', logprobs }] }));

test('asks for one token after others, and reads what llama.cpp tells of them', async () => {
  const told = [
    { id: 7, token: ' a', bytes: [32, 97], logprob: -0.5 },
    { id: 9, token: '\uFFFD', bytes: [226], logprob: -2 },
    { id: 3, token: 'b', bytes: [98], logprob: null },
  ];
  const { asked, url } = await server(completion({ content: [{ ...told[0], top_logprobs: told }] }));
  expect(await askTokens({ url, key: 'k', model: 'm' })([1, 2, 3], 3)).toEqual([
    { id: 7, text: ' a', bytes: [32, 97], logProbability: -0.5 },
    { id: 9, text: '\uFFFD', bytes: [226], logProbability: -2 },
  ]);
  expect(asked).toEqual([
    {
      ...{ path: '/v1/completions', authorization: 'Bearer k' },
      body: expect.objectContaining({ model: 'm', prompt: [1, 2, 3], max_tokens: 1, logprobs: 3 }),
    },
  ]);
});

test('reads OpenAI’s older form, with vLLM’s numbers or without', async () => {
  const { asked, url } = await server(
    completion({ tokens: ['a'], top_logprobs: [{ 'token_id:17': -0.25, ' b': -3 }] }),
  );
  expect(await askTokens({ url })([5], 2)).toEqual([
    { id: 17, text: 'token_id:17', logProbability: -0.25 },
    { text: ' b', logProbability: -3 },
  ]);
  expect(asked[0]).toMatchObject({ authorization: undefined, body: { return_tokens_as_token_ids: true } });
});

test('says what is wrong with a server', async () => {
  const { url } = await server((response) => {
    response.statusCode = 400;
    response.end('{"error":{"message":"a prompt is a text"}}');
  });
  await expect(askTokens({ url })([1], 1)).rejects.toMatchObject({
    code: 'teacher_server',
    message: expect.stringContaining('answers 400 (a prompt is a text)'),
  });
  const mute = await server((response) => response.end('{"choices":[{"text":"x"}]}'));
  expect(await askTokens({ url: mute.url })([1], 1)).toEqual([]);
  await expect(askTokens({ url: 'http://127.0.0.1:1/v1' })([1], 1)).rejects.toMatchObject({
    code: 'teacher_server',
    message: expect.stringContaining('does not answer'),
  });
  const aborted = AbortSignal.abort(new Error('enough'));
  await expect(askTokens({ url })([1], 1, aborted)).rejects.toThrow('enough');
});
