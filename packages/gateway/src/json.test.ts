import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deepestJson, parseJson } from './json.ts';

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

test('what is JSON is read as JSON.parse reads it, whatever brackets and quotes its texts hold', () => {
  const text = fc.string({ unit: fc.constantFrom('[', '{', ']', '}', '"', '\\', 'a', '\n', 'ü') });
  const value = fc.jsonValue({ stringUnit: fc.constantFrom('[', '{', '}', ']', '"', '\\', 'é') });
  fc.assert(
    fc.property(value, (any) => {
      expect(parseJson(JSON.stringify(any))).toEqual(JSON.parse(JSON.stringify(any)));
    }),
  );
  fc.assert(
    fc.property(fc.array(text), (texts) => {
      expect(parseJson(JSON.stringify(texts))).toEqual(texts);
    }),
  );
});

test.each(['', '{', '{"a":}', 'undefined', '"', '"\\', '[1,]'])('%j is no JSON', (text) => {
  expect(parseJson(text)).toBeUndefined();
});

test('what is nested too deep to be written down again is not let in', () => {
  expect(parseJson(nested(deepestJson))).toBeInstanceOf(Array);
  expect(parseJson(nested(deepestJson + 1))).toBeUndefined();
  expect(parseJson(nested(200_000))).toBeUndefined();
  expect(parseJson(JSON.stringify('['.repeat(1_000)))).toBe('['.repeat(1_000));
});
