/**
 * A student's model, ready on chips: texts in, logits out.
 *
 * @module
 */
import type { Chip, LoadedProgram } from '@kolben/engine';
import { textBytes } from './normalize-text.ts';
import { groupsByLength, stack } from './spell-texts.ts';

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
  const loaded = await Promise.all(chips.map((chip) => chip.load(onnx)));
  let turn = 0;

  const run = async (
    program: LoadedProgram,
    group: readonly number[],
    bytes: readonly Uint8Array[],
    all: Float32Array,
  ) => {
    const { ids, length } = stack(group.map((index) => bytes[index]));
    const outputs = await program.run({ input_ids: { data: ids, dims: [group.length, length] } });
    const logits = outputs[output].data as Float32Array;
    group.forEach((index, i) => {
      all.set(logits.subarray(i * classes, (i + 1) * classes), index * classes);
    });
  };

  return {
    async logits(texts) {
      const bytes = texts.map((text) => textBytes(text, byteLimit));
      const all = new Float32Array(texts.length * classes);
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

export interface Decision {
  /** Index of the likeliest class. */
  readonly label: number;
  /** Its softmax, in (0, 1]. */
  readonly confidence: number;
}

/** The decision of each row of logits. */
export function decide(logits: Float32Array, classes: number): Decision[] {
  return Array.from({ length: logits.length / classes }, (_, row) => {
    const values = logits.subarray(row * classes, (row + 1) * classes);
    let label = 0;
    for (let c = 1; c < classes; c++) if (values[c] > values[label]) label = c;
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += Math.exp(values[c] - values[label]);
    return { label, confidence: 1 / sum };
  });
}
