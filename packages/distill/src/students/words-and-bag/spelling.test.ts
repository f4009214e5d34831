import { type Chip, emitProgram, Graph, type LoadedProgram, randomStream, startChip } from '@kolben/engine';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { textBytes } from './normalize-text.ts';
import { spellTexts, stack } from './spell-texts.ts';
import { buckets, gramSizes, spelling } from './spelling.ts';

let chip: Chip;
let program: LoadedProgram;

beforeAll(async () => {
  chip = await startChip();
  const { grams, words, pairs, wordOf, inWord, exists } = spelling(
    new Graph().input('bytes', 'int64', ['B', 'L']),
  );
  const outputs = [...grams, words, pairs, wordOf, inWord, exists].map((value, i) => ({
    value,
    name: `out${i}`,
  }));
  program = await chip.load(emitProgram({ name: 'spelling', outputs }).onnx);
});
afterAll(() => chip.close());

/** What the graph finds in each text, by place. */
async function spell(texts: readonly Uint8Array[]) {
  const { ids, length } = stack(texts);
  const outputs = await program.run({ bytes: { data: ids, dims: [texts.length, length] } });
  return texts.map((_, text) => {
    const row = (i: number) =>
      Array.from(outputs[`out${i}`].data.subarray(text * length, (text + 1) * length), Number);
    const grams = gramSizes.map((_, i) => row(i));
    const [words, pairs, wordOf, inWord, exists] = Array.from({ length: 5 }, (_, i) => row(grams.length + i));
    return { grams, words, pairs, wordOf, inWord, exists };
  });
}

// The same as a person would write it down, one text and one byte after another.

const prime = 2n ** 31n - 1n;

function coefficients(name: string, count: number, limit: number): bigint[] {
  const draw = randomStream(0, `kolben spelling ${name}`);
  return Array.from({ length: count }, () => BigInt(1 + (draw() % (limit - 1))));
}

const bucket = (hash: bigint) => Number((hash % prime) % BigInt(buckets));

const isLetter = (byte: number | undefined) =>
  byte !== undefined && (byte >= 0x80 || /[A-Za-z0-9_]/.test(String.fromCharCode(byte)));
const isMark = (byte: number) => byte > 0x20 && byte < 0x7f && !isLetter(byte);

/** The n-gram that begins at `start`, which may lie before the text and end after it. */
function gramAt(text: Uint8Array, start: number, size: number): number {
  // Of a pair, the second byte counts as an inner one.
  const inner = Array.from({ length: Math.max(1, size - 2) }, (_, i) => text[start + 1 + i]);
  if (!inner.every(isLetter)) return buckets;
  let hash = 0n;
  coefficients(`gram ${size}`, size, Number(prime)).forEach((factor, i) => {
    const byte = text[start + i];
    if (isLetter(byte)) hash += factor * BigInt(byte + 1);
  });
  return bucket(hash);
}

function wordsOf(text: Uint8Array): { start: number; end: number }[] {
  const words: { start: number; end: number }[] = [];
  for (let start = 0; start < text.length; ) {
    let end = start + 1;
    if (isLetter(text[start])) while (isLetter(text[end])) end++;
    if (isLetter(text[start]) || isMark(text[start])) words.push({ start, end });
    start = end;
  }
  return words;
}

const wordWeights = coefficients('word', 64, Number(prime));
const [pairBefore, pairAfter] = coefficients('pair', 2, 2 ** 30);

function wordHash(word: Uint8Array): bigint {
  let hash = 0n;
  word.forEach((byte, i) => {
    hash += BigInt(byte + 1) * wordWeights[i % 64];
  });
  return hash % prime;
}

function expected(text: Uint8Array, length: number) {
  const places = Array.from({ length }, (_, i) => i);
  const found = wordsOf(text);
  const hashes = found.map(({ start, end }) => wordHash(text.subarray(start, end)));
  const at = (place: number) => found.findIndex(({ start, end }) => place >= start && place < end);
  return {
    grams: gramSizes.map((size) => places.map((place) => gramAt(text, place - 1, size))),
    words: places.map((i) => (i < found.length ? bucket(hashes[i]) : buckets)),
    pairs: places.map((i) =>
      i < found.length ? bucket((hashes[i - 1] ?? 0n) * pairBefore + hashes[i] * pairAfter) : buckets,
    ),
    inWord: places.map((place) => Number(at(place) >= 0)),
    exists: places.map((i) => Number(i < found.length)),
    numbers: places.map(at),
  };
}

async function expectAlike(texts: readonly Uint8Array[]) {
  const length = Math.max(1, ...texts.map((text) => text.length));
  (await spell(texts)).forEach(({ wordOf, ...found }, i) => {
    const { numbers, ...own } = expected(texts[i], length);
    expect(found).toEqual(own);
    // Elsewhere, `wordOf` means nothing.
    numbers.forEach((number, place) => {
      if (number >= 0) expect(wordOf[place]).toBe(number);
    });
  });
}

describe('spelling', () => {
  test('finds in any bytes what a plain program finds', async () => {
    const bytes = fc.uint8Array({ maxLength: 40 });
    const wordy = fc
      .array(fc.constantFrom(...Buffer.from('abcz09_ .,-!@ß ü')), { maxLength: 60 })
      .map((values) => Uint8Array.from(values));
    const long = fc.nat(200).map((length) => new Uint8Array(length).fill(0x61));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(bytes, wordy, wordy, long), { minLength: 1, maxLength: 8 }),
        expectAlike,
      ),
      { numRuns: 150 },
    );
  });

  test('finds the same in texts of people', async () => {
    const texts = [
      'Wo ist die Karte?',
      'Straße – „Grüße“ 😀',
      '私の',
      'user_name@example.org costs 12.50€',
      '',
    ];
    await expectAlike(texts.map((text) => textBytes(text, 64)));
  });

  test('what fills up, and what stands beside it in a batch, changes nothing', async () => {
    const text = textBytes('the card, again', 64);
    const [alone] = await spell([text]);
    const [, beside] = await spell([textBytes('something that is much longer than it', 64), text]);
    const cut = (values: number[]) => values.slice(0, text.length);
    expect({
      ...beside,
      grams: beside.grams.map(cut),
      words: cut(beside.words),
      pairs: cut(beside.pairs),
    }).toMatchObject({
      grams: alone.grams,
      words: alone.words,
      pairs: alone.pairs,
    });
    expect(cut(beside.inWord)).toEqual(alone.inWord);
  });

  test('keeps its numbers: students that were trained before depend on them', async () => {
    const [{ grams, words, pairs }] = await spell([textBytes('Karte weg', 64)]);
    expect({
      grams: grams.map((values) => values.slice(0, 3)),
      words: words.slice(0, 2),
      pairs: pairs.slice(0, 2),
    }).toEqual({
      grams: [
        [112182, 44717, 137781],
        [47478, 184485, 196696],
        [127888, 163671, 149012],
        [251685, 80128, 88211],
      ],
      words: [10103, 155993],
      pairs: [166731, 193075],
    });
  });

  test('for training, word types have the n-grams of their letters, wherever they stand', async () => {
    const texts = ['die Karte, die Karte', 'karte', '', '!?', 'Die KARTE ist weg'];
    const { types, texts: spelled } = await spellTexts(texts, { chips: [chip], byteLimit: 64 });
    texts.forEach((text, i) => {
      const bytes = textBytes(text, 64);
      const { words, pairs } = expected(bytes, bytes.length);
      const found = wordsOf(bytes);
      expect(spelled[i].pairs).toEqual(Int32Array.from(pairs.slice(0, found.length)));
      expect(Array.from(spelled[i].words, (number) => types[number].bucket)).toEqual(
        words.slice(0, found.length),
      );
      found.forEach(({ start, end }, w) => {
        const grams = gramSizes.flatMap((size) =>
          Array.from({ length: end - start }, (_, k) => gramAt(bytes, start + k - 1, size)),
        );
        expect([...types[spelled[i].words[w]].grams]).toEqual(grams.filter((gram) => gram !== buckets));
      });
    });
    // die, karte, comma, !, ?, ist, weg
    expect(types.length).toBe(7);
  });
});
