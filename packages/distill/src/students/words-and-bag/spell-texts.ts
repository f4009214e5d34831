/**
 * Runs the spelling of many texts on the chips, and keeps of it what training needs: texts as sequences of word
 * types, each word type with its n-grams.
 *
 * @module
 */
import { type Chip, emitProgram, Graph, type LoadedProgram } from '@kolben/engine';
import { groupsByLength } from '../on-chips.ts';
import { textBytes } from './normalize-text.ts';
import { buckets, gramSizes, spelling } from './spelling.ts';

/** A word as it is spelt. */
export interface WordType {
  /** The bucket of the whole word. */
  readonly bucket: number;
  /** The buckets of its n-grams, repeated ones repeated. */
  readonly grams: Int32Array;
}

export interface SpelledText {
  /** Numbers of word types, in the order of the text. */
  readonly words: Int32Array;
  /** For each word the bucket of its pair with the word before. */
  readonly pairs: Int32Array;
}

export interface SpelledTexts {
  readonly types: readonly WordType[];
  readonly texts: readonly SpelledText[];
}

/** Bytes in one execution: enough to hide its cost, little enough for the caches. */
const bytesAtOnce = 32_768;

export async function spellTexts(
  texts: readonly string[],
  { chips, byteLimit, signal }: { chips: readonly Chip[]; byteLimit: number; signal?: AbortSignal },
): Promise<SpelledTexts> {
  const bytes = texts.map((text) => textBytes(text, byteLimit));
  const program = spellingProgram();
  const groups = groupsByLength(
    bytes.map((text) => text.length),
    bytesAtOnce,
  );
  const spelled: SpelledText[] = new Array(texts.length);
  const types = new WordTypes();

  const work = async (loaded: LoadedProgram) => {
    for (let group = groups.pop(); group; group = groups.pop()) {
      signal?.throwIfAborted();
      const { ids, length } = stack(group.map((index) => bytes[index]));
      const outputs = await loaded.run({ bytes: { data: ids, dims: [group.length, length] } });
      const row = (name: string, i: number) => {
        const data = outputs[name].data as BigInt64Array;
        return data.subarray(i * length, (i + 1) * length);
      };
      group.forEach((index, i) => {
        spelled[index] = collect(bytes[index], (name) => row(name, i), types);
      });
    }
  };

  const loaded = await Promise.all(chips.map((chip) => chip.load(program)));
  try {
    await Promise.all(loaded.map(work));
  } finally {
    await Promise.all(loaded.map((one) => one.release()));
  }
  return { types: types.list, texts: spelled };
}

function spellingProgram(): Uint8Array {
  const bytes = new Graph().input('bytes', 'int64', ['B', 'L']);
  const { grams, words, pairs, wordOf, inWord } = spelling(bytes);
  return emitProgram({
    name: 'spelling',
    outputs: [
      ...grams.map((value, i) => ({ value, name: `grams${gramSizes[i]}` })),
      { value: words, name: 'words' },
      { value: pairs, name: 'pairs' },
      { value: wordOf, name: 'wordOf' },
      { value: inWord, name: 'inWord' },
    ],
  }).onnx;
}

/** Rows of bytes as one (B, L) tensor of int64, filled up with zeros. */
export function stack(rows: readonly Uint8Array[]): { ids: BigInt64Array; length: number } {
  const length = rows.reduce((longest, row) => Math.max(longest, row.length), 1);
  const ids = new BigInt64Array(rows.length * length);
  rows.forEach((row, i) => {
    for (let j = 0; j < row.length; j++) ids[i * length + j] = BigInt(row[j]);
  });
  return { ids, length };
}

/** Word types by their bytes: two that fall into one bucket as whole words still have their own n-grams. */
export class WordTypes {
  readonly list: WordType[] = [];
  readonly #numbers = new Map<string, number>();

  number(spelt: string, type: () => WordType): number {
    let number = this.#numbers.get(spelt);
    if (number === undefined) {
      number = this.list.push(type()) - 1;
      this.#numbers.set(spelt, number);
    }
    return number;
  }
}

function collect(bytes: Uint8Array, row: (name: string) => BigInt64Array, types: WordTypes): SpelledText {
  const [wordOf, inWord, words, pairs] = ['wordOf', 'inWord', 'words', 'pairs'].map(row);
  const grams = gramSizes.map((size) => row(`grams${size}`));
  const found: number[] = [];
  const foundPairs: number[] = [];
  let start = 0;
  while (start < bytes.length) {
    if (inWord[start] === 0n) {
      start++;
      continue;
    }
    let end = start + 1;
    while (end < bytes.length && inWord[end] === 1n && wordOf[end] === wordOf[start]) end++;
    const place = Number(wordOf[start]);
    const [from, to] = [start, end];
    found.push(
      types.number(Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1'), () => ({
        bucket: Number(words[place]),
        grams: Int32Array.from(
          grams.flatMap((values) =>
            Array.from(values.subarray(from, to), Number).filter((gram) => gram !== buckets),
          ),
        ),
      })),
    );
    foundPairs.push(Number(pairs[place]));
    start = end;
  }
  return { words: Int32Array.from(found), pairs: Int32Array.from(foundPairs) };
}
