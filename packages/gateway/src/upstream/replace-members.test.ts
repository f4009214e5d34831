import fc from 'fast-check';
import { expect, test } from 'vitest';
import { replaceMembers } from './replace-members.ts';

test('only the value is exchanged: spaces, big integers and the order of keys stay', () => {
  const text =
    '{\n  "seed" : 9007199254740993 , "model":"kolben/mail"\t,"n": 1.0, "messages":[{"model":"x}\\""}]}';
  expect(replaceMembers(text, { model: '"big"' })).toBe(
    '{\n  "seed" : 9007199254740993 , "model":"big"\t,"n": 1.0, "messages":[{"model":"x}\\""}]}',
  );
});

test('what isn’t there is added', () => {
  expect(replaceMembers('{}', { model: '"big"' })).toBe('{"model":"big"}');
  expect(replaceMembers(' { "a" : 1 } ', { model: '"big"', b: '2' })).toBe(
    ' { "a" : 1 ,"model":"big","b":2} ',
  );
});

test('a key that stands there twice, or in another spelling, can’t smuggle another value through', () => {
  expect(replaceMembers('{"model":"a","x":0,"mod\\u0065l":"b"}', { model: '"big"' })).toBe(
    '{"model":"big","x":0,"mod\\u0065l":"big"}',
  );
});

test('for any object, it parses to the same object with the members set', () => {
  const spaced = fc.constantFrom(undefined, 1, '\t');
  const keys = fc.constantFrom('model', 'stream_options', 'a', '', '"', '\\', '__proto__x', 'ü', '{', '}');
  fc.assert(
    fc.property(
      fc.dictionary(keys, fc.jsonValue()),
      fc.jsonValue(),
      fc.jsonValue(),
      spaced,
      (object, a, b, space) => {
        const text = JSON.stringify(object, null, space);
        const result = replaceMembers(text, { model: JSON.stringify(a), stream_options: JSON.stringify(b) });
        const expected = { ...object, model: a, stream_options: b };
        expect(JSON.parse(result)).toEqual(JSON.parse(JSON.stringify(expected)));
      },
    ),
  );
});
