/**
 * Pieces of text that were taken out once and are taken out wherever they stand.
 *
 * However many there are, a text is gone through once: at each of its words it is looked up whether a piece begins
 * there, by the piece's first word and the lengths that pieces with that word have.
 *
 * @module
 */

const words = /[\p{L}\p{N}]+/gu;
const wordSign = /[\p{L}\p{N}]/u;

interface Beginning {
  /** How far before its first word a piece begins, and how long it is. */
  before: number;
  length: number;
}

export class KnownPieces {
  readonly #places = new Map<string, string>();
  readonly #beginnings = new Map<string, Beginning[]>();

  /** @param place what is put in its place */
  add(piece: string, place: string): void {
    if (this.#places.has(piece)) return;
    const first = piece.match(words)?.[0];
    if (first === undefined) return;
    this.#places.set(piece, place);
    const before = piece.indexOf(first);
    const beginnings = this.#beginnings.get(first) ?? [];
    if (beginnings.some((one) => one.before === before && one.length === piece.length)) return;
    beginnings.push({ before, length: piece.length });
    // The longest first: one number may be the beginning of another.
    beginnings.sort((one, other) => other.length - one.length);
    this.#beginnings.set(first, beginnings);
  }

  takenOutOf(text: string): string {
    if (this.#places.size === 0) return text;
    let result = '';
    let done = 0;
    for (const { 0: word, index } of text.matchAll(words)) {
      for (const { before, length } of this.#beginnings.get(word) ?? []) {
        const start = index - before;
        if (start < done) continue;
        const place = this.#places.get(text.slice(start, start + length));
        // In the middle of a longer word it is something else.
        if (place === undefined || wordSign.test(text[start + length] ?? '')) continue;
        result += text.slice(done, start) + place;
        done = start + length;
        break;
      }
    }
    return done === 0 ? text : result + text.slice(done);
  }
}
