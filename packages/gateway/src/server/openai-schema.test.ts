/**
 * What we write is what OpenAI's description of its API says: answers, errors, lists, and the requests of our clients.
 */
import { join } from 'node:path';
import { labelExamples, WorkFile } from '@kolben/distill';
import { describe, expect, test } from 'vitest';
import { gatewayAsk } from '../client/gateway-ask.ts';
import { newFolder, testGateway, wordStudent } from '../testing/gateway-in-test.ts';
import { completion, plainly, streaming } from '../testing/mock-provider.ts';
import { faultsBy, withoutOpenaiSchema } from '../testing/openai-schema.ts';

const messages = [{ role: 'user' as const, content: 'You win a prize' }];
const ask = { model: 'kolben/mail', messages };

const dataOf = (stream: string) =>
  [...stream.matchAll(/^data: (\{.*\})$/gm)].map(([, json]): unknown => JSON.parse(json!));

async function withStudent() {
  const one = await testGateway(plainly(completion('spam')), {
    route: 'student',
    loadStudent: () => Promise.resolve(wordStudent()),
  });
  const directory = newFolder();
  const { id } = await one.store.students.register({
    ...{ task: 'mail', directory, digest: 'd', certificate: null },
  });
  return { ...one, id };
}

describe.skipIf(withoutOpenaiSchema)('by OpenAI’s own schema (needs KOLBEN_TEST_DATA)', () => {
  test('the judge finds faults', () => {
    expect(faultsBy('CreateChatCompletionResponse', completion('spam'))).toContainEqual(
      expect.stringContaining("must have required property 'refusal'"),
    );
    expect(faultsBy('CreateChatCompletionRequest', { model: 'm', messages: [] })).not.toEqual([]);
    expect(faultsBy('CreateChatCompletionRequest', { ...ask, temperature: 'hot' })).not.toEqual([]);
  });

  test('a student’s answer', async () => {
    const { chat, id } = await withStudent();
    for (const model of ['kolben/mail', `student/${id}`]) {
      const answer: unknown = await (await chat({ ...ask, model })).json();
      expect(faultsBy('CreateChatCompletionResponse', answer)).toEqual([]);
    }
  });

  test.each([true, false])('a student’s stream, with its usage: %s', async (include_usage) => {
    const { chat } = await withStudent();
    const stream = await (await chat({ ...ask, stream: true, stream_options: { include_usage } })).text();
    const chunks = dataOf(stream);
    expect(chunks).toHaveLength(include_usage ? 4 : 3);
    for (const chunk of chunks) expect(faultsBy('CreateChatCompletionStreamResponse', chunk)).toEqual([]);
  });

  test('the lists of models, and one of them', async () => {
    const { send } = await withStudent();
    const list = (await (await send('/v1/models')).json()) as { data: { id: string }[] };
    expect(list.data).toHaveLength(3);
    expect(faultsBy('ListModelsResponse', list)).toEqual([]);
    for (const { id } of list.data)
      expect(faultsBy('Model', await (await send(`/v1/models/${id}`)).json())).toEqual([]);
  });

  test('errors: ours, a provider’s as it is passed on, and one in the middle of a stream', async () => {
    const { chat, send, provider, gateway } = await testGateway(plainly('no', 500));
    const errors = [
      await fetch(`${gateway.url}/v1/models`),
      await send('/v1/nothing'),
      await send('/v1/models', { method: 'DELETE' }),
      await chat('no JSON'),
      await chat({ ...ask, model: 'gpt-4.1' }),
      await chat({ model: 'kolben/mail', messages: [] }),
      await chat(ask),
    ];
    provider.behave(plainly({ object: 'error', message: 'Extra inputs', type: 'x', code: 3001 }, 422));
    errors.push(await chat(ask));
    for (const response of errors) {
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(faultsBy('ErrorResponse', await response.json())).toEqual([]);
    }
    provider.behave((answer) => {
      answer.writeHead(200, { 'content-type': 'text/event-stream' });
      answer.write('data: {"choices":[{"index":0,"delta":{"content":"sp"}}]}\n\n', () => answer.destroy());
    });
    const [, last] = dataOf(await (await chat({ ...ask, stream: true })).text());
    expect(faultsBy('ErrorResponse', last)).toEqual([]);
  });

  test('what labelling asks, with and without a cap, a prompt and several votes', async () => {
    const { gateway, secret, provider } = await testGateway(plainly(completion('spam')));
    const asker = gatewayAsk({ url: gateway.url, key: secret, task: 'mail' });
    const price = { inputPerMillion: 1, outputPerMillion: 1 };
    for (const [i, more] of [{}, { budget: 1, prompt: 'Spam or ham?' }, { votes: 3 }].entries()) {
      const work = await WorkFile.open(join(newFolder(), `${i}.work`));
      await labelExamples({
        ...{ teacher: 'mock/big-1', price, ask: asker, work, prompt: undefined, labels: undefined, ...more },
        examples: [{ messages: [{ role: 'user', content: `text ${i}` }], answer: undefined, extra: {} }],
      });
      await work.close();
    }
    asker.close();
    expect(provider.asked).toHaveLength(5);
    for (const { body } of provider.asked) expect(faultsBy('CreateChatCompletionRequest', body)).toEqual([]);
  });

  test('what a streamed call becomes when its usage is asked for, and what the quickstart asks', async () => {
    const { client, provider } = await testGateway(streaming(['spam']));
    const chunks = await client.chat.completions.create({ ...ask, stream: true });
    for await (const chunk of chunks)
      expect(faultsBy('CreateChatCompletionStreamResponse', { ...chunk })).toEqual([]);
    provider.behave(plainly(completion('spam')));
    await client.chat.completions.create({
      model: 'kolben/mail',
      messages: [{ role: 'system', content: 'Spam or ham?' }, ...messages],
      temperature: 0,
    });
    expect(provider.asked).toHaveLength(2);
    expect(provider.asked[0]?.body.stream_options).toEqual({ include_usage: true });
    for (const { body } of provider.asked) expect(faultsBy('CreateChatCompletionRequest', body)).toEqual([]);
  });
});
