/**
 * A task's answers that may be given once more, in memory: what was asked last is kept longest.
 *
 * In memory alone (decision 0213): the words are at rest in the store already, sealed and perhaps redacted; a second copy
 * of them would have to be sealed, deleted and moved to new keys as well.
 *
 * @module
 */

export interface CachedAnswer {
  /** The call that it was given to first. */
  callId: string;
  /** The completion, as JSON. */
  body: string;
}

export interface CacheLimits {
  ttlSeconds: number;
  entries: number;
  bytes: number;
}

interface Entry<Answer> {
  answer: Answer;
  /** By the cache's clock. */
  until: number;
  bytes: number;
}

/** What an entry needs beside its text: the digest, the record, its place in the map. */
const bytesBeside = 512;

export class AnswerCache<Answer extends CachedAnswer> {
  readonly #limits: CacheLimits;
  readonly #now: () => number;
  /** Those used last come last. */
  readonly #entries = new Map<string, Entry<Answer>>();
  #bytes = 0;

  /** @param now milliseconds of a clock that only goes forward */
  constructor(limits: CacheLimits, now: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#now = now;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(digest: string): Answer | undefined {
    const entry = this.#entries.get(digest);
    if (entry === undefined) return undefined;
    if (entry.until <= this.#now()) {
      this.delete(digest);
      return undefined;
    }
    this.#entries.delete(digest);
    this.#entries.set(digest, entry);
    return entry.answer;
  }

  /** An answer that is larger than the whole cache is not kept. */
  set(digest: string, answer: Answer): void {
    this.delete(digest);
    // JavaScript may keep two bytes for a character.
    const bytes = 2 * answer.body.length + bytesBeside;
    if (bytes > this.#limits.bytes) return;
    const until = this.#now() + this.#limits.ttlSeconds * 1_000;
    this.#entries.set(digest, { answer, until, bytes });
    this.#bytes += bytes;
    while (this.#entries.size > this.#limits.entries || this.#bytes > this.#limits.bytes) {
      this.delete(this.#entries.keys().next().value!);
    }
  }

  delete(digest: string): void {
    const entry = this.#entries.get(digest);
    if (entry === undefined) return;
    this.#entries.delete(digest);
    this.#bytes -= entry.bytes;
  }
}
