/**
 * The text as the student reads it: one form for what looks alike, lower case, as bytes of UTF-8.
 *
 * The very same steps stand in the student folder's tokenizer.json (`folder/tokenizer-files.ts`), so that any
 * program that reads such files feeds the model alike; a test holds the two together. A folder whose steps are
 * others is refused (`folder/read-student-folder.ts`), so a change here needs a new version of the format.
 *
 * @module
 */

export type NormalizationStep =
  /** `pattern`: one class of characters, of escapes that JavaScript and Oniguruma (in Rust, Python) read alike. */
  | { readonly kind: 'replace'; readonly pattern: string; readonly content: string }
  | { readonly kind: 'nfkc' }
  | { readonly kind: 'lowercase' };

const replace = (pattern: string, content: string): NormalizationStep => ({
  kind: 'replace',
  pattern,
  content,
});

/** In this order. */
export const normalizationSteps: readonly NormalizationStep[] = [
  // An accent that stands alone is somebody's apostrophe; NFKC would make it a space and a mark on the next letter.
  replace('[\\u00B4]', "'"),
  { kind: 'nfkc' },
  { kind: 'lowercase' },
  // JavaScript looks whether a sigma ends its word, Rust doesn't.
  replace('[\\u03C2]', '\u03C3'),
  // What is not seen: soft hyphens, joiners, marks of direction, variation selectors, byte order marks.
  replace('[\\u00AD\\u034F\\u061C\\u200C-\\u200F\\u202A-\\u202E\\u2060-\\u206F\\uFE00-\\uFE0F\\uFEFF]', ''),
  replace('[\\u2018\\u2019\\u02BC]', "'"),
  replace('[\\u2010-\\u2015\\u2212]', '-'),
  // Other punctuation outside of ASCII separates words: its bytes would be taken for letters.
  replace('[\\u0000-\\u001F\\u007F-\\u00BF\\u00D7\\u00F7\\u2000-\\u206F\\u3000-\\u303F\\uFFFD]', ' '),
];

/** The same without lower-casing: for a model that sees how words are written. */
export const casedSteps: readonly NormalizationStep[] = normalizationSteps.filter(
  ({ kind }) => kind !== 'lowercase',
);

const compiled = normalizationSteps.map(compile);
const compiledCased = casedSteps.map(compile);

function compile(step: NormalizationStep): (text: string) => string {
  if (step.kind === 'nfkc') return (text) => text.normalize('NFKC');
  if (step.kind === 'lowercase') return (text) => text.toLowerCase();
  const pattern = new RegExp(step.pattern, 'gu');
  return (text) => text.replace(pattern, step.content);
}

/** The text after all steps, or after all but lower-casing. */
export function normalizeText(text: string, { cased = false } = {}): string {
  return (cased ? compiledCased : compiled).reduce((normal, step) => step(normal), text);
}

const encoder = new TextEncoder();

/**
 * The bytes that the model is given: the first `limit` of the normal text. None for a text in which nothing is seen.
 */
export function textBytes(text: string, limit: number, options: { cased?: boolean } = {}): Uint8Array {
  // A text may be a whole mailbox: only as much of it is worked on as those bytes need.
  for (let length = limit; ; length *= 2) {
    const end = placeToCut(text, length);
    const bytes = encoder.encode(normalizeText(text.slice(0, end), options));
    if (bytes.length >= limit || end === text.length) return bytes.subarray(0, limit);
  }
}

/** Characters that no step joins to those before them: parts cut in front of one normalise as the whole does. */
const alone = /[ -~\u0400-\u0482\u0620-\u064A\u3041-\u3096\u30A1-\u30FA\u4E00-\u9FFF\uAC00-\uD7A3]/g;

function placeToCut(text: string, from: number): number {
  if (from >= text.length) return text.length;
  alone.lastIndex = from;
  return alone.exec(text)?.index ?? text.length;
}
