/**
 * Telephone numbers in running text.
 *
 * The numbering plans are a library's. Its own search takes dates, prices and order numbers for numbers, so candidates
 * are found here: international ones by their `+` or `00`, national ones by the leading zero (or the form of a North
 * American number), and never where the words before say that it is an order, an invoice or the like.
 *
 * @module
 */
import { createRequire } from 'node:module';
import type { CountryCode, PhoneNumber } from 'libphonenumber-js/max';
import { type Span, wordsBefore } from './span.ts';

export type { CountryCode };

const load = createRequire(import.meta.url);

/** Loaded when a text first holds what may be a number: the world's numbering plans are a hundred files. */
const parsePhoneNumberFromString = (
  text: string,
  country: CountryCode | undefined,
): PhoneNumber | undefined => load('libphonenumber-js/max').parsePhoneNumberFromString(text, country);

const candidates =
  /(?<![\p{L}\p{N}#_]|\p{N}[.,:/ -]|[-/.,:=]|\p{Sc} ?)(?:\+\d|\(?\+\d|00[1-9]|\(0\d|0[1-9]|\(?[2-9]\d{2}\)?[-. ][2-9]\d{2}[-. ]\d{4}(?!\p{N}))(?:[ ]?[-./()]?[ ]?\d){0,16}(?![\p{L}\p{N}_%]|[.,:/-]\p{N}| ?\p{Sc})/gu;

const otherWords =
  /(?:order|bestell\p{L}*|auftrags?\p{L}*|rechnung\p{L}*|invoice|ticket|kunden\p{L}*|customer|vorgangs?\p{L}*|vertrags?\p{L}*|contract|artikel\p{L}*|article|item|sku|ean|isbn|iban|konto\p{L}*|account|referenz\p{L}*|reference|ref|tracking|sendungs?\p{L}*|paket\p{L}*|parcel|booking|buchung\p{L}*|case|serial|serien\p{L}*|plz|zip|blz|version)[\s.:#]*(?:(?:-?(?:nummer|number|code|no|nr|id)|is|ist|lautet)[\s.:#]*){0,2}$/iu;
const phoneWords =
  /(?:tel|fon|phone|mobil|handy|cell|call|anruf|rufe?n? |ruft|erreich|reach|rückruf|nummer|number|whatsapp|sms|fax|durchwahl|hotline)/iu;

const date = /^\(?\d{1,2}[./ -]\d{1,2}[./ -](?:\d{4}|\d{2})(?!\d)/;

/** @param countries whose national numbers are known, by ISO 3166-1; numbers with `+` or `00` are known of all */
export function findPhones(text: string, countries: readonly CountryCode[]): Span[] {
  // Six digits are the fewest that a number has.
  if (!/(?:\d\D{0,4}){6}/.test(text)) return [];
  const spans: Span[] = [];
  for (const { 0: raw, index } of text.matchAll(candidates)) {
    const found = trimmed(raw);
    const start = index + raw.indexOf(found);
    if (isPhone(text, found, start, countries)) {
      spans.push({ kind: 'phone', start, end: start + found.length });
    }
  }
  return spans;
}

/** Without a bracket that is closed but not opened, or the other way round. */
function trimmed(found: string): string {
  if (found.startsWith('(') && !found.includes(')')) return found.slice(1);
  return found;
}

function isPhone(text: string, found: string, start: number, countries: readonly CountryCode[]): boolean {
  const digits = found.replaceAll(/\D/g, '');
  if (digits.length < 7 || digits.length > 16 || date.test(found)) return false;
  if (wordsBefore(text, start, otherWords)) return false;
  if (/^\(?\+/.test(found)) return valid(`+${withoutTrunkZero(found)}`, undefined);
  if (digits.startsWith('00')) return valid(`+${withoutTrunkZero(found).slice(2)}`, undefined);
  if (!digits.startsWith('0')) return valid(found, 'US');
  const separated = /\d\D+\d/.test(found);
  return countries.some((country) => {
    const number = parsePhoneNumberFromString(found, country);
    if (!number?.isValid()) return false;
    // Digits in one piece may be anything, unless they are a mobile's or the words before say so.
    return separated || number.getType() === 'MOBILE' || wordsBefore(text, start, phoneWords);
  });
}

/** The digits, without the zero in `+43 (0) 664`. */
function withoutTrunkZero(found: string): string {
  return found.replace(/\(0\)/, '').replaceAll(/\D/g, '');
}

function valid(found: string, country: CountryCode | undefined): boolean {
  return parsePhoneNumberFromString(found, country)?.isValid() ?? false;
}
