/**
 * What a chart refuses to draw: a number that is none would become a mark in the wrong place, or no mark, unseen.
 *
 * @module
 */

/** @throws RangeError that names `what`, where a value isn't finite */
export function finite(what: string, ...values: readonly number[]): void {
  for (const value of values)
    if (!Number.isFinite(value))
      throw new RangeError(`A chart can't draw ${value}: ${what} must be a finite number.`);
}

/** @throws RangeError that names `what`, where a value isn't in [0, 1] */
export function shares(what: string, ...values: readonly number[]): void {
  for (const value of values)
    if (!(value >= 0 && value <= 1))
      throw new RangeError(`A chart can't draw ${value}: ${what} must lie between 0 and 1.`);
}
