import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson, type Json, parseAnswer, sameJson } from './json.ts';

const json = fc.jsonValue() as fc.Arbitrary<Json>;

test('the canonical form says the same, and is its own canonical form', () => {
  fc.assert(
    fc.property(json, (value) => {
      const form = canonicalJson(value);
      expect(canonicalJson(JSON.parse(form) as Json)).toBe(form);
      expect(sameJson(JSON.stringify(value), form)).toBe(true);
      expect(sameJson(`\`\`\`json\n${JSON.stringify(value, null, 2)}\n\`\`\``, form)).toBe(true);
    }),
  );
});

test('neither the order of keys nor the way a number is written makes a difference, all else does', () => {
  expect(sameJson('{"a": 1.0, "b": [1, 2]}', '{"b":[1,2],"a":1}')).toBe(true);
  expect(sameJson('{"a": -0}', '{"a": 0}')).toBe(true);
  expect(sameJson('{"a": "e\u0301"}', '{"a": "\u00e9"}')).toBe(true);
  expect(sameJson('{"a": "1"}', '{"a": 1}')).toBe(false);
  expect(sameJson('[1, 2]', '[2, 1]')).toBe(false);
  expect(sameJson('{"a": null}', '{}')).toBe(false);
  expect(sameJson('{"a": "x"}', '{"a": "X"}')).toBe(false);
});

test('what is no JSON is no answer', () => {
  expect(parseAnswer('Here you are: {"a": 1}')).toBeUndefined();
  expect(sameJson('no idea', ' no idea ')).toBe(true);
});
