import { Tokenizer } from '@huggingface/tokenizers';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normalizationSteps, normalizeText, textBytes } from './normalize-text.ts';
import { tokenizerFiles } from './tokenizer-files.ts';

const { tokenizer, config } = tokenizerFiles(64);
// As a reader finds them: through JSON.
const reader = new Tokenizer(JSON.parse(JSON.stringify(tokenizer)), JSON.parse(JSON.stringify(config)));

/** What meets a rule of normalisation, or the marks of tokenizers themselves. */
const hard = [
  ...'AÄßẞİıΣσςÅK½ﬁ①㎏𝐀𝛂Ǻ',
  ...'´`\'’‘‚“„"«»–—−…·',
  ...'\u0000\u0001\t\n\r \u00a0\u2003\u3000\u200b\u2028\u0085\u007f',
  ...'\u00ad\u034f\u200c\u200d\u200e\u202e\u2060\ufe0f\ufeff',
  ...'\u0300\u0301\u030a\u0307\u0323\u0345\u3099\u1100\u1161\u11a8각が',
  ...'私где٣ก็',
  '😀',
  '👨‍👩‍👧',
  '🏳️‍🌈',
  '\ud800',
  '\udc00',
  '<pad>',
  'Ġ',
  'Ā',
  'ĉĊ',
  '[UNK]',
  '\ufffd',
  '\uffff',
  '$1',
];
const text = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...hard) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 4 }) },
      { weight: 1, arbitrary: fc.string({ unit: 'grapheme-ascii', maxLength: 6 }) },
      // Any UTF-16 unit, halves of pairs among them.
      { weight: 1, arbitrary: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)) },
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(''));

describe('from text to bytes', () => {
  test('tokenizer.json, read by others, says what the fast path does', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 80 }), (given, limit) => {
        expect(reader.encode(given).ids.slice(0, limit)).toEqual([...textBytes(given, limit)]);
      }),
      { numRuns: 2000 },
    );
  });

  test('every byte but 0, which fills up, is its own number', () => {
    const symbols = [...reader.get_vocab()].sort((a, b) => a[1] - b[1]);
    expect(symbols.map(([, id]) => id)).toEqual(Array.from({ length: 256 }, (_, byte) => byte));
    expect(reader.decode([...textBytes('grüße, 私 😀 <pad>', 64)])).toBe('grüße, 私 😀 <pad>');
    expect(textBytes('a\u0000b', 9)).toEqual(Uint8Array.of(0x61, 0x20, 0x62));
  });

  test('a long text is read as far as it counts, and the cut changes nothing before it', () => {
    fc.assert(
      fc.property(text, text, fc.integer({ min: 1, max: 30 }), (head, tail, limit) => {
        const whole = new TextEncoder().encode(normalizeText(head + tail));
        expect(textBytes(head + tail, limit)).toEqual(whole.subarray(0, limit));
      }),
      { numRuns: 2000 },
    );
    // Marks are sorted, and joined to their letter, however far away they stand.
    const marks = `a${'\u0301'.repeat(500)}\u0323`;
    expect([...textBytes(marks, 3)]).toEqual([...new TextEncoder().encode('ạ')]);
    // Nothing to see for a long time, then something.
    expect(textBytes(`${'\u200d'.repeat(1000)}end`, 2)).toEqual(Uint8Array.of(0x65, 0x6e));
  });

  test('what looks alike is alike', () => {
    for (const [one, other] of [
      ['ﬁne – “Don’t”', "FINE - “don't”"],
      ['geht´s', "geht's"],
      ['Bestell\u00adnummer', 'bestellnummer'],
      ['\ufeffHello', 'hello'],
      ['e\u0301', 'É'],
      ['ΟΔΟΣ', 'οδος'],
      ['Ｆｕｌｌ\u3000ｗｉｄｔｈ', 'full width'],
      ['a\tb\nc\u00a0d', 'a b c d'],
    ])
      expect(normalizeText(one)).toBe(normalizeText(other));
    expect(textBytes('', 10)).toEqual(new Uint8Array(0));
    expect(textBytes('\ufeff\u200d', 10)).toEqual(new Uint8Array(0));
  });

  test('patterns keep to what JavaScript and Oniguruma read alike: one class of four-digit escapes', () => {
    for (const step of normalizationSteps)
      if (step.kind === 'replace') {
        expect(step.pattern).toMatch(/^\[(\\u[0-9A-F]{4}(-\\u[0-9A-F]{4})?)+\]$/);
        // "$1" would mean a group.
        expect(step.content).not.toContain('$');
      }
  });
});
