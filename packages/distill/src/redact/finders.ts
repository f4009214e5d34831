/**
 * The kinds of personal data that are recognised in a text, each by a finder of its own.
 *
 * What has check digits must pass them. What has none (some numbers of passports) or weak ones (nine digits of ten
 * would do) must stand beside a word that says what it is: an order number must stay what it is.
 *
 * @module
 */
import cardValidator from 'card-validator';
import { getCountrySpecifications, isValidIBAN } from 'ibantools';
// One country's rules at a time: the whole library is four megabytes of scripts.
import { validate as checkAustrianInsurance } from 'stdnum/lib/cjs/at/vnr.js';
import { validate as checkTaxId } from 'stdnum/lib/cjs/de/idnr.js';
import { validate as checkPensionInsurance } from 'stdnum/lib/cjs/de/svnr.js';
import { hasDocumentCheckDigit } from './document-check-digit.ts';
import { isMail } from './mail.ts';
import { type Span, wordsBefore } from './span.ts';

const ibanLengths = new Map(
  Object.entries(getCountrySpecifications()).flatMap(([country, { IBANRegistry, chars }]) =>
    IBANRegistry && chars !== null ? [[country, chars] as const] : [],
  ),
);

const digitOrLetter = '(?<![\\p{L}\\p{N}])';

/** `@` in the middle of a word is needed, so most texts cost one look. */
export function findMails(text: string): Span[] {
  if (!text.includes('@')) return [];
  const spans: Span[] = [];
  for (const { 0: found, index } of text.matchAll(
    /(?<![\p{L}\p{N}._%+'-])[\p{L}\p{N}_%+][\p{L}\p{N}._%+'-]{0,63}@[\p{L}\p{N}](?:[\p{L}\p{N}.-]{0,253}[\p{L}\p{N}])?/gu,
  )) {
    if (isMail(found)) spans.push({ kind: 'mail', start: index, end: index + found.length });
  }
  return spans;
}

/** By country, length and the remainder of 97 (ISO 13616). Spaces may stand anywhere between its characters. */
export function findIbans(text: string): Span[] {
  const spans: Span[] = [];
  for (const { index } of text.matchAll(new RegExp(`${digitOrLetter}[A-Z]{2}\\d{2} ?(?=[A-Z0-9])`, 'giu'))) {
    const length = ibanLengths.get(text.slice(index, index + 2).toUpperCase());
    if (length === undefined) continue;
    const end = endOf(text, index, length);
    if (end === undefined || /[\p{L}\p{N}]/u.test(text[end] ?? '')) continue;
    if (isValidIBAN(text.slice(index, end).replaceAll(' ', '').toUpperCase())) {
      spans.push({ kind: 'iban', start: index, end });
    }
  }
  return spans;
}

/** The end of the first `length` letters and digits, between which single spaces may stand. */
function endOf(text: string, start: number, length: number): number | undefined {
  let at = start;
  for (let left = length; left > 0; at++) {
    const character = text[at];
    if (character === undefined) return undefined;
    if (/[a-z0-9]/i.test(character)) left--;
    else if (character !== ' ' || text[at - 1] === ' ') return undefined;
  }
  return at;
}

/** 13 to 19 digits that begin and count as those of a card company, with the check digit of Luhn (ISO/IEC 7812). */
export function findCards(text: string): Span[] {
  const spans: Span[] = [];
  for (const { 0: found, index } of text.matchAll(
    /(?<![\p{L}\p{N}+#]|[\p{N}][.,:/-])\d(?:[ -]?\d){12,18}(?![\p{L}\p{N}]|[.,:/-]\d)/gu,
  )) {
    // Zeros only, and the like, pass every sum.
    if (new Set(found).size < 4 && !/^[345]/.test(found)) continue;
    if (cardValidator.number(found.replaceAll(/[ -]/g, '')).isValid) {
      spans.push({ kind: 'card', start: index, end: index + found.length });
    }
  }
  return spans;
}

const insuranceWords =
  /(?:\bs\.?v\.?[- ]?n(?:ummer|r)\b|\bsv\b|\bvsnr\b|\brvnr\b|versicherungs?(?:nummer|nr)|sozialversicherung|social (?:security|insurance)|\bssn\b|e-?card)/iu;
const taxWords =
  /(?:steuer[- ]?(?:id|nummer|nr|ident)|\bidnr\b|\bid-nr\b|\btax[- ]?(?:id|number|identification)|\btin\b|identifikationsnummer)/iu;
const documentWords =
  /(?:ausweis|reisepass|\bpass(?:nummer|nr)?\b|passport|identity card|\bid[- ]?card|personal[- ]?id\b)/iu;

/** Austrian and German numbers of persons: insurance, tax, identity card and passport. */
export function findIds(text: string): Span[] {
  const spans: Span[] = [];
  const look = (pattern: RegExp, accept: (found: string, start: number) => boolean) => {
    for (const { 0: found, index } of text.matchAll(pattern)) {
      if (accept(found, index)) spans.push({ kind: 'id', start: index, end: index + found.length });
    }
  };
  // Austria's social insurance: a running number with its check digit, and the day of birth.
  look(
    /(?<![\p{L}\p{N}]|\p{N}[.,/ -])\d{4}[ -]?\d{6}(?![\p{L}\p{N}]|[.,/ -]\d)/gu,
    (found, start) =>
      checkAustrianInsurance(found).isValid &&
      (/ |-/.test(found) || wordsBefore(text, start, insuranceWords)),
  );
  // Germany's pension insurance: office, day of birth, a letter, serial number and check digit.
  look(
    /(?<![\p{L}\p{N}])\d{2} ?\d{6} ?[A-Z] ?\d{3}(?![\p{L}\p{N}])/giu,
    (found) => checkPensionInsurance(found.toUpperCase()).isValid,
  );
  // Germany's tax id: eleven digits, usually written as 12 345 678 901.
  look(
    /(?<![\p{L}\p{N}]|\p{N}[.,/ -])[1-9]\d ?\d{3} ?\d{3} ?\d{3}(?![\p{L}\p{N}]|[.,/ -]\d)/gu,
    (found, start) =>
      checkTaxId(found).isValid &&
      (/^\d\d \d{3} \d{3} \d{3}$/.test(found) || wordsBefore(text, start, taxWords)),
  );
  // German identity cards and passports (with or without the check digit), Austrian ones (a letter or two and seven digits).
  look(
    /(?<![\p{L}\p{N}])(?:[CFGHJKLMNPRTVWXYZ][CFGHJKLMNPRTVWXYZ0-9]{8}\d?|[A-Z]{1,2} ?\d{7})(?![\p{L}\p{N}])/giu,
    (found, start) => {
      if (!/\d/.test(found) || !wordsBefore(text, start, documentWords)) return false;
      return found.length !== 10 || /^[A-Z]{2} ?\d/i.test(found) || hasDocumentCheckDigit(found);
    },
  );
  return spans;
}
