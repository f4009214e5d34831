/**
 * Columns of text, aligned.
 *
 * @module
 */

/** Rows as lines, each column as wide as its widest cell; columns named in `right` (by index) are right-aligned. */
export function table(
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
  indent = '  ',
): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, [...cell].length);
  }
  return rows
    .map((row) => {
      const cells = row.map((cell, i) => {
        const gap = ' '.repeat(widths[i]! - [...cell].length);
        return right.includes(i) ? `${gap}${cell}` : `${cell}${gap}`;
      });
      return `${indent}${cells.join('  ')}`.trimEnd();
    })
    .join('\n');
}
