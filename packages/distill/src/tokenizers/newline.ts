import type { TextTokenizer } from './text-tokenizer.ts';

/** The token of a new line; where there is none, those of a text of one. */
export function newline(tokenizer: TextTokenizer): number[] {
  for (let id = 0; id < tokenizer.size; id++) {
    const bytes = tokenizer.bytesOf(id);
    if (bytes?.length === 1 && bytes[0] === 10) return [id];
  }
  return tokenizer.encode('\n');
}
