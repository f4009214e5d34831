import { expect, test } from 'vitest';
import { testGateway } from '../testing/gateway-in-test.ts';
import { chunksOf, completion, event, plainly, someUsage } from '../testing/mock-provider.ts';

const mail = { model: 'kolben/mail', messages: [{ role: 'user' as const, content: 'You win a prize' }] };

test('stopping lets calls under way come to their end and records them, but takes no more', async () => {
  let goOn = () => {};
  const { client, gateway, store } = await testGateway((answer) => {
    answer.writeHead(200, { 'content-type': 'text/event-stream' });
    const [first, ...rest] = chunksOf(['spam'], someUsage);
    answer.write(event(first));
    goOn = () => answer.end(rest.map(event).join('') + event('[DONE]'));
  });
  const stream = await client.chat.completions.create({ ...mail, stream: true });
  const closed = gateway.close();
  await expect(client.chat.completions.create(mail)).rejects.toThrow();
  goOn();
  let text = '';
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
  expect(text).toBe('spam');
  await closed;
  expect(await store.calls.list()).toMatchObject([
    { status: 'ok', response: { choices: [{ message: { content: 'spam' } }] } },
  ]);
  // Closing twice is no error.
  await gateway.close();
});

test('what doesn’t come to its end in time is cut off and recorded as aborted', async () => {
  const { client, gateway, store, provider, events } = await testGateway(
    (answer) => {
      answer.writeHead(200, { 'content-type': 'text/event-stream' });
      answer.write(event(chunksOf(['spam'], null)[0]));
    },
    { config: { limits: { drainMs: 50 } } },
  );
  const stream = await client.chat.completions.create({ ...mail, stream: true });
  const read = (async () => {
    for await (const _ of stream);
  })().catch(() => 'cut off');
  await gateway.close();
  expect(await read).toBe('cut off');
  await provider.asked[0]?.over;
  expect(await store.calls.list()).toMatchObject([{ status: 'aborted' }]);
  expect(events).toContainEqual({ level: 'warn', event: 'calls_cut_off', calls: 1 });
});

test('a gateway that is started again estimates from the calls that were recorded before', async () => {
  const first = await testGateway(plainly(completion('spam')));
  await first.client.chat.completions.create(mail);
  await first.gateway.close();
  const { client } = await testGateway(plainly(completion('spam', { usage: undefined })), {
    wrapStore: (own) => ({
      ...own,
      keys: own.keys,
      calls: {
        ...first.store.calls,
        list: (page) => first.store.calls.list(page),
        record: (call) => own.calls.record(call),
      },
    }),
  });
  const { response } = await client.chat.completions.create(mail).withResponse();
  // 15 characters were 40 tokens, of which 10 cached; the answer's 4 characters count as 1: 60 + 5 + 8 millionths.
  expect(response.headers.get('x-kolben-cost-usd')).toBe('0.000073');
});
