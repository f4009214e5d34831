import { redactor } from '@kolben/distill';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newCall } from '../testing/new-call.ts';
import { callRedactor, withoutWords } from './redact-call.ts';

const redactCall = callRedactor({ redact: redactor() });

const person = {
  mail: 'eva.maier@example.org',
  phone: '+43 664 1234567',
  iban: 'AT61 1904 3002 3457 3201',
  card: '4111 1111 1111 1111',
};
const all = Object.values(person).join(', ');

function expectNone(value: unknown): void {
  const written = JSON.stringify(value);
  for (const piece of Object.values(person)) {
    expect(written).not.toContain(piece);
    expect(written.replaceAll(/\D/g, '')).not.toContain(piece.replaceAll(/\D/g, '') || 'none');
  }
}

test('every text of a request is looked at, however deep', async () => {
  const image = `data:image/png;base64,${Buffer.from('0664 1234567').toString('base64')}`;
  const request = {
    model: 'kolben/mail',
    user: person.mail,
    metadata: { [person.mail]: person.phone },
    messages: [
      { role: 'system', content: `Customers: ${all}` },
      {
        role: 'user',
        content: [
          { type: 'text', text: all },
          { type: 'image_url', image_url: { url: image } },
          { type: 'image_url', image_url: { url: `https://pictures.example.org/${person.mail}` } },
        ],
      },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          {
            id: 'call_1',
            type: 'function',
            function: { name: 'pay', arguments: JSON.stringify({ to: person.iban, card: 4111111111111111 }) },
          },
        ],
      },
      {
        role: 'tool',
        tool_call_id: 'call_1',
        content: JSON.stringify({ deep: [{ er: JSON.stringify(all) }] }),
      },
    ],
    tools: [{ type: 'function', function: { name: 'pay', description: `Ask ${person.mail}` } }],
  };
  const { call } = await redactCall(newCall({ request }));
  expectNone(call.request);
  expect(call.request).toMatchObject({
    user: '[mail]',
    metadata: { '[mail]': '[phone]' },
    messages: [
      { role: 'system', content: 'Customers: [mail], [phone], [iban], [card]' },
      { content: [{ text: '[mail], [phone], [iban], [card]' }, { image_url: { url: image } }, {}] },
      { tool_calls: [{ function: { arguments: '{"to":"[iban]","card":"[card]"}' } }] },
      { role: 'tool' },
    ],
  });
});

test('so are answers, the student’s word and the message of an error', async () => {
  const response = {
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: `Write to ${person.mail}`,
          reasoning_content: `Her card is ${person.card}`,
          tool_calls: [{ function: { name: 'call', arguments: `{"number":"${person.phone}"}` } }],
        },
        logprobs: {
          content: [
            { token: 'eva', logprob: 0 },
            { token: '.maier@', logprob: 0 },
          ],
        },
        finish_reason: 'stop',
      },
    ],
  };
  const student = { id: 'student_1', answer: `{"to":"${person.mail}"}`, confidence: 1, certified: true };
  const error = { code: 'refused', message: `No such user: ${person.mail}` };
  const { call, word } = await redactCall(newCall({ response, student, error }));
  expectNone(call);
  expect(call.response).toMatchObject({
    choices: [{ message: { content: 'Write to [mail]' }, logprobs: null, finish_reason: 'stop' }],
  });
  expect(call.student?.answer).toBe('{"to":"[mail]"}');
  expect(call.error?.message).toBe('No such user: [mail]');
  expect(await word(student)).toMatchObject({ answer: '{"to":"[mail]"}', confidence: 1 });
  expect(await word(null)).toBeNull();
});

test('what only its neighbours give away in the question is taken out of the answer too', async () => {
  const request = { messages: [{ role: 'user', content: 'Mein Ausweis ist LZ4N0T5R8, bitte prüfen' }] };
  const response = { choices: [{ message: { content: 'LZ4N0T5R8 is valid, LZ4N0T5R88 is none' } }] };
  const { call, word } = await redactCall(newCall({ request, response }));
  expect(call.response).toEqual({ choices: [{ message: { content: '[id] is valid, LZ4N0T5R88 is none' } }] });
  const student = { id: 's', answer: '{"number":"LZ4N0T5R8"}', confidence: 1, certified: false };
  expect((await word(student))?.answer).toBe('{"number":"[id]"}');
});

test('where there is nothing to take out, the call is left as it is, to the object', async () => {
  const logprobs = { content: [{ token: 'spam', logprob: 0 }] };
  const request = { messages: [{ role: 'user', content: '{ "order" : 4711 }' }], seed: 12345678901 };
  const response = { choices: [{ message: { content: 'spam' }, logprobs }], created: 1700000000 };
  const { call } = await redactCall(newCall({ request, response }));
  expect(call.request).toBe(request);
  expect(call.response).toBe(response);
});

test('any JSON keeps its shape, and what was redacted once is not changed again', async () => {
  const piece = fc.oneof(fc.constantFrom(...Object.values(person), all, 'order 4711', ''), fc.string());
  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      piece,
      fc.integer(),
      fc.constant(4111111111111111),
      fc.boolean(),
      fc.constant(null),
      piece.map((text) => JSON.stringify({ text })),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(piece, tie('value'), { maxKeys: 4 }),
    ),
  })).value;
  await fc.assert(
    fc.asyncProperty(json, async (value) => {
      const { call } = await redactCall(newCall({ request: { value } }));
      expectNone(call.request);
      const again = await redactCall(call);
      expect(again.call.request).toEqual(call.request);
      expect(shapeOf((call.request as { value: unknown }).value)).toEqual(shapeOf(value));
    }),
    { numRuns: 300 },
  );
});

function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value === 'object' && value !== null) return Object.values(value).map(shapeOf);
  return value === 4111111111111111 ? 'string' : typeof value;
}

test('texts of megabytes are done, and others get their turn meanwhile', async () => {
  const line = `${all} and so on\n`;
  const text = line.repeat(10_000);
  let turns = 0;
  const clock = setInterval(() => {
    turns += 1;
  }, 1);
  const { call } = await redactCall(newCall({ request: { messages: [{ role: 'user', content: text }] } }));
  clearInterval(clock);
  const [message] = (call.request as { messages: { content: string }[] }).messages;
  expect(message?.content).toBe('[mail], [phone], [iban], [card] and so on\n'.repeat(10_000));
  expect(turns).toBeGreaterThan(0);
});

test('a function of one’s own goes first, over texts and not over words of the protocol', async () => {
  const asked: string[] = [];
  const own = callRedactor({
    redact: redactor(),
    hook: async (text) => {
      asked.push(text);
      return text.replaceAll('Falcon', '[project]');
    },
  });
  const request = {
    model: 'kolben/mail',
    messages: [{ role: 'user', content: `Falcon: ${person.mail}` }],
  };
  const { call, word } = await own(newCall({ request, response: { id: 'Falcon', text: 'Falcon' } }));
  expect(call.request).toEqual({
    model: 'kolben/mail',
    messages: [{ role: 'user', content: '[project]: [mail]' }],
  });
  expect(call.response).toEqual({ id: 'Falcon', text: '[project]' });
  expect(new Set(asked)).toEqual(new Set([`Falcon: ${person.mail}`, 'Falcon']));
  expect((await word({ id: 's', answer: 'Falcon', confidence: 1, certified: true }))?.answer).toBe(
    '[project]',
  );
});

test.for<[string, (text: string) => unknown]>([
  [
    'throws',
    () => {
      throw new Error('secret word');
    },
  ],
  ['rejects', () => Promise.reject(new Error('secret word'))],
  ['gives no text', () => undefined],
  ['never answers', () => new Promise(() => {})],
])('a function of one’s own that %s lets nothing through', async ([, hook]) => {
  const own = callRedactor({ redact: redactor(), hook: hook as (text: string) => string });
  const call = newCall({ request: { messages: [{ role: 'user', content: 'secret word' }] } });
  const error = await own(call).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ name: 'HookFailed' });
  expect(String(error)).not.toContain('secret');
  expect(JSON.stringify(withoutWords(call))).not.toContain('secret');
});
