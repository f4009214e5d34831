import { Tokenizer } from '@huggingface/tokenizers';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parcelExamples } from '../testing/parcel-examples.ts';
import { bpeFiles } from './bpe-files.ts';
import { byteSymbols, symbolBytes } from './byte-symbols.ts';
import { openTokenizer, TokenizerError } from './text-tokenizer.ts';
import { type Bpe, TrainTokenizerError, trainBpe, wordPattern } from './train-bpe.ts';

const special = ['<|end|>', '<|answer|>'];
const texts = parcelExamples(400).map(({ messages }) => String(messages[0]?.content));

/** As readers find it: through JSON. */
function reader(bpe: Bpe): Tokenizer {
  const { tokenizer, config } = bpeFiles(bpe, { after: ['<|answer|>'], end: '<|end|>', limit: 64 });
  return new Tokenizer(JSON.parse(JSON.stringify(tokenizer)), JSON.parse(JSON.stringify(config)));
}

/** The plainest trainer: counts all pairs anew for each merge. */
function trainedPlainly(all: readonly string[], merges: number): string[][] {
  const words = all.flatMap((text) =>
    (text.match(new RegExp(wordPattern, 'gu')) ?? []).map((word) =>
      Array.from(new TextEncoder().encode(word), (byte) => byteSymbols[byte]!),
    ),
  );
  const numbers = new Map(byteSymbols.map((symbol, byte) => [symbol, byte]));
  const made: string[][] = [];
  while (made.length < merges) {
    const counts = new Map<string, number>();
    for (const word of words)
      for (let i = 1; i < word.length; i++) {
        const pair = `${word[i - 1]} ${word[i]}`;
        counts.set(pair, (counts.get(pair) ?? 0) + 1);
      }
    const number = (pair: string) => {
      const [left, right] = pair.split(' ').map((token) => numbers.get(token)!);
      return left! * 2 ** 20 + right!;
    };
    const [best] = [...counts].sort((a, b) => b[1] - a[1] || number(a[0]) - number(b[0]));
    if (!best || best[1] < 2) break;
    const [left, right] = best[0].split(' ') as [string, string];
    made.push([left, right]);
    if (!numbers.has(left + right)) numbers.set(left + right, numbers.size);
    for (const [index, word] of words.entries()) {
      const next: string[] = [];
      for (let i = 0; i < word.length; i++)
        if (word[i] === left && word[i + 1] === right) {
          next.push(left + right);
          i++;
        } else next.push(word[i]!);
      words[index] = next;
    }
  }
  return made;
}

const hard = fc.array(
  fc.oneof(
    fc.constantFrom(
      ' ',
      '  ',
      '\n',
      '\t',
      ' \n',
      '\u00a0',
      "'s",
      '12',
      '٣',
      'é',
      'e\u0301',
      '😀',
      '<|end|>',
      'Ġ',
      '-',
    ),
    fc.string({ unit: 'binary', maxLength: 5 }),
    fc.constantFrom(...texts),
  ),
  { maxLength: 12 },
);
// Halves of surrogate pairs are no text: no encoding holds them.
const anyText = hard.map((parts) => Buffer.from(parts.join('')).toString());
const plain = anyText.map((text) => text.replaceAll('<|end|>', ''));

describe('a trained tokenizer', () => {
  const bpe = trainBpe(texts, { vocabulary: 600, special });
  const tokenizer = reader(bpe);

  test('merges as the plainest trainer does', () => {
    const words = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' '), maxLength: 12 }), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(words, (all) => {
        const { tokens, merges } = trainBpe(all, { vocabulary: 270 });
        const found = merges.map(([left, right]) => [tokens[left], tokens[right]]);
        const plainly = trainedPlainly(all, 60);
        expect(found).toEqual(plainly.slice(0, found.length));
        expect(tokens.length === 270 || found.length === plainly.length).toBe(true);
        expect(new Set(tokens).size).toBe(tokens.length);
      }),
      { numRuns: 300 },
    );
    const { tokens, merges } = bpe;
    expect(merges.slice(0, 150).map(([left, right]) => [tokens[left], tokens[right]])).toEqual(
      trainedPlainly(texts, 150),
    );
  });

  test('gives every text back, byte for byte', () => {
    fc.assert(
      fc.property(plain, (text) => {
        const { ids } = tokenizer.encode(text, { add_special_tokens: false });
        if (ids.length > 0) expect(tokenizer.decode(ids, { skip_special_tokens: true })).toBe(text);
        const bytes = ids.flatMap((id: number) => [...symbolBytes(bpe.tokens[id]!)!]);
        expect(Buffer.from(bytes).toString()).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });

  test('is read by others with its own numbers, and the token before an answer after every text', () => {
    const { ids, tokens } = tokenizer.encode('the parcel');
    expect(ids.at(-1)).toBe(1);
    expect(tokens.at(-1)).toBe('<|answer|>');
    expect(tokens.slice(0, -1)).toEqual(ids.slice(0, -1).map((id: number) => bpe.tokens[id]));
    expect([...tokenizer.get_vocab()].sort((a, b) => a[1] - b[1]).map(([token]) => token)).toEqual(
      bpe.tokens,
    );
    expect(ids.length).toBeLessThan('the parcel'.length);
  });

  test('as texts are read: what looks like a special token is text, and nothing is lost', () => {
    const { tokenizer: json, config } = bpeFiles(bpe, { end: '<|end|>', limit: 64 });
    const files = (value: object) => new TextEncoder().encode(JSON.stringify(value));
    const own = openTokenizer(files(json), files(config));
    expect(own.size).toBe(bpe.tokens.length);
    fc.assert(
      fc.property(anyText, (text) => {
        const ids = own.encode(text);
        expect(Math.min(...ids, 2)).toBe(2);
        expect(own.decode(ids)).toBe(text);
      }),
      { numRuns: 1000 },
    );
    expect(own.decode([0, ...own.encode('a'), 1])).toBe('a');
    expect([own.bytesOf(0), own.bytesOf(600)]).toEqual([undefined, undefined]);
  });

  test.each([
    ['no JSON', '{', 'tokenizer.json is not JSON'],
    ['no tokenizer', '{}', 'tokenizer.json'],
  ])('that is %s is refused in a sentence', (_, text, message) => {
    expect(() => openTokenizer(new TextEncoder().encode(text))).toThrow(TokenizerError);
    expect(() => openTokenizer(new TextEncoder().encode(text))).toThrow(message);
  });

  test('does not depend on the order of texts, and stops where nothing occurs twice', () => {
    expect(trainBpe(texts.toReversed(), { vocabulary: 600, special })).toEqual(bpe);
    expect(trainBpe(['abc'], { vocabulary: 600 }).merges).toEqual([]);
    expect(trainBpe([], { vocabulary: 256 }).tokens).toEqual(byteSymbols);
  });

  test('never makes an ordinary token that reads like a special one', () => {
    const odd = trainBpe(Array(9).fill('<|end|>'), { vocabulary: 400, special: ['<|'] });
    expect(new Set(odd.tokens).size).toBe(odd.tokens.length);
    expect(odd.merges.map(([left, right]) => odd.tokens[left]! + odd.tokens[right]!)).not.toContain('<|');
  });

  test.each([0, 257, 300.5, 2 ** 21])('refuses a vocabulary of %d', (vocabulary) => {
    expect(() => trainBpe(texts, { vocabulary, special })).toThrow(TrainTokenizerError);
  });
});
