/**
 * Numbers as people read them, in their language: `2,101`, `98.9 %`, `1 min 12 s`, `$0.0412`.
 *
 * Loads nothing: the command line starts with it.
 *
 * @module
 */

export interface Numbers {
  /** A count with thousands separators. */
  count(n: number): string;
  /**
   * A share in [0, 1] as a percentage. Rounding never turns "not all" into 100 % or "some" into 0 %; what is no finite
   * number is a dash.
   */
  percent(share: number, digits?: number): string;
  /** A share that was chosen, not measured: `5 %`, `2.5 %`. */
  plainPercent(share: number): string;
  /** What a student is sure of, 0 to 1, in four decimals: in more where these would make a certainty of it. */
  confidence(value: number): string;
  /** Seconds as `0.4 s`, `42 s`, `3 min 5 s`, `2 h 3 min`. */
  duration(seconds: number): string;
  /** Milliseconds as `0.82 ms`, `4.1 ms`, `412 ms`, `1.2 s`. */
  milliseconds(ms: number): string;
  /** US dollars, with as many places as small sums need. */
  dollars(amount: number): string;
  /** A price in US dollars as it is listed: `$0.25`, `$0.075`. */
  price(amount: number): string;
  /** A number without a unit, in at most four significant digits. */
  plain(value: number): string;
  /** With so many decimals, and without thousands separators. */
  fixed(value: number, decimals: number): string;
  /** With its sign and two places: `+0.41`, `−1.20`. */
  signed(value: number): string;
  /** A day: `Nov 28`. */
  day(at: Date): string;
  /** A day and a time of day: `Nov 28, 14:05`. */
  moment(at: Date): string;
}

/**
 * @param language a BCP 47 tag
 * @param timeZone an IANA name, by default the machine's
 */
export function numbersIn(language: string, timeZone?: string): Numbers {
  const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
  const short = new Intl.NumberFormat(language, { maximumSignificantDigits: 4 });
  const chosen = new Intl.NumberFormat(language, { maximumFractionDigits: 4, useGrouping: false });
  const places = remembered(
    (digits: number) =>
      new Intl.NumberFormat(language, {
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
        useGrouping: false,
      }),
  );
  const money = remembered(
    (digits: number) =>
      new Intl.NumberFormat(language, {
        style: 'currency',
        currency: 'USD',
        currencyDisplay: 'narrowSymbol',
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
      }),
  );
  const zone = timeZone === undefined ? {} : { timeZone };
  // A date's format costs more to make than all else here, and the command line needs none.
  const days = remembered(
    (hour: boolean) =>
      new Intl.DateTimeFormat(language, {
        ...zone,
        month: 'short',
        day: 'numeric',
        ...(hour && { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
      }),
  );
  const fixed = (value: number, digits: number) => places(digits).format(value);
  return {
    count: (n) => whole.format(n),
    percent(share, digits = 1) {
      if (!Number.isFinite(share)) return '–';
      const rounded = Number((share * 100).toFixed(digits));
      const unit = 10 ** -digits;
      if (share < 1 && rounded >= 100) return `${fixed(100 - unit, digits)} %`;
      if (share > 0 && rounded === 0) return `${fixed(unit, digits)} %`;
      return `${fixed(rounded, digits)} %`;
    },
    plainPercent: (share) => `${chosen.format(Number((share * 100).toFixed(4)))} %`,
    confidence: (value) => writtenBelowOne(value, 4, fixed),
    duration(seconds) {
      if (seconds < 10) return `${fixed(seconds, 1)} s`;
      const s = Math.round(seconds);
      if (s < 60) return `${s} s`;
      if (s < 3600) return s % 60 === 0 ? `${s / 60} min` : `${Math.floor(s / 60)} min ${s % 60} s`;
      const minutes = Math.round(s / 60);
      return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
    },
    milliseconds(ms) {
      if (!Number.isFinite(ms)) return '–';
      if (ms < 1) return `${fixed(ms, 2)} ms`;
      if (ms < 10) return `${fixed(ms, 1)} ms`;
      if (ms < 1000) return `${Math.round(ms)} ms`;
      return `${fixed(ms / 1000, 1)} s`;
    },
    dollars(amount) {
      const size = Math.abs(amount);
      return money(size === 0 || size >= 1 ? 2 : size >= 0.01 ? 4 : 6).format(amount);
    },
    price(amount) {
      const digits = (String(amount).split('.')[1] ?? '').length;
      return money(Math.max(2, Math.min(6, digits))).format(amount);
    },
    plain: (value) => short.format(value),
    fixed,
    signed: (value) => `${value < 0 ? '−' : '+'}${fixed(Math.abs(value), 2)}`,
    day: (at) => days(false).format(at),
    moment: (at) => days(true).format(at),
  };
}

/** Decimals that are written at the most. */
const mostDecimals = 9;

/**
 * A number that is below 1 is never written as 1: with so many decimals, with more where it takes them, or as more than the
 * largest that can be written.
 */
export function writtenBelowOne(
  value: number,
  decimals: number,
  write: (value: number, decimals: number) => string,
): string {
  if (value >= 1) return write(value, decimals);
  for (let more = decimals; more <= mostDecimals; more++)
    if (Number(value.toFixed(more)) < 1) return write(value, more);
  return `> ${write(1 - 10 ** -mostDecimals, mostDecimals)}`;
}

function remembered<K, V>(make: (key: K) => V): (key: K) => V {
  const made = new Map<K, V>();
  return (key) => {
    const value = made.get(key) ?? make(key);
    made.set(key, value);
    return value;
  };
}
