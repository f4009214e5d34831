import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { orderExamples } from '../testing/order-examples.ts';
import { analyse } from './analyse.ts';
import { ExtractError } from './extract-error.ts';
import { canonicalJson, type Json } from './json.ts';
import { planSchema } from './plan.ts';
import { prepareExtraction, type TextWithAnswer } from './prepare-extraction.ts';
import { render } from './render.ts';
import { inferSchema, schemaCheck } from './schema.ts';
import { wordsOf } from './words.ts';

const limits = { maxWords: 256, byteLimit: 4096 };
const orders: TextWithAnswer[] = orderExamples(300).map(({ messages, answer }) => ({
  text: messages[1].content,
  answer: answer as string,
}));

describe('the plan of an extraction', () => {
  const { analysis, schema, warnings } = prepareExtraction(orders, limits);

  test('says how each path is answered', () => {
    expect(analysis.slots).toEqual([
      { path: 'colour', how: 'choice', values: 4 },
      { path: 'customer.name', how: 'span', reader: 'text' },
      { path: 'delivery', how: 'span', reader: 'date.dmy' },
      { path: 'intent', how: 'choice', values: 2 },
      { path: 'items[].product', how: 'span', reader: 'text' },
      { path: 'items[].quantity', how: 'span', reader: 'number.point' },
    ]);
    expect(analysis.inexpressible).toEqual([]);
    expect(warnings).toEqual([]);
    expect(planSchema.parse(JSON.parse(JSON.stringify(analysis.plan)))).toEqual(analysis.plan);
  });

  test('infers a schema that the answers keep to, and other answers do not', () => {
    const check = schemaCheck(schema);
    for (const { answer } of orders) expect(check(JSON.parse(answer) as Json)).toBeUndefined();
    const [good] = orders.map(({ answer }) => JSON.parse(answer) as Record<string, Json>);
    expect(check({ ...good, intent: 'complain' })).toMatchObject({ path: 'intent', found: '"complain"' });
    expect(check({ ...good, extra: 1 })).toMatchObject({ path: '', expected: 'no key "extra"' });
    expect(check({ ...good, customer: {} })).toMatchObject({ path: 'customer', expected: 'the key "name"' });
    expect(check({ ...good, items: [{ product: 'x', quantity: 'two' }] })).toMatchObject({
      path: 'items[].quantity',
      expected: 'integer',
    });
  });

  test('is one by which spans and choices say the very answer again', () => {
    orders.forEach(({ text, answer }, i) => {
      const { spans, choices } = analysis.encoded[i]!;
      const worded = { text, words: wordsOf(text, limits.byteLimit) };
      expect(canonicalJson(render(analysis.plan, worded, spans, choices)!)).toBe(
        canonicalJson(JSON.parse(answer) as Json),
      );
    });
  });
});

describe('a round trip', () => {
  const word = fc.constantFrom('red', 'Haus', 'x1', '12', 'über', 'wolf', 'of', '7', 'ßa', 'Ünder');
  const phrase = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(' '));
  const record = fc.record(
    {
      kind: fc.constantFrom('a', 'b'),
      urgent: fc.boolean(),
      name: fc.option(phrase),
      inner: fc.record({ n: fc.integer({ min: 0, max: 99 }), s: phrase }, { requiredKeys: [] }),
      tags: fc.array(phrase, { maxLength: 3 }),
      rows: fc.array(fc.record({ p: phrase, q: phrase }, { requiredKeys: ['p'] }), { maxLength: 3 }),
      fixed: fc.constant('same'),
    },
    { requiredKeys: ['kind', 'fixed', 'tags'] },
  );
  const leaves = (value: Json): string[] =>
    typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : [String(value)];

  test('gives back whatever counts as expressible, and says of all else which path stands in the way', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(record, phrase), { minLength: 5, maxLength: 25 }), (given) => {
        const examples = given.map(([answer, noise]) => {
          const text = [noise, ...leaves(answer as Json)].join('; ');
          return { text, words: wordsOf(text, 4096), answer: answer as Json };
        });
        const { plan, encoded, inexpressible } = analyse(examples);
        examples.forEach((example, i) => {
          const one = encoded[i];
          if (!one) return;
          const choices = one.choices.map((choice, c) =>
            choice < 0 ? plan.choices[c].values.findIndex(({ value }) => value === undefined) : choice,
          );
          const said = render(plan, example, one.spans, choices);
          expect(said && canonicalJson(said)).toBe(canonicalJson(example.answer));
        });
        const bad = encoded.filter((one) => one === undefined).length;
        expect(inexpressible.reduce((sum, { count }) => sum + count, 0)).toBe(bad);
      }),
      { numRuns: 60, seed: 7 },
    );
  });

  test('infers for any answers a schema that they keep to', () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue() as fc.Arbitrary<Json>, { minLength: 1, maxLength: 8 }),
        (values) => {
          const check = schemaCheck(inferSchema(values, () => false));
          for (const value of values) expect(check(value)).toBeUndefined();
        },
      ),
      { numRuns: 25, seed: 3 },
    );
  });
});

describe('what does not fit', () => {
  const refused = (examples: readonly TextWithAnswer[], schema?: Record<string, Json>) => {
    try {
      prepareExtraction(examples, { ...limits, schema });
    } catch (error) {
      expect(error).toBeInstanceOf(ExtractError);
      return error as ExtractError;
    }
    throw new Error('It was not refused.');
  };

  test('answers that are no JSON', () => {
    const error = refused(orders.map(({ text }) => ({ text, answer: 'I cannot see an order.' })));
    expect(error.code).toBe('extract_not_json');
    expect(error.message).toContain('300 of 300');
    expect(error.message).toContain('I cannot see an order.');
  });

  test('a schema that the answers do not keep to: path, expected, found, count and the way out', () => {
    const schema: Record<string, Json> = {
      type: 'object',
      properties: { customer: { type: 'object', properties: { name: { type: 'integer' } } } },
    };
    const { code, message } = refused(orders, schema);
    expect(code).toBe('extract_schema_mismatch');
    expect(message).toMatch(
      /customer\.name it expects integer, and 300 have .* for instance ".*correct the schema/,
    );
  });

  test('what is no schema', () => {
    expect(refused(orders, { type: 'objekt' }).code).toBe('extract_schema');
    expect(refused(orders, { $ref: 'https://example.com/order.json' }).code).toBe('extract_schema');
  });

  test('values that stand nowhere', () => {
    const { code, message } = refused(
      orders.map(({ text }, i) => ({
        text,
        answer: JSON.stringify({ summary: `Number ${i} wants something` }),
      })),
    );
    expect(code).toBe('extract_inexpressible');
    expect(message).toMatch(/most often summary \(2\d\d\)/);
  });

  test('one answer to everything', () => {
    expect(refused(orders.map(({ text }) => ({ text, answer: '{"a":1}' }))).code).toBe('extract_one_answer');
  });

  test('a few strange answers are told and left out', () => {
    const few = orders.map((one, i) => (i % 50 === 0 ? { ...one, answer: 'sorry' } : one));
    const { warnings, examples } = prepareExtraction(few, limits);
    expect(examples.length).toBe(294);
    expect(warnings[0]).toContain('6 of 300 answers are no JSON objects');
  });

  test('a list that the schema closes is chosen from, even where its values stand in the text', () => {
    const examples = orders.map(({ text }, i) => {
      const size = ['small', 'large'][i % 2];
      return { text: `${text} ${size}`, answer: JSON.stringify({ size }) };
    });
    const how = (schema?: Record<string, Json>) =>
      prepareExtraction(examples, { ...limits, schema }).analysis.slots[0].how;
    expect(how()).toBe('span');
    expect(
      how({
        type: 'object',
        properties: { size: { $ref: '#/$defs/size' } },
        $defs: { size: { enum: ['small', 'large'] } },
      }),
    ).toBe('choice');
  });
});
