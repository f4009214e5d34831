/**
 * Spells texts as `words-and-bag/spell-texts.ts` does, and notes beside it how each word is written.
 *
 * @module
 */
import { type Chip, emitProgram, Graph, type LoadedProgram } from '@kolben/engine';
import { groupsByLength } from '../on-chips.ts';
import { textBytes } from '../words-and-bag/normalize-text.ts';
import { type SpelledText, type SpelledTexts, stack, WordTypes } from '../words-and-bag/spell-texts.ts';
import { buckets, gramSizes, spelling } from '../words-and-bag/spelling.ts';
import { letters } from './letters.ts';
import { writingOf } from './writing.ts';

export interface CasedTexts extends SpelledTexts {
  /** By text, for each word the numbers of `writing.ts`. */
  readonly writings: readonly (readonly (readonly number[])[])[];
}

/** Bytes in one execution: enough to hide its cost, little enough for the caches. */
const bytesAtOnce = 32_768;

export async function spellCased(
  texts: readonly string[],
  {
    chips,
    byteLimit,
    signal,
  }: { chips: readonly Chip[]; byteLimit: number; signal?: AbortSignal | undefined },
): Promise<CasedTexts> {
  const bytes = texts.map((text) => textBytes(text, byteLimit, { cased: true }));
  const program = spellingProgram();
  const groups = groupsByLength(
    bytes.map((text) => text.length),
    bytesAtOnce,
  );
  const spelled: SpelledText[] = new Array(texts.length);
  const writings: number[][][] = new Array(texts.length);
  const types = new WordTypes();

  const work = async (loaded: LoadedProgram) => {
    for (let group = groups.pop(); group; group = groups.pop()) {
      signal?.throwIfAborted();
      const { ids, length } = stack(group.map((index) => bytes[index]));
      const outputs = await loaded.run({ bytes: { data: ids, dims: [group.length, length] } });
      group.forEach((index, i) => {
        const row = (name: string) =>
          (outputs[name].data as BigInt64Array).subarray(i * length, (i + 1) * length);
        const one = collect(bytes[index].length, row, types);
        spelled[index] = one.text;
        writings[index] = one.writings;
      });
    }
  };

  const loaded = await Promise.all(chips.map((chip) => chip.load(program)));
  try {
    await Promise.all(loaded.map(work));
  } finally {
    await Promise.all(loaded.map((one) => one.release()));
  }
  return { types: types.list, texts: spelled, writings };
}

function spellingProgram(): Uint8Array {
  const bytes = new Graph().input('bytes', 'int64', ['B', 'L']);
  const seen = letters(bytes);
  const { grams, words, pairs, wordOf, inWord } = spelling(seen.lower);
  return emitProgram({
    name: 'spelling',
    outputs: [
      ...grams.map((value, i) => ({ value, name: `grams${gramSizes[i]}` })),
      ...Object.entries({ words, pairs, wordOf, inWord, ...seen }).map(([name, value]) => ({ name, value })),
    ],
  }).onnx;
}

function collect(
  length: number,
  row: (name: string) => BigInt64Array,
  types: WordTypes,
): { text: SpelledText; writings: number[][] } {
  const [wordOf, inWord, words, pairs, lower] = ['wordOf', 'inWord', 'words', 'pairs', 'lower'].map(row);
  const [capital, small, digit] = ['capital', 'small', 'digit'].map(row);
  const grams = gramSizes.map((size) => row(`grams${size}`));
  const found: number[] = [];
  const foundPairs: number[] = [];
  const writings: number[][] = [];
  for (let start = 0; start < length; ) {
    if (inWord[start] === 0n) {
      start++;
      continue;
    }
    let end = start + 1;
    while (end < length && inWord[end] === 1n && wordOf[end] === wordOf[start]) end++;
    const [from, to, place] = [start, end, Number(wordOf[start])];
    const count = (flags: BigInt64Array) =>
      flags.subarray(from, to).reduce((sum, flag) => sum + Number(flag), 0);
    found.push(
      types.number(String.fromCharCode(...Array.from(lower.subarray(from, to), Number)), () => ({
        bucket: Number(words[place]),
        grams: Int32Array.from(
          grams.flatMap((values) =>
            Array.from(values.subarray(from, to), Number).filter((gram) => gram !== buckets),
          ),
        ),
      })),
    );
    foundPairs.push(Number(pairs[place]));
    writings.push(
      writingOf({
        capitals: count(capital),
        capitalFirst: capital[from] === 1n,
        small: count(small),
        digits: count(digit),
        bytes: to - from,
      }),
    );
    start = end;
  }
  return { text: { words: Int32Array.from(found), pairs: Int32Array.from(foundPairs) }, writings };
}
