/**
 * Figures and foreign words in the text of a model card.
 *
 * @module
 */
export const number = (value: number | null) => (value === null ? '–' : value.toLocaleString('en-US'));

export const percent = (share: number | null) =>
  share === null ? '–' : `${(100 * share).toLocaleString('en-US', { maximumFractionDigits: 1 })} %`;

export function duration(seconds: number | null): string {
  if (seconds === null) return 'a time that was not measured';
  if (seconds < 120) return `${Math.round(seconds)} seconds`;
  return `${Math.round(seconds / 60)} minutes`;
}

export const list = (items: readonly string[]) => new Intl.ListFormat('en-GB').format(items);

/** Somebody else's words on one line, without meaning in Markdown or HTML. */
export const plain = (text: string) => oneLine(text).replace(/[\\`*_{}[\]<>#|&~$]/g, '\\$&');

/** The same as code; a fence longer than any in it. */
export function code(text: string): string {
  const line = oneLine(text);
  const longest = Math.max(0, ...Array.from(line.matchAll(/`+/g), ([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const space = longest > 0 || line === '' ? ' ' : '';
  return `${fence}${space}${line}${space}${fence}`;
}

const oneLine = (text: string) => text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
