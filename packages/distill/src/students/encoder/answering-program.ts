/**
 * An encoder with its head, ready on chips: texts in, logits out.
 *
 * @module
 */
import type { Chip, nn } from '@kolben/engine';
import { loadOnChips } from '../on-chips.ts';
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
  /** Numbers that it gives for a text. */
  readonly classes: number;
  /** What they are called. Default: `logits`. */
  readonly output?: string;
  readonly shape: nn.TextEncoderShape;
  readonly padding: number;
  readonly tokenize: TextTokens;
}

export async function loadAnsweringProgram(
  onnx: Uint8Array,
  { chips, classes, output = 'logits', shape, padding, tokenize }: LoadOptions,
): Promise<AnsweringProgram> {
  const { inGroups, release } = await loadOnChips(onnx, chips);
  return {
    async logits(texts) {
      const tokens = texts.map(tokenize);
      const all = new Float32Array(texts.length * classes);
      const lengths = tokens.map((text) => text.length);
      await inGroups(lengths, tokensAtOnce, async (program, group) => {
        const inputs = encoderInputs(
          group.map((index) => tokens[index]),
          shape,
          padding,
        );
        const { [output]: logits } = await program.run(inputs);
        group.forEach((index, i) => {
          all.set((logits.data as Float32Array).subarray(i * classes, (i + 1) * classes), index * classes);
        });
      });
      return all;
    },
    release,
  };
}
