/**
 * The text as the student reads it: one form for what looks alike, lower case, as bytes of UTF-8.
 *
 * The very same steps stand in the student folder's tokenizer.json (`tokenizer-files.ts`), so that any program
 * that reads such files feeds the model alike; a test holds the two together.
 *
 * @module
 */

/** Replacements after NFKC and lower-casing, in this order; patterns that JavaScript and Rust read alike. */
export const replacements: readonly { readonly pattern: string; readonly content: string }[] = [
  { pattern: '[\\u2018\\u2019\\u02BC]', content: "'" },
  { pattern: '[\\u2010-\\u2015\\u2212]', content: '-' },
  // Other punctuation outside of ASCII separates words: its bytes would be taken for letters.
  {
    pattern: '[\\u0000-\\u001F\\u007F-\\u00BF\\u00D7\\u00F7\\u2000-\\u206F\\u3000-\\u303F\\uFFFD]',
    content: ' ',
  },
];

const compiled = replacements.map(({ pattern, content }) => ({
  pattern: new RegExp(pattern, 'gu'),
  content,
}));

/** NFKC, lower case, and the replacements. */
export function normalizeText(text: string): string {
  return compiled.reduce(
    (normal, { pattern, content }) => normal.replace(pattern, content),
    text.normalize('NFKC').toLowerCase(),
  );
}

const encoder = new TextEncoder();

/** The bytes that the model is given, cut after `limit`: at least one, since a model of no bytes has no shape. */
export function textBytes(text: string, limit: number): Uint8Array {
  // Four bytes a character at the most: what lies beyond cannot matter, and may be a whole mailbox.
  const bytes = encoder.encode(normalizeText(text.slice(0, limit)));
  return bytes.length === 0 ? Uint8Array.of(32) : bytes.subarray(0, limit);
}
