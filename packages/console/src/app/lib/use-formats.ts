/**
 * Money, numbers and times in the user's language.
 *
 * @module
 */
import { useMemo } from 'react';
import { useLocale } from 'use-intl';
import { writtenBelowOne } from '../../charts/numbers.ts';

export interface Formats {
  /** USD, with at most four significant decimals. */
  money(usd: number): string;
  /** A share of 1, as per cent. */
  percent(share: number, decimals?: number): string;
  /** @param decimals at most so many; 0 where left out */
  number(n: number, decimals?: number): string;
  /** What a student is sure of, 0 to 1: never written as 1 where it is less. @param decimals at most so many, where they do */
  confidence(share: number, decimals?: number): string;
  /** Large numbers in short: 1.2 M. */
  short(n: number): string;
  date(moment: Date | string): string;
  /** A day of the calendar, `2026-11-28`, whatever the time zone; another text as it is. */
  day(text: string): string;
  /** A day of this year. */
  dayOfYear(moment: Date | string): string;
  dateTime(moment: Date | string): string;
  time(moment: Date | string): string;
  /** Hours and minutes. */
  hour(moment: Date | string): string;
  /** A span, by its two largest units. @param ms milliseconds */
  duration(ms: number): string;
  /** Between whole and fraction, for fields that a number is typed into. */
  decimalSeparator: string;
  /** A list in words. */
  list(items: readonly string[]): string;
}

const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

export function formatsFor(locale: string): Formats {
  const number = (options: Intl.NumberFormatOptions) => new Intl.NumberFormat(locale, options);
  const unit = (n: number, name: string, decimals = 0) =>
    number({ style: 'unit', unit: name, unitDisplay: 'short', maximumFractionDigits: decimals }).format(n);
  const at = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(locale, options);
    return (moment: Date | string) => format.format(new Date(moment));
  };
  const day = at({ dateStyle: 'medium', timeZone: 'UTC' });
  return {
    money(usd) {
      const size = Math.abs(usd);
      // Below a dollar the first four digits that aren't zero; nothing is smaller than a nano-dollar.
      const decimals = size >= 1 || size === 0 ? 2 : Math.min(9, 4 + Math.floor(-Math.log10(size)));
      return number({
        style: 'currency',
        currency: 'USD',
        minimumFractionDigits: 2,
        maximumFractionDigits: decimals,
      }).format(usd);
    },
    percent: (share, decimals = 1) =>
      number({ style: 'percent', maximumFractionDigits: decimals }).format(share),
    number: (n, decimals = 0) => number({ maximumFractionDigits: decimals }).format(n),
    confidence: (share, decimals = 4) =>
      writtenBelowOne(share, decimals, (n, most) => number({ maximumFractionDigits: most }).format(n)),
    short: (n) => number({ notation: 'compact', maximumFractionDigits: 1 }).format(n),
    date: at({ dateStyle: 'medium' }),
    day: (text) => (/^\d{4}-\d\d-\d\d$/.test(text) ? day(text) : text),
    dayOfYear: at({ month: 'short', day: 'numeric' }),
    dateTime: at({ dateStyle: 'medium', timeStyle: 'medium' }),
    time: at({ timeStyle: 'medium' }),
    hour: at({ timeStyle: 'short' }),
    duration(ms) {
      if (ms < 1_000) return unit(ms, 'millisecond');
      if (ms < 10_000) return unit(ms / 1_000, 'second', 1);
      const first = units.findIndex(([, size]) => ms >= size);
      let left = ms;
      return units
        .slice(first, first + 2)
        .map(([name, size]) => {
          const n = Math.floor(left / size);
          left -= n * size;
          return n === 0 ? '' : unit(n, name);
        })
        .filter((part) => part !== '')
        .join(' ');
    },
    decimalSeparator: number({})
      .formatToParts(0.5)
      .find(({ type }) => type === 'decimal')!.value,
    list: (items) => new Intl.ListFormat(locale, { type: 'conjunction' }).format(items),
  };
}

export function useFormats(): Formats {
  const locale = useLocale();
  return useMemo(() => formatsFor(locale), [locale]);
}
