/**
 * The slope of the straight line through values one apart, by least squares.
 *
 * @param values at least two
 */
export function slopeOf(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  let product = 0;
  let squares = 0;
  for (const [i, value] of values.entries()) {
    product += (i - middle) * value;
    squares += (i - middle) ** 2;
  }
  return product / squares;
}
