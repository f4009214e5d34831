/**
 * A tagger's model, ready on chips: texts in, logits of tags and choices out.
 *
 * @module
 */
import type { Chip } from '@kolben/engine';
import { loadOnChips } from '../on-chips.ts';
import { textBytes } from '../words-and-bag/normalize-text.ts';
import { stack } from '../words-and-bag/spell-texts.ts';
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
  const { inGroups, release } = await loadOnChips(onnx, chips);
  const [tagCount, choiceCount] = [shape.maxWords * sum(shape.tags), sum(shape.choices)];
  return {
    async logits(texts) {
      const bytes = texts.map((text) => textBytes(text, shape.byteLimit, { cased: true }));
      const all: TaggedText[] = new Array(texts.length);
      const lengths = bytes.map((text) => text.length);
      await inGroups(lengths, bytesAtOnce, async (program, group) => {
        const { ids, length } = stack(group.map((index) => bytes[index]));
        const outputs = await program.run({ input_ids: { data: ids, dims: [group.length, length] } });
        const rows = (name: string, count: number, i: number) =>
          count === 0
            ? new Float32Array()
            : (outputs[name].data as Float32Array).slice(i * count, (i + 1) * count);
        group.forEach((index, i) => {
          all[index] = { tags: rows('tags', tagCount, i), choices: rows('choices', choiceCount, i) };
        });
      });
      return all;
    },
    release,
  };
}
