/**
 * How a text and its answer stand in a row of tokens: what begins a text, the text, what separates them, the answer, its end.
 *
 * @module
 */
import type { TextTokenizer } from '../../tokenizers/text-tokenizer.ts';

export interface PromptFormat {
  /** Before a text, such as the token by which a base knows that one begins. */
  readonly begin: readonly number[];
  /** Between text and answer. */
  readonly separator: readonly number[];
  /** The token after an answer. */
  readonly end: number;
  /** Tokens of a text that are read, its first ones, and of an answer that are written, at the most. */
  readonly textTokens: number;
  readonly answerTokens: number;
}

/** Positions that the longest text and its longest answer take. */
export const positionsOf = ({ begin, separator, textTokens, answerTokens }: PromptFormat) =>
  begin.length + textTokens + separator.length + answerTokens;

/** The special tokens of tokenizers that are trained here. */
export const endToken = '<|end|>';
export const answerToken = '<|answer|>';

/** What a decoder reads before it answers. */
export function promptOf(
  text: string,
  tokenizer: TextTokenizer,
  { begin, separator, textTokens }: PromptFormat,
): number[] {
  return [...begin, ...tokenizer.encode(text).slice(0, textTokens), ...separator];
}

/** A row to learn from. */
export interface TaughtRow {
  readonly tokens: readonly number[];
  /** Where the answer begins; from the token before it on, the next one is learnt. */
  readonly answer: number;
}

export function taughtRow(
  { text, answer }: { readonly text: string; readonly answer: string },
  tokenizer: TextTokenizer,
  format: PromptFormat,
): TaughtRow {
  const prompt = promptOf(text, tokenizer, format);
  const answered = tokenizer.encode(answer);
  // One that is cut has no end to learn.
  const tail =
    answered.length <= format.answerTokens
      ? [...answered, format.end]
      : answered.slice(0, format.answerTokens);
  return { tokens: [...prompt, ...tail], answer: prompt.length };
}
