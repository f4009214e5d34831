/**
 * Numbers as people type them into fields.
 *
 * @module
 */

/** As it stands in a field: all its digits, none of them grouped. */
export function textOfNumber(value: number, decimalSeparator: string): string {
  return new Intl.NumberFormat('en-US', { useGrouping: false, maximumSignificantDigits: 15 })
    .format(value)
    .replace('.', decimalSeparator);
}

/**
 * What was typed: digits, and one decimal separator, a point or a comma, whichever the language has.
 *
 * @returns null for an empty field; NaN for what is no number, and for what may mean two: `1.000` is one or a thousand
 *   where the separator is a comma
 */
export function numberOfText(text: string, decimalSeparator: string): number | null {
  const typed = text.trim();
  if (typed === '') return null;
  const [, whole, separator, decimals] = /^(\d*)(?:([.,])(\d*))?$/.exec(typed) ?? [];
  if (whole === undefined || (whole === '' && !decimals)) return Number.NaN;
  if (separator !== undefined && separator !== decimalSeparator && decimals?.length === 3) return Number.NaN;
  return Number(`${whole || 0}.${decimals || 0}`);
}
