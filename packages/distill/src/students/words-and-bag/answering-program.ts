/**
 * A student's model, ready on chips: texts in, logits out.
 *
 * @module
 */
import type { Chip } from '@kolben/engine';
import { loadOnChips } from '../on-chips.ts';
import { textBytes } from './normalize-text.ts';
import { stack } from './spell-texts.ts';

export interface AnsweringProgram {
  /** Row after row, `classes` logits for each text, in the order of the texts. */
  logits(texts: readonly string[]): Promise<Float32Array>;
  release(): Promise<void>;
}

/** Bytes in one execution. Fewer than in training: here several texts share it only when many come at once. */
const bytesAtOnce = 4096;

export async function loadAnsweringProgram(
  onnx: Uint8Array,
  {
    chips,
    classes,
    byteLimit,
    output = 'logits',
  }: {
    chips: readonly Chip[];
    /** Numbers for each text in the output. */
    classes: number;
    byteLimit: number;
    output?: string;
  },
): Promise<AnsweringProgram> {
  const { inGroups, release } = await loadOnChips(onnx, chips);
  return {
    async logits(texts) {
      const bytes = texts.map((text) => textBytes(text, byteLimit));
      const all = new Float32Array(texts.length * classes);
      const lengths = bytes.map((text) => text.length);
      await inGroups(lengths, bytesAtOnce, async (program, group) => {
        const { ids, length } = stack(group.map((index) => bytes[index]));
        const outputs = await program.run({ input_ids: { data: ids, dims: [group.length, length] } });
        const logits = outputs[output].data as Float32Array;
        group.forEach((index, i) => {
          all.set(logits.subarray(i * classes, (i + 1) * classes), index * classes);
        });
      });
      return all;
    },
    release,
  };
}
