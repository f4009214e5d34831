/**
 * The tagger as it answers: bytes in, logits of tags and choices out, nothing beside the model.
 *
 * It reads the same parameters as the training graph; what the host works out there is worked out here by the graph.
 *
 * @module
 */
import { constant, Graph, ops, type Parameters, type Value } from '@kolben/engine';
import { readBag, wordVectors } from '../words-and-bag/answering-graph.ts';
import { collectedTables, emitStudent } from '../words-and-bag/emit-student.ts';
import type { Storage } from '../words-and-bag/packed-tables.ts';
import { spelling } from '../words-and-bag/spelling.ts';
import type { Vocabulary } from '../words-and-bag/vocabulary.ts';
import { choose, encode, firstTags, noTaggerDropout, secondTags } from './layers.ts';
import { letters } from './letters.ts';
import type { TaggerShape } from './shape.ts';
import { writingVectors } from './training-graph.ts';
import { writingInGraph } from './writing.ts';

const { add, cast, equal, greater, mul, shift, sub, unsqueeze } = ops;

export interface TaggingOptions {
  /** How tables are kept. Default: `full`. */
  readonly storage?: Storage;
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * The ONNX model: input `input_ids` (batch, length), int64 bytes of the text, 0 where there is none; outputs
 * `tags` (batch, maxWords, sum of tags) and `choices` (batch, sum of choices), of which one may be missing.
 */
export function taggingModel(
  shape: TaggerShape,
  vocabulary: Vocabulary,
  parameters: Parameters,
  { storage = 'full', metadata = {} }: TaggingOptions = {},
): Uint8Array {
  const graph = new Graph();
  const raw = graph.input('input_ids', 'int64', ['batch', 'length']);
  const seen = letters(raw);
  const bytes = seen.lower;
  const spelt = spelling(bytes);
  const { rowTable, made: rowTables } = collectedTables(graph);
  const [vectors, mask] = graph.block('words', () => {
    const [words, present] = wordVectors(bytes, spelt, shape, vocabulary, { rowTable });
    return [add(words, writingVectors(writings(spelt, seen, shape), shape.width)), present] as const;
  });
  const x = graph.block('order', () => encode(vectors, mask, shape, noTaggerDropout));
  const choices =
    shape.choices.length === 0
      ? undefined
      : graph.block('choices', () => {
          const bag = readBag(bytes, spelt, shape, vocabulary, rowTable).vector;
          const { byWords, byBag } = choose(x, bag, mask, shape, noTaggerDropout);
          return add(byWords, byBag);
        });
  const tags =
    shape.tags.length === 0
      ? undefined
      : graph.block('tags', () => {
          const first = graph.scope('first', () => firstTags(x, shape, noTaggerDropout));
          const second = graph.scope('second', () =>
            secondTags(x, first, choices, mask, shape, noTaggerDropout),
          );
          return add(first, second);
        });
  const outputs = [
    ...(tags ? [{ value: tags, name: 'tags' }] : []),
    ...(choices ? [{ value: choices, name: 'choices' }] : []),
  ];
  return emitStudent(graph, {
    ...{ outputs, parameters, width: shape.width, tables, rowTables, storage, metadata },
  });
}

/** Where its vectors are. */
export const tables = { pieces: 'words.pieces', bag: 'choices.table' };

export function writings(
  spelt: ReturnType<typeof spelling>,
  seen: ReturnType<typeof letters>,
  { maxWords }: TaggerShape,
): Value {
  const { wordOf, inWord } = spelt;
  const one = constant(inWord, 'int64', [1], []);
  const places = constant(
    inWord,
    'int64',
    Array.from({ length: maxWords }, (_, i) => i),
    [maxWords, 1],
  );
  // Bytes outside of all words belong to word −1.
  const word = sub(mul(wordOf, inWord), sub(one, inWord));
  const ofWord = cast(equal(places, unsqueeze(word, 1)), 'float32');
  const before = sub(mul(add(shift(wordOf, 1, 1), one), shift(inWord, 1, 1)), one);
  const starts = mul(inWord, cast(greater(word, before), 'int64'));
  return writingInGraph(seen, ofWord, starts);
}
