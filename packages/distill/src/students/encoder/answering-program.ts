/**
 * An encoder with its head, ready on chips: texts in, logits out.
 *
 * @module
 */
import type { Chip, LoadedProgram, nn } from '@kolben/engine';
import { encoderInputs } from './batches.ts';
import type { TextTokens } from './tokenize.ts';

export interface AnsweringProgram {
  /** Row after row, the logits of each text, in the order of the texts. */
  logits(texts: readonly string[]): Promise<Float32Array>;
  release(): Promise<void>;
}

/** Tokens in one execution. */
const tokensAtOnce = 1024;

interface LoadOptions {
  readonly chips: readonly Chip[];
  readonly classes: number;
  readonly shape: nn.TextEncoderShape;
  readonly padding: number;
  readonly tokenize: TextTokens;
}

export async function loadAnsweringProgram(
  onnx: Uint8Array,
  { chips, classes, shape, padding, tokenize }: LoadOptions,
): Promise<AnsweringProgram> {
  const loaded = await Promise.all(chips.map((chip) => chip.load(onnx)));
  let turn = 0;
  const run = async (
    program: LoadedProgram,
    group: readonly number[],
    tokens: readonly (readonly number[])[],
    all: Float32Array,
  ) => {
    const texts = group.map((index) => tokens[index]);
    const { logits } = await program.run(encoderInputs(texts, shape, padding));
    group.forEach((index, i) => {
      all.set((logits.data as Float32Array).subarray(i * classes, (i + 1) * classes), index * classes);
    });
  };
  return {
    async logits(texts) {
      const tokens = texts.map(tokenize);
      const all = new Float32Array(texts.length * classes);
      const groups = groupsOf(tokens.map((text) => text.length));
      // Each chip takes the next group when it has done one; single questions go to the chips in turn.
      const first = turn++;
      await Promise.all(
        Array.from({ length: Math.min(loaded.length, groups.length) }, async (_, i) => {
          const program = loaded[(first + i) % loaded.length];
          for (let group = groups.pop(); group; group = groups.pop()) await run(program, group, tokens, all);
        }),
      );
      return all;
    },
    async release() {
      await Promise.all(loaded.map((program) => program.release()));
    },
  };
}

/** Texts of like length together, so many that they fill up little. */
function groupsOf(lengths: readonly number[]): number[][] {
  const order = [...lengths.keys()].sort((a, b) => lengths[a] - lengths[b]);
  const groups: number[][] = [];
  for (const index of order) {
    const last = groups.at(-1);
    // The longest of a group comes last.
    if (last && (last.length + 1) * lengths[index] <= tokensAtOnce) last.push(index);
    else groups.push([index]);
  }
  return groups;
}
