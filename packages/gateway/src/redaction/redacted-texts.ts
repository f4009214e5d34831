/**
 * The texts of one call and what becomes of each.
 *
 * @module
 */
import type { Redact } from '@kolben/distill';
import type { RedactHook } from '../config/redaction-schema.ts';
import { KnownPieces } from './known-pieces.ts';
import type { TextExchange } from './text-exchange.ts';

export interface TextRedactor {
  redact: Redact;
  /** A function of one's own; goes first. */
  hook?: RedactHook | undefined;
  /** Names in which nothing was found: nearly all calls have the same ones. */
  plainNames: PlainNames;
}

/** What is remembered is bounded, for names may come from outside. */
const mostNames = 1_000;
const longestName = 64;

export class PlainNames {
  #names = new Set<string>();

  /** Those that are known now; what is looked up here stays here. */
  get now(): ReadonlySet<string> {
    return this.#names;
  }

  add(name: string): void {
    if (name.length > longestName) return;
    if (this.#names.size >= mostNames) this.#names = new Set();
    this.#names.add(name);
  }
}

/** A function of one's own failed: the words it was asked about must not be stored. */
export class HookFailed extends Error {
  override readonly name = 'HookFailed';
}

/** Longer texts are looked at in pieces of about this many characters. */
const pieceLength = 32_768;
/** How long the other calls may be kept waiting, milliseconds. */
const turnMs = 4;
/** What a function of one's own may take for one text, milliseconds: the end of the answer waits for it. */
const hookMs = 1_000;

export class RedactedTexts implements TextExchange {
  readonly #redactor: TextRedactor;
  /** As they may be stored; those that wait are undefined. The same text may be a name in one place and words in another. */
  readonly #names = new Map<string, string | undefined>();
  readonly #words = new Map<string, string | undefined>();
  #waiting: { text: string; isName: boolean }[] = [];
  readonly #known = new KnownPieces();
  readonly #plain: ReadonlySet<string>;
  #hasChanged = false;
  #turnBegan = 0;

  constructor(redactor: TextRedactor) {
    this.#redactor = redactor;
    this.#plain = redactor.plainNames.now;
  }

  /** Whether any of the texts may not be stored as it is. */
  get hasChanged(): boolean {
    return this.#hasChanged;
  }

  readonly add = (text: string, isName: boolean): void => {
    if (isName && this.#plain.has(text)) return;
    const texts = isName ? this.#names : this.#words;
    if (texts.has(text)) return;
    texts.set(text, undefined);
    this.#waiting.push({ text, isName });
  };

  /**
   * Redacts what was added.
   *
   * @throws HookFailed
   */
  async redact(): Promise<void> {
    const { hook, plainNames } = this.#redactor;
    this.#turnBegan = performance.now();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { text, isName } of waiting) {
      const own = hook && !isName && text !== '' ? await callHook(hook, text) : text;
      const isShort = own.length <= pieceLength && performance.now() - this.#turnBegan <= turnMs;
      const redacted = isShort ? this.#look(own) : await this.#withoutPersonal(own);
      if (redacted !== text) this.#hasChanged = true;
      else if (isName) plainNames.add(text);
      (isName ? this.#names : this.#words).set(text, redacted);
    }
  }

  /** A text that was added, as it may be stored. */
  of(text: string, isName: boolean): string {
    const redacted = isName && this.#plain.has(text) ? text : (isName ? this.#names : this.#words).get(text);
    if (redacted === undefined) throw new TypeError('A text was not looked at.');
    return this.#known.takenOutOf(redacted);
  }

  async #withoutPersonal(text: string): Promise<string> {
    let result = '';
    for (const piece of piecesOf(text)) {
      if (performance.now() - this.#turnBegan > turnMs) {
        await new Promise((resolve) => setImmediate(resolve));
        this.#turnBegan = performance.now();
      }
      result += this.#look(piece);
    }
    return result;
  }

  #look(piece: string): string {
    const { text, found } = this.#redactor.redact(piece);
    for (const { kind, start, end } of found) this.#known.add(piece.slice(start, end), `[${kind}]`);
    return text;
  }
}

/** @throws HookFailed where it throws, gives no text, or takes too long */
export async function callHook(hook: RedactHook, text: string): Promise<string> {
  let clock: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<never>((_, reject) => {
      clock = setTimeout(() => reject(new HookFailed('It took too long.')), hookMs);
    });
    const result: unknown = await Promise.race([hook(text), late]);
    if (typeof result !== 'string') throw new HookFailed('It gave no text.');
    return result;
  } catch (cause) {
    // Whatever it threw may hold the text.
    throw cause instanceof HookFailed ? cause : new HookFailed('It threw an error.');
  } finally {
    clearTimeout(clock);
  }
}

/** Whole where it is short; else cut at line ends, or at spaces, where nothing that is looked for is cut in two. */
function* piecesOf(text: string): Generator<string> {
  let start = 0;
  while (text.length - start > pieceLength) {
    const window = text.slice(start, start + pieceLength);
    let cut = window.lastIndexOf('\n') + 1;
    // A number may have single spaces in it, so only a space between two letters parts.
    if (cut === 0) cut = lastGap(window);
    if (cut === 0) cut = pieceLength;
    yield text.slice(start, start + cut);
    start += cut;
  }
  yield text.slice(start);
}

function lastGap(window: string): number {
  for (let at = window.lastIndexOf(' '); at > 0; at = window.lastIndexOf(' ', at - 1)) {
    if (/\p{L}/u.test(window[at - 1]!) && /\p{L}/u.test(window[at + 1] ?? '')) return at + 1;
    if (window.length - at > 4_096) return at + 1;
  }
  return 0;
}
