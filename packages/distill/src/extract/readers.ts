/**
 * Readers turn the text of a span into the value that the answer holds for it: as it stands, in another case, as a
 * number, as a date. Which reader a path needs is learned from the answers.
 *
 * @module
 */
import type { Json } from './json.ts';

/** Undefined where the text holds no such value. */
export type Reader = (text: string) => string | number | undefined;

const collapsed = (text: string) => text.normalize('NFC').replace(/\s+/gu, ' ').trim();

/** Number words that orders and messages use for small amounts. */
const numberWords: Readonly<Record<string, number>> = Object.fromEntries(
  [
    'zero null',
    'one a an ein eine einen einem einer eins',
    'two zwei zwo',
    'three drei',
    'four vier',
    'five fünf fuenf',
    'six sechs',
    'seven sieben',
    'eight acht',
    'nine neun',
    'ten zehn',
    'eleven elf',
    'twelve zwölf zwoelf',
    'thirteen dreizehn',
    'fourteen vierzehn',
    'fifteen fünfzehn',
    'sixteen sechzehn',
    'seventeen siebzehn',
    'eighteen achtzehn',
    'nineteen neunzehn',
    'twenty zwanzig',
  ].flatMap((words, value) => words.split(' ').map((word) => [word, value])),
);

/** The numeral in a text that holds one, with what units and signs stand around it. */
const numeral = /^[^\d]*?([-−]?\d[\d.,'’\u00a0\u202f ]*?)[^\d]*$/u;

function numberOf(text: string, decimal: '.' | ','): number | undefined {
  const word = numberWords[text.trim().toLowerCase()];
  if (word !== undefined) return word;
  const found = numeral.exec(text)?.[1];
  if (found === undefined || /\d/.test(text.replace(found, ''))) return undefined;
  const [whole, fraction, ...more] = found.replace('−', '-').split(decimal);
  if (more.length > 0) return undefined;
  const other = decimal === '.' ? ',' : '\\.';
  // Groups of three behind the first one, or no groups at all.
  if (!new RegExp(`^-?(\\d+|\\d{1,3}([${other}'’\u00a0\u202f ]\\d{3})+)$`, 'u').test(whole)) return undefined;
  if (fraction !== undefined && !/^\d+$/.test(fraction)) return undefined;
  const value = Number(`${whole.replace(/[^\d-]/gu, '')}.${fraction ?? '0'}`);
  return Number.isFinite(value) ? value : undefined;
}

const months = [
  'jan jän',
  'feb',
  'mar mär mrz maer',
  'apr',
  'may mai',
  'jun',
  'jul',
  'aug',
  'sep',
  'oct okt',
  'nov',
  'dec dez',
].map((names) => names.split(' '));

function monthOf(word: string): number | undefined {
  if (/^\d{1,2}$/.test(word)) return Number(word);
  const index = months.findIndex((names) => names.some((name) => word.toLowerCase().startsWith(name)));
  return index < 0 ? undefined : index + 1;
}

/** A date with day, month and year, as ISO 8601. */
function dateOf(text: string, order: 'dmy' | 'mdy' | 'ymd'): string | undefined {
  // Words that only join the parts don't stand at either end.
  if (/^(of|the|den|der)\b|\b(of|the|den|der)$/i.test(text)) return undefined;
  const parts = text.match(/\d+|\p{L}+/gu)?.filter((part) => !/^(st|nd|rd|th|of|the|den|der)$/i.test(part));
  if (parts?.length !== 3) return undefined;
  const at = (letter: string) => parts[order.indexOf(letter)];
  const [day, month, year] = [Number(at('d')), monthOf(at('m')), Number(at('y'))];
  if (!Number.isInteger(day) || month === undefined || !/^(\d{2}|\d{4})$/.test(at('y'))) return undefined;
  const full = year < 100 ? 2000 + year : year;
  const date = new Date(Date.UTC(full, month - 1, day));
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  return date.toISOString().slice(0, 10);
}

const capital = (word: string) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase();

/** In order of preference: of two that read equally many values, the first is taken. */
export const readers = {
  text: collapsed,
  lower: (text) => collapsed(text).toLowerCase(),
  upper: (text) => collapsed(text).toUpperCase(),
  title: (text) => collapsed(text).replace(/[^\s-]+/gu, capital),
  sentence: (text) => capital(collapsed(text)),
  joined: (text) => text.normalize('NFC').replace(/\s+/gu, ''),
  numeral: (text) => {
    const found = numeral.exec(text)?.[1]?.trim();
    return found !== undefined && !/\d/.test(text.replace(found, '')) ? found : undefined;
  },
  'number.point': (text) => numberOf(text, '.'),
  'number.comma': (text) => numberOf(text, ','),
  'date.dmy': (text) => dateOf(text, 'dmy'),
  'date.mdy': (text) => dateOf(text, 'mdy'),
  'date.ymd': (text) => dateOf(text, 'ymd'),
} as const satisfies Record<string, Reader>;

export type ReaderName = keyof typeof readers;
export const readerNames = Object.keys(readers) as ReaderName[];

/** Whether a reader can give such a value at all: spares looking for it. */
export function couldRead(name: ReaderName, value: Json): boolean {
  if (typeof value === 'number') return name.startsWith('number.');
  if (typeof value !== 'string' || name.startsWith('number.')) return false;
  if (name.startsWith('date.')) return /^\d{4}-\d{2}-\d{2}$/.test(value);
  if (name === 'numeral') return /^[-−]?\d[\d.,'’ ]*$/.test(value);
  if (name === 'lower') return value === value.toLowerCase();
  if (name === 'upper') return value === value.toUpperCase();
  if (name === 'title' || name === 'sentence') return readers[name](value) === value;
  if (name === 'joined') return !/\s/.test(value);
  return true;
}
