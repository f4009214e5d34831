import fc from 'fast-check';
import { expect, test } from 'vitest';
import { questionDigest } from './canonical-request.ts';

const request = {
  model: 'kolben/mail',
  messages: [{ role: 'user', content: 'Where is my parcel?' }],
  temperature: 0,
};
const digest = (differs: object) => questionDigest({ ...request, ...differs }, ['mail']);

test.each([
  ['streamed or not', { stream: true, stream_options: { include_usage: true } }],
  ['for whom', { user: 'u1', safety_identifier: 's', metadata: { job: '7' } }],
  ['named otherwise', { model: 'gpt-4.1-mini' }],
  ['a member that is null', { top_p: null, tools: undefined }],
  [
    'members in another order',
    { temperature: 0, messages: [{ content: 'Where is my parcel?', role: 'user' }] },
  ],
])('the same question: %s', (_how, differs) => {
  expect(digest(differs)).toBe(digest({}));
});

test.each([
  ['another temperature', { temperature: 0.1 }],
  ['a seed', { seed: 1 }],
  ['other words', { messages: [{ role: 'user', content: 'Where is my parcel ?' }] }],
  ['words of another role', { messages: [{ role: 'system', content: 'Where is my parcel?' }] }],
  ['more answers', { n: 2 }],
  ['a tool', { tools: [{ type: 'function', function: { name: 'f' } }] }],
  ['something unknown', { new_option: true }],
])('another question: %s', (_how, differs) => {
  expect(digest(differs)).not.toBe(digest({}));
});

test('of another task, teacher or key it is another question', () => {
  const digests = [
    ['mail'],
    ['order'],
    ['mail', 'key_1'],
    ['mail', { provider: 'a' }],
    ['mail', { provider: 'b' }],
  ];
  expect(new Set(digests.map((of) => questionDigest(request, of))).size).toBe(digests.length);
});

test('what differs in any value differs in its digest; the order of members is no difference', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.dictionary(fc.string(), fc.jsonValue()),
      (a, b) => {
        const reversed = Object.fromEntries(Object.entries(a).reverse());
        expect(questionDigest({ x: reversed }, [])).toBe(questionDigest({ x: a }, []));
        if (written(a) !== written(b)) {
          expect(questionDigest({ x: a }, [])).not.toBe(questionDigest({ x: b }, []));
        }
      },
    ),
  );
});

/** Independent of the order of members and of those that are null. */
function written(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(written).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, member]) => member !== null);
  return `{${members
    .map(([name, member]) => `${JSON.stringify(name)}:${written(member)}`)
    .sort()
    .join(',')}}`;
}
