/**
 * Takes personal data out of a text and leaves a word in its place: `[mail]`, `[phone]`, `[iban]`, `[card]`, `[id]`.
 *
 * Pure: the same text and options give the same result, so that a student is asked just as it was taught. What was
 * redacted once is not changed by a second time.
 *
 * @module
 */
import { findCards, findIbans, findIds, findMails } from './finders.ts';
import { type CountryCode, findPhones } from './phones.ts';
import { RedactionError } from './redaction-error.ts';
import type { Span } from './span.ts';

/** Rises when the same text may come out differently. Datasets and students keep it. */
export const REDACTION_VERSION = 1;

/** A pattern of one's own, such as the form of one's customer numbers. */
export interface RedactPattern {
  /** What is put in its place, in brackets: letters, digits, `_` and `-`, at most 40. */
  readonly name: string;
  /** A regular expression as JavaScript knows it, found wherever it matches. */
  readonly pattern: RegExp | string;
}

export interface RedactOptions {
  /** Patterns of one's own. They go first. */
  readonly patterns?: readonly RedactPattern[];
  /** ISO 3166-1 codes of the countries whose national phone numbers are known; default AT, DE and CH. */
  readonly countries?: readonly string[];
}

export interface Redacted {
  readonly text: string;
  /** What was taken out, in its order, none overlapping; positions are those of the text given. */
  readonly found: readonly Span[];
}

export type Redact = (text: string) => Redacted;

/** What is taken out besides patterns of one's own. */
export const REDACTED_KINDS = ['mail', 'phone', 'iban', 'card', 'id'] as const;
export const DEFAULT_COUNTRIES: readonly string[] = ['AT', 'DE', 'CH'];
/** Two do for nearly every text; the bound is for patterns that feed on what they left. */
const PASSES = 8;

/** @throws RedactionError when a pattern is none, or matches the empty text */
export function redactText(text: string, options: RedactOptions = {}): Redacted {
  return redactor(options)(text);
}

/**
 * `redactText` for many texts: patterns are checked once.
 *
 * @throws RedactionError when a pattern is none, or matches the empty text
 */
export function redactor({ patterns = [], countries = DEFAULT_COUNTRIES }: RedactOptions = {}): Redact {
  const own = patterns.map(compile);
  const look = (text: string): Span[] => {
    const spans = own.flatMap(({ name, pattern }) =>
      Array.from(text.matchAll(pattern), ({ 0: found, index }): Span => {
        return { kind: name, start: index, end: index + found.length };
      }).filter(({ start, end }) => end > start),
    );
    spans.push(...findMails(text));
    if (/\d/.test(text)) {
      spans.push(...findIbans(text), ...findCards(text), ...findIds(text));
      spans.push(...findPhones(text, countries as readonly CountryCode[]));
    }
    return withoutOverlaps(spans);
  };
  return (text) => {
    let found: Span[] = [];
    let redacted = text;
    // What stood too close to something else to be told apart is seen once that is gone.
    for (let pass = 0; pass < PASSES; pass++) {
      const more = look(redacted);
      if (more.length === 0) break;
      found = merged(found, more);
      redacted = replaceSpans(text, found);
    }
    return { text: redacted, found };
  };
}

/** Adds spans of the redacted text to those of the text as it was that made it. */
function merged(found: readonly Span[], more: readonly Span[]): Span[] {
  if (found.length === 0) return [...more];
  // Positions are asked for in their order, so one goes through what was found before once.
  let at = 0;
  let shift = 0;
  const inText = (position: number, side: 'start' | 'end'): number => {
    for (; at < found.length; at++) {
      const { kind, start, end } = found[at]!;
      const from = start - shift;
      const to = from + placeholder(kind).length;
      if (position < from || (position === from && side === 'end')) break;
      // In the middle of a word put in: all that stood there.
      if (position < to) return side === 'start' ? start : end;
      if (position === to && side === 'end') return end;
      shift = end - to;
    }
    return position + shift;
  };
  const added = more.map(({ kind, start, end }): Span => {
    return { kind, start: inText(start, 'start'), end: inText(end, 'end') };
  });
  return withoutOverlaps([...added, ...found]);
}

/** Of those that overlap the first in the list stays. In the order of the text. */
function withoutOverlaps(spans: readonly Span[]): Span[] {
  if (spans.length < 2) return [...spans];
  // A mark for each character that is taken: as many steps as the spans have characters, however many spans there are.
  const taken = new Uint8Array(spans.reduce((end, span) => Math.max(end, span.end), 0));
  const kept = spans.filter(({ start, end }) => {
    if (taken.subarray(start, end).includes(1)) return false;
    taken.fill(1, start, end);
    return true;
  });
  return kept.sort((a, b) => a.start - b.start);
}

function replaceSpans(text: string, spans: readonly Span[]): string {
  let result = '';
  let at = 0;
  for (const { kind, start, end } of spans) {
    result += `${text.slice(at, start)}${placeholder(kind)}`;
    at = end;
  }
  return at === 0 ? text : result + text.slice(at);
}

/** What stands in the place of something of this kind. */
export function placeholder(kind: string): string {
  return `[${kind}]`;
}

function compile({ name, pattern }: RedactPattern): { name: string; pattern: RegExp } {
  if (!/^[\p{L}\p{N}_-]{1,40}$/u.test(name)) {
    throw new RedactionError(
      `the name ${JSON.stringify(name)} of a pattern must be 1 to 40 letters, digits, "_" or "-"`,
    );
  }
  const [source, flags] = typeof pattern === 'string' ? [pattern, 'u'] : [pattern.source, pattern.flags];
  let compiled: RegExp;
  try {
    compiled = new RegExp(source, `${flags.replaceAll(/[gy]/g, '')}g`);
  } catch {
    throw new RedactionError(`the pattern of "${name}" is no regular expression; correct it or leave it out`);
  }
  if (compiled.test('')) {
    throw new RedactionError(
      `the pattern of "${name}" also matches where nothing is; let it ask for a character at least`,
    );
  }
  compiled.lastIndex = 0;
  if (placeholder(name).match(compiled)) {
    throw new RedactionError(
      `the pattern of "${name}" matches the word that is put in its place, ${placeholder(name)}; choose another name`,
    );
  }
  return { name, pattern: compiled };
}
