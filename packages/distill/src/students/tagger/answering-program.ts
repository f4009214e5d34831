/**
 * A tagger's model, ready on chips: texts in, logits of tags and choices out.
 *
 * @module
 */
import type { Chip, LoadedProgram } from '@kolben/engine';
import { textBytes } from '../words-and-bag/normalize-text.ts';
import { groupsByLength, stack } from '../words-and-bag/spell-texts.ts';
import type { TaggedText } from './decode.ts';
import { sum } from './layers.ts';
import type { TaggerShape } from './shape.ts';

export interface TaggingProgram {
  /** For each text, in order. */
  logits(texts: readonly string[]): Promise<TaggedText[]>;
  release(): Promise<void>;
}

/** Bytes in one execution: little enough for the caches. */
const bytesAtOnce = 4096;

export async function loadTaggingProgram(
  onnx: Uint8Array,
  { chips, shape }: { chips: readonly Chip[]; shape: TaggerShape },
): Promise<TaggingProgram> {
  const loaded = await Promise.all(chips.map((chip) => chip.load(onnx)));
  const [tagCount, choiceCount] = [shape.maxWords * sum(shape.tags), sum(shape.choices)];
  let turn = 0;

  const run = async (
    program: LoadedProgram,
    group: readonly number[],
    bytes: readonly Uint8Array[],
    all: TaggedText[],
  ) => {
    const { ids, length } = stack(group.map((index) => bytes[index]));
    const outputs = await program.run({ input_ids: { data: ids, dims: [group.length, length] } });
    const rows = (name: string, count: number, i: number) =>
      count === 0
        ? new Float32Array()
        : (outputs[name].data as Float32Array).slice(i * count, (i + 1) * count);
    group.forEach((index, i) => {
      all[index] = { tags: rows('tags', tagCount, i), choices: rows('choices', choiceCount, i) };
    });
  };

  return {
    async logits(texts) {
      const bytes = texts.map((text) => textBytes(text, shape.byteLimit, { cased: true }));
      const all: TaggedText[] = new Array(texts.length);
      const groups = groupsByLength(bytes, bytesAtOnce);
      // Each chip takes the next group when it has done one; single questions go to the chips in turn.
      const first = turn++;
      const workers = Math.min(loaded.length, groups.length);
      await Promise.all(
        Array.from({ length: workers }, async (_, i) => {
          const program = loaded[(first + i) % loaded.length];
          for (let group = groups.pop(); group; group = groups.pop()) await run(program, group, bytes, all);
        }),
      );
      return all;
    },
    async release() {
      await Promise.all(loaded.map((program) => program.release()));
    },
  };
}
