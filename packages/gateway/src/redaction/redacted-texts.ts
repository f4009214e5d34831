/**
 * The texts of one call and what becomes of each.
 *
 * @module
 */
import type { Redact } from '@kolben/distill';
import type { RedactHook } from '../config/redaction-schema.ts';
import type { FoundText, TextExchange } from './found-text.ts';
import { KnownPieces } from './known-pieces.ts';

export interface TextRedactor {
  redact: Redact;
  /** A function of one's own; goes first. */
  hook?: RedactHook | undefined;
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
  readonly #waiting: FoundText[] = [];
  readonly #redacted = new Map<string, string>();
  readonly #known = new KnownPieces();
  #turnBegan = 0;

  constructor(redactor: TextRedactor) {
    this.#redactor = redactor;
  }

  add(found: FoundText): void {
    const key = keyOf(found);
    if (this.#redacted.has(key)) return;
    this.#redacted.set(key, found.text);
    this.#waiting.push(found);
  }

  /**
   * Redacts what was added.
   *
   * @throws HookFailed
   */
  async redact(): Promise<void> {
    this.#turnBegan = performance.now();
    for (let found = this.#waiting.pop(); found; found = this.#waiting.pop()) {
      const { hook } = this.#redactor;
      const own = hook && !found.isName && found.text !== '' ? await callHook(hook, found.text) : found.text;
      this.#redacted.set(keyOf(found), await this.#withoutPersonal(own));
    }
  }

  /** A text that was added, as it may be stored. */
  of(found: FoundText): string {
    const text = this.#redacted.get(keyOf(found));
    if (text === undefined) throw new TypeError('A text was not looked at.');
    return this.#known.takenOutOf(text);
  }

  async #withoutPersonal(text: string): Promise<string> {
    let result = '';
    for (const piece of piecesOf(text)) {
      if (performance.now() - this.#turnBegan > turnMs) {
        await new Promise((resolve) => setImmediate(resolve));
        this.#turnBegan = performance.now();
      }
      const { text: redacted, found } = this.#redactor.redact(piece);
      for (const { kind, start, end } of found) this.#known.add(piece.slice(start, end), `[${kind}]`);
      result += redacted;
    }
    return result;
  }
}

/** The same text may be a name in one place and somebody's words in another. */
function keyOf({ text, isName }: FoundText): string {
  return `${isName ? 'n' : 't'}${text}`;
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
