import OpenAI from 'openai';
import { expect, test } from 'vitest';
import { testGateway } from '../testing/gateway-in-test.ts';
import { plainly } from '../testing/mock-provider.ts';

const vectors = {
  object: 'list',
  data: [{ object: 'embedding', index: 0, embedding: [0.25, -0.5] }],
  model: 'big-1',
  usage: { prompt_tokens: 7, total_tokens: 7 },
};

test.each(['mock/big-1', 'kolben/mail'])(
  '%s: vectors come back untouched, recorded and charged',
  async (model) => {
    const { client, provider, calls, store } = await testGateway(plainly(vectors));
    const { data, response } = await client.embeddings
      .create({ model, input: ['a text'], encoding_format: 'float', dimensions: 2 })
      .withResponse();
    expect(data).toEqual(vectors);
    const [asked] = provider.asked;
    expect(asked?.path).toBe('/v1/embeddings');
    expect(asked?.body).toEqual({
      ...{ model: 'big-1', input: ['a text'], encoding_format: 'float', dimensions: 2 },
    });
    expect(response.headers.get('x-kolben-cost-usd')).toBe('0.000014');
    expect(await calls()).toMatchObject([
      {
        endpoint: 'embeddings',
        task: model === 'kolben/mail' ? 'mail' : null,
        route: 'teacher',
        provider: 'mock',
        model: 'big-1',
        request: { input: ['a text'] },
        response: vectors,
        status: 'ok',
        usage: { promptTokens: 7, completionTokens: 0, estimated: false },
        cost: 7 * 2e-6,
      },
    ]);
    const examples = [];
    for await (const example of store.calls.examples('mail')) examples.push(example);
    expect(examples).toEqual([]);
  },
);

test('without usage the texts are counted', async () => {
  const { client, calls } = await testGateway(plainly({ ...vectors, usage: undefined }));
  await client.embeddings.create({
    model: 'mock/big-1',
    input: ['four', 'four more'],
    encoding_format: 'float',
  });
  const [call] = await calls();
  expect(call?.usage).toMatchObject({ completionTokens: 0, estimated: true });
  expect(call?.usage.promptTokens).toBeGreaterThan(0);
});

test('what can’t be: no input, no such model, a student, an answer that is none, an error', async () => {
  const { client, provider, store, calls } = await testGateway(plainly({ hello: 1 }));
  const { id } = await store.students.register({
    ...{ task: 'mail', directory: '/nowhere', digest: 'd', certificate: null },
  });
  const create = (model: string, input = 'x') => client.embeddings.create({ model, input });
  await expect(create('mock/big-1', '')).rejects.toMatchObject({ status: 400, code: 'input_missing' });
  await expect(create('mock/none')).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  await expect(create(`student/${id}`)).rejects.toMatchObject({ status: 400, code: 'model_unsuited' });
  expect(provider.asked).toHaveLength(0);
  await expect(create('mock/big-1')).rejects.toMatchObject({ code: 'provider_answer_invalid' });
  provider.behave(plainly({ error: { message: 'too long', code: 'x' } }, 400));
  await expect(create('mock/big-1')).rejects.toMatchObject({ status: 400, code: 'x' });
  expect((await calls()).map(({ status, cost }) => [status, cost])).toEqual([
    ['error', 0],
    ['error', 0],
  ]);
});
