import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arrangedJson } from './arranged-json.ts';
import { compileSchema } from './compile-schema.ts';
import { constraintOf } from './constraint.ts';
import { SchemaError } from './schema-error.ts';

const ajv = new Ajv({ strict: true, allowUnionTypes: true });

/** All bytes, and pieces that reach over the joints of JSON, one of them longer than any limit. */
const pieces = [
  ...[
    '":"',
    '","',
    '":',
    '{"',
    '"}',
    '"]',
    '[]',
    '{}',
    ',"',
    '[{"',
    '"},{"',
    '\\"',
    '\\\\',
    '\\n"',
    'true',
    'false',
  ],
  ...[
    'null',
    'rue',
    'alse',
    '10',
    '00',
    '-1',
    '.5',
    '0.',
    '.0',
    '1.50',
    'ab',
    'abc',
    'a"',
    'name',
    'é',
    'é"',
    '😀',
    'ä,',
  ],
  'x'.repeat(200),
].map((text) => new TextEncoder().encode(text));
// Halves of characters: a token needn't hold whole ones.
pieces.push(
  Uint8Array.of(0xc3),
  Uint8Array.of(0xa9, 0x22),
  Uint8Array.of(0x9f, 0x98),
  Uint8Array.of(0xed, 0xa0),
);
const tokens = [...Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte)), ...pieces];
const tokenizer = { size: tokens.length + 1, bytesOf: (id: number) => tokens[id] };

/** Tokens by random wishes, of which the likeliest permitted one is taken; the end is a wish, too. */
function written(schema: unknown, room: number, wishes: () => number): string {
  const answer = constraintOf(schema, tokenizer).begin(room);
  const bytes: number[] = [];
  for (let made = 0; ; made++) {
    expect(made).toBeLessThanOrEqual(room);
    let best = -1;
    let most = answer.canEnd ? wishes() : -1;
    for (let token = 0; token < tokenizer.size; token++) {
      const wish = wishes();
      if (wish <= most || !answer.allows(token)) continue;
      [best, most] = [token, wish];
    }
    if (best < 0) {
      expect(answer.canEnd).toBe(true);
      return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(bytes));
    }
    bytes.push(...tokens[best]!);
    answer.take(best);
  }
}

/** Random bits from a seed (mulberry32), with one wish in a hundred far above the others. */
function wishesFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    const draw = ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    return draw > 0.99 ? 1 + draw : draw;
  };
}

const name = fc.oneof(
  fc.constantFrom('name', 'a', 'ab', 'date', '"', '\\', 'ä', ' ', '{', '😀'),
  fc.string({ maxLength: 4 }).filter((text) => text !== '__proto__'),
);
const scalarValue = fc.oneof(
  name,
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
);
const limits = (least: string, most: string, maximum: number) =>
  fc.tuple(fc.option(fc.nat(maximum)), fc.option(fc.nat(maximum))).map(([a, b]) => ({
    ...(a !== null && { [least]: b === null ? a : Math.min(a, b) }),
    ...(b !== null && { [most]: a === null ? b : Math.max(a, b) }),
  }));
const integerLimits = fc
  .tuple(fc.option(fc.integer({ min: -2000, max: 2000 })), fc.option(fc.nat(3000)), fc.boolean())
  .map(([least, span, open]) => ({
    type: 'integer',
    ...(least !== null && { [open ? 'exclusiveMinimum' : 'minimum']: least - Number(open) }),
    ...(span !== null && { maximum: (least ?? 0) + span }),
  }));
const numberLimits = fc
  .tuple(
    fc.option(fc.integer({ min: -300_000, max: 300_000 })),
    fc.option(fc.nat(50_000)),
    fc.constantFrom(1, 10, 1000, 1e5),
  )
  .map(([least, span, unit]) => ({
    type: 'number',
    ...(least !== null && { minimum: least / unit }),
    ...(span !== null && { maximum: ((least ?? 0) + span) / unit }),
  }));
const { schema: anySchema } = fc.letrec<{ schema: object }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.oneof(
      fc.constantFrom({ type: 'boolean' }, { type: 'null' }, { type: ['string', 'null'], maxLength: 3 }),
      integerLimits,
      numberLimits,
      limits('minLength', 'maxLength', 12).map((bounds) => ({ type: 'string', ...bounds })),
      fc.uniqueArray(scalarValue, { minLength: 1, maxLength: 5 }).map((values) => ({ enum: values })),
      scalarValue.map((value) => ({ const: value })),
    ),
    fc.tuple(tie('schema'), limits('minItems', 'maxItems', 4)).map(([items, bounds]) => ({
      type: 'array',
      items,
      ...bounds,
    })),
    fc
      .tuple(
        fc.dictionary(name, tie('schema'), { maxKeys: 4, noNullPrototype: true }),
        fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
      )
      .map(([properties, needed]) => ({
        type: 'object',
        properties,
        required: Object.keys(properties).filter((_, i) => needed[i]),
        additionalProperties: false,
      })),
    fc.array(tie('schema'), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
  ),
}));

describe('an answer held to a schema', () => {
  test('is valid and ends, whatever the model would rather say', () => {
    fc.assert(
      fc.property(anySchema, fc.nat(), fc.nat(60), (schema, seed, room) => {
        const { shortest, accepts } = constraintOf(schema, tokenizer);
        const text = written(schema, shortest + room, wishesFrom(seed));
        const value: unknown = JSON.parse(text);
        const validate = ajv.compile(schema);
        expect(validate(value), `${text} ${JSON.stringify(validate.errors)}`).toBe(true);
        expect(accepts(text)).toBe(true);
        // It is written in the one way in which values are learnt and compared.
        expect(JSON.stringify(value)).toBe(text);
      }),
      { numRuns: 200 },
    );
  }, 60_000);

  test('may be any value of the schema', () => {
    const schema = {
      type: 'object',
      properties: {
        kind: { enum: ['order', 'orders', 'other'] },
        name: { type: 'string', minLength: 1, maxLength: 20 },
        count: { type: 'integer', minimum: 1, maximum: 250 },
        price: { type: 'number', minimum: 0, exclusiveMaximum: 100 },
        tags: { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'null' }] }, maxItems: 3 },
      },
      required: ['kind', 'count'],
    };
    const { accepts } = constraintOf(schema, tokenizer);
    const validate = ajv.compile(schema);
    const value = fc.record(
      {
        kind: fc.constantFrom('order', 'orders', 'other', 'o', 'orderss'),
        name: fc.string({ unit: 'grapheme', maxLength: 22 }),
        count: fc.integer({ min: -10, max: 300 }),
        price: fc.integer({ min: -1_000_000, max: 11_000_000 }).map((n) => n / 1e5),
        tags: fc.array(fc.option(fc.string({ maxLength: 3 })), { maxLength: 4 }),
      },
      { requiredKeys: ['kind'], noNullPrototype: true },
    );
    fc.assert(
      fc.property(value, (given) => {
        const text = arrangedJson(JSON.stringify(given, Object.keys(given).reverse()), schema) as string;
        // Rarer control characters are not written.
        fc.pre(!/\\u|\p{Surrogate}/u.test(text));
        expect(accepts(text), text).toBe(validate(given));
      }),
      { numRuns: 1500 },
    );
  });

  test('says which room it needs', () => {
    const constraint = constraintOf({ enum: ['abcdef', 'abcd'] }, tokenizer);
    expect(constraint.shortest).toBe(6);
    expect(() => constraint.begin(5)).toThrow('The shortest answer of the schema has 6 bytes');
    expect(() => constraintOf({ type: 'null' }, { size: 10, bytesOf: tokenizer.bytesOf })).toThrow(
      'The tokenizer has no token for the byte 32',
    );
  });
});

describe('a schema', () => {
  test.each<[unknown, RegExp]>([
    [true, /at # permits anything; say what the value is/],
    [{}, /at # permits anything; give "type"/],
    [{ type: 'string', pattern: 'a' }, /at # has "pattern", which answers cannot be held to/],
    [{ type: 'object', properties: { a: { oneOf: [] } } }, /at #\/properties\/a has "oneOf" and no "type"/],
    [{ type: 'text' }, /at # is wrong: there is no type "text"/],
    [{ type: 'array' }, /is a list of anything; give "items"/],
    [
      { type: 'string', minLength: 3, maxLength: 2 },
      /permits nothing at #: "minLength" is above "maxLength"/,
    ],
    [{ type: 'integer', minimum: 0.2, maximum: 0.8 }, /permits no number at #/],
    [{ type: 'string', enum: [1] }, /permits nothing at #/],
    [{ type: 'object', required: ['a'] }, /requires "a" without describing it/],
    [{ $ref: '#/$defs/a' }, /names "#\/\$defs\/a", which is not there/],
    [{ $ref: '#' }, /contains itself, or is nested too deeply/],
    [{ type: 'string', maxLength: -1 }, /"maxLength" is no whole number/],
    [null, /is no schema/],
  ])('%j is refused in a sentence', (schema, message) => {
    expect(() => compileSchema(schema)).toThrow(SchemaError);
    expect(() => compileSchema(schema)).toThrow(message);
  });

  test('may refer to its own parts', () => {
    const schema = {
      $defs: { a: { type: 'boolean' } },
      type: 'array',
      items: { $ref: '#/$defs/a' },
      maxItems: 2,
    };
    const { accepts } = constraintOf(schema, tokenizer);
    expect(['[]', '[true,false]', '[null]', '[true, false]'].map(accepts)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

describe('one way to write a value', () => {
  test('has the order of the schema, in lists and choices as well', () => {
    const one = { type: 'object', properties: { b: {}, a: {} } };
    const other = { type: 'object', properties: { d: {}, c: {} } };
    const schema = { type: 'array', items: { anyOf: [one, other, { type: 'null' }] } };
    expect(arrangedJson('[ {"a": 1, "b": 2}, {"c":3,"d":[ ]}, null ]', schema)).toBe(
      '[{"b":2,"a":1},{"d":[],"c":3},null]',
    );
    expect(arrangedJson('{"x":1,"a":2}', one)).toBe('{"a":2,"x":1}');
    expect(arrangedJson('Sorry, I cannot.', schema)).toBeUndefined();
  });
});
