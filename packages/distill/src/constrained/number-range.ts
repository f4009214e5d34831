/**
 * Numbers of JSON, digit by digit, within bounds: which digits may follow, where a number may end, and how far the
 * nearest end is.
 *
 * Numbers are written as JavaScript writes them, without exponents: whole ones with up to 15 digits, others with up to
 * 9 before the point and 6 behind it, all of which a number of JavaScript holds. So a number is a whole one of `scale` digits more, and bounds are exact.
 *
 * @module
 */

/** The numbers that may be written. */
export interface NumberRange {
  readonly integer: boolean;
  /** Least and greatest, in units of 10^-scale. */
  readonly least: bigint;
  readonly greatest: bigint;
}

/** What has been written of a number. */
export interface NumberState {
  readonly negative: boolean;
  /** Digits before the point. */
  readonly whole: number;
  /** Digits behind the point; -1 if there is no point. */
  readonly fraction: number;
  /** All digits as one number. */
  readonly value: bigint;
}

export const numberStart: NumberState = { negative: false, whole: 0, fraction: -1, value: 0n };

export const digitsOf = (integer: boolean) => (integer ? { whole: 15, scale: 0 } : { whole: 9, scale: 6 });

const [minus, point, zero] = [0x2d, 0x2e, 0x30];

/** The state after one more byte; undefined if no number within the range begins so. */
export function nextNumber(range: NumberRange, state: NumberState, byte: number): NumberState | undefined {
  const { negative, whole, fraction, value } = state;
  const { whole: most, scale } = digitsOf(range.integer);
  let next: NumberState | undefined;
  if (byte === minus) {
    if (whole === 0 && !negative) next = { ...state, negative: true };
  } else if (byte === point) {
    if (whole > 0 && fraction < 0 && scale > 0) next = { ...state, fraction: 0 };
  } else if (byte >= zero && byte <= zero + 9) {
    const grown = value * 10n + BigInt(byte - zero);
    if (fraction >= 0) {
      if (fraction < scale) next = { ...state, fraction: fraction + 1, value: grown };
    } else if (whole < most && !(whole > 0 && value === 0n))
      next = { ...state, whole: whole + 1, value: grown };
  }
  return next && bytesToEnd(range, next) !== undefined ? next : undefined;
}

/** Bytes that the nearest end of a number within the range is away: 0 if it may end here; undefined if there is none. */
export function bytesToEnd(range: NumberRange, state: NumberState): number | undefined {
  const { negative, whole, fraction, value } = state;
  const { whole: most, scale } = digitsOf(range.integer);
  if (whole === 0) {
    if (negative) return fewestDigits(range, state, most, scale);
    const minuses = fewestDigits(range, { ...state, negative: true }, most, scale);
    const pluses = fewestDigits(range, state, most, scale);
    if (minuses === undefined) return pluses;
    return pluses === undefined ? minuses + 1 : Math.min(minuses + 1, pluses);
  }
  const [low, high] = magnitudes(range, negative);
  if (fraction < 0) return fewestDigits(range, state, most, scale);
  const unit = 10n ** BigInt(scale - fraction);
  const [first, last] = [value * unit, value * unit + unit - 1n];
  const from = largest(low, fraction === 0 || value % 10n === 0n ? first + 1n : first);
  const to = smallest(high, last);
  return fewestDecimals(from, to, fraction, scale);
}

/** For a number without a point yet: the fewest digits, and perhaps a point, to one within the range. */
function fewestDigits(
  range: NumberRange,
  { negative, whole, value }: NumberState,
  most: number,
  scale: number,
): number | undefined {
  const [low, high] = magnitudes(range, negative);
  const one = 10n ** BigInt(scale);
  let best: number | undefined;
  for (let more = 0; whole + more <= most; more++) {
    if (best !== undefined && more >= best) break;
    // Zero alone begins with a zero.
    if (whole > 0 && value === 0n && more > 0) break;
    if (whole === 0 && more === 0) continue;
    const tens = 10n ** BigInt(more);
    const firstWhole = whole === 0 ? (more === 1 ? 0n : tens / 10n) : value * tens;
    const lastWhole = whole === 0 ? tens - 1n : value * tens + tens - 1n;
    const from = largest(low, firstWhole * one);
    const to = smallest(high, lastWhole * one + one - 1n);
    if (from > to) continue;
    const decimals = fewestDecimals(from, to, 0, scale);
    if (decimals === undefined) continue;
    const needed = more + (decimals === 0 ? 0 : decimals + 1);
    best = best === undefined ? needed : Math.min(best, needed);
  }
  return best;
}

/** The fewest digits behind the point, beyond `has`, with which a number from `from` to `to` can be written. */
function fewestDecimals(from: bigint, to: bigint, has: number, scale: number): number | undefined {
  if (from > to) return undefined;
  for (let decimals = has; decimals <= scale; decimals++) {
    const unit = 10n ** BigInt(scale - decimals);
    if (((from + unit - 1n) / unit) * unit <= to) return decimals - has;
  }
  return undefined;
}

/** The range's numbers of one sign, without it. Minus zero is not written. */
function magnitudes({ least, greatest }: NumberRange, negative: boolean): [bigint, bigint] {
  return negative ? [largest(1n, -greatest), -least] : [largest(0n, least), greatest];
}

const largest = (a: bigint, b: bigint) => (a > b ? a : b);
const smallest = (a: bigint, b: bigint) => (a < b ? a : b);
