import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseKind, isRefusal, readAnswer } from './choose-kind.ts';

const many = (count: number, answer: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => [answer(i), 1] as const);

describe('chooseKind', () => {
  it.each([
    [
      'labels',
      [
        ['spam', 60],
        ['ham', 40],
      ] as const,
      'classify',
      false,
    ],
    [
      'labels and odd remarks',
      [['spam', 600], ['ham', 390], ...many(10, (i) => `odd ${i}`)],
      'classify',
      false,
    ],
    ['objects', many(100, (i) => JSON.stringify({ n: i })), 'extract', false],
    [
      'objects and a refusal',
      [...many(99, (i) => `{"n": ${i}}`), ["I'm sorry, I can't do that.", 1]],
      'extract',
      false,
    ],
    [
      'objects, too many of them not',
      [...many(90, (i) => `{"n": ${i}}`), ...many(10, (i) => `no ${i}`)],
      'generate',
      false,
    ],
    ['fenced objects', many(100, (i) => `\`\`\`json\n{"n": ${i}}\n\`\`\``), 'extract', false],
    ['lists of labels', many(100, (i) => JSON.stringify([`a${i % 5}`, 'b'])), 'classify', true],
    ['lists of anything', many(100, (i) => JSON.stringify([`a${i}`])), 'generate', false],
    ['lists of numbers', many(100, (i) => JSON.stringify([i])), 'generate', false],
    ['free text', many(100, (i) => `Dear customer ${i}`), 'generate', false],
  ] as const)('%s', (_, answers, kind, multiple) => {
    expect(chooseKind(answers as Iterable<readonly [string, number]>, 100)).toEqual({ kind, multiple });
  });

  it('gives what is the same one form', () => {
    expect(readAnswer('{"b": 1.0, "a": {"d": "é", "c": []}}').canonical).toBe('{"a":{"c":[],"d":"é"},"b":1}');
    expect(readAnswer('["b", "a", " b"]')).toEqual({ shape: 'labels', canonical: '["a","b"]' });
    expect(readAnswer('[]')).toEqual({ shape: 'labels', canonical: '[]' });
    expect(readAnswer('[1]')).toEqual({ shape: 'other', canonical: '[1]' });
    expect(readAnswer('{"a": 1').shape).toBe('other');
    fc.assert(
      fc.property(fc.string(), (answer) => {
        const { shape, canonical } = readAnswer(answer);
        expect(readAnswer(canonical)).toEqual({ shape, canonical });
      }),
      { seed: 1 },
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(), (value, by) => {
        const keys = Object.keys(value);
        const turned = keys
          .map((_, i) => keys[(i + by) % keys.length]!)
          .map((key) => [key, value[key]] as const);
        const [one, other] = [JSON.stringify(value), JSON.stringify(Object.fromEntries(turned), null, 2)];
        expect(readAnswer(one).canonical).toBe(readAnswer(other).canonical);
      }),
      { seed: 2 },
    );
  });

  it.each([
    "I'm sorry, but I can't help with that.",
    'I’m sorry, I cannot classify this message.',
    'I cannot assist with this request.',
    'As an AI language model, I have no access to that.',
    'Es tut mir leid, dabei kann ich nicht helfen.',
    'Leider kann ich diese Anfrage nicht einordnen.',
    'Als KI habe ich darauf keinen Zugriff.',
  ])('knows a refusal: %s', (answer) => expect(isRefusal(answer)).toBe(true));

  it.each([
    'sorry',
    'apology',
    'card_arrival',
    'I am here',
    'Als Paket',
    'i_cannot_log_in',
    'Unfortunately late',
  ])('knows an answer: %s', (answer) => expect(isRefusal(answer)).toBe(false));
});

const data = process.env.KOLBEN_TEST_DATA;
if (data === undefined && process.env.KOLBEN_TEST_REQUIRE) {
  throw new Error('KOLBEN_TEST_DATA is needed and not set.');
}
describe.skipIf(data === undefined)('chooseKind on public data sets (needs KOLBEN_TEST_DATA)', () => {
  it.each([
    ['banking77', 'classify'],
    ['massive_de', 'classify'],
    ['snips', 'extract'],
  ])('%s is %s', (name, kind) => {
    const lines = readFileSync(join(data!, name, 'train.jsonl'), 'utf8')
      .trimEnd()
      .split('\n');
    const answers = lines.map((line) => {
      const { messages } = JSON.parse(line) as { messages: { content: string }[] };
      return [messages.at(-1)!.content, 1] as const;
    });
    expect(chooseKind(answers, answers.length).kind).toBe(kind);
  });
});
