/**
 * The part of a long list of calls that was fetched: pages by their number, as many as are worth keeping.
 *
 * The list is that of the moment in which its first page was asked for: every other page is asked for from a call on that
 * is known already, so calls that are recorded meanwhile move nothing.
 *
 * @module
 */
import type { CallRow } from './call-rows.tsx';

export const pageLength = 100;
/** The farthest from where one looks are forgotten. */
const mostPages = 40;

export interface CallsAnswer {
  calls: readonly CallRow[];
  /** The place of the last of them; null where it is the end. */
  next: string | null;
}

export class CallPages {
  readonly #pages = new Map<number, readonly CallRow[]>();
  /** Places of the last calls of pages, also of forgotten ones. */
  readonly #ends = new Map<number, string>();

  constructor(first: CallsAnswer) {
    this.put(0, first);
  }

  at(index: number): CallRow | undefined {
    return this.#pages.get(Math.floor(index / pageLength))?.[index % pageLength];
  }

  put(page: number, { calls, next }: CallsAnswer): void {
    this.#pages.set(page, calls);
    if (next !== null) this.#ends.set(page, next);
    while (this.#pages.size > mostPages) {
      const far = [...this.#pages.keys()].reduce((one, other) =>
        Math.abs(other - page) > Math.abs(one - page) ? other : one,
      );
      this.#pages.delete(far);
    }
  }

  /** The first page that the rows `first` … `last` need and that isn't there. */
  missing(first: number, last: number): number | undefined {
    for (let page = Math.floor(first / pageLength); page * pageLength <= last; page++)
      if (!this.#pages.has(page)) return page;
    return undefined;
  }

  /** How it is asked for: from the nearest known call before it, passing over those between. */
  placeOf(page: number): { before?: string; skip?: string } {
    let known = -1;
    for (const one of this.#ends.keys()) if (one < page && one > known) known = one;
    const before = this.#ends.get(known);
    const skip = (page - known - 1) * pageLength;
    return { ...(before !== undefined && { before }), ...(skip > 0 && { skip: String(skip) }) };
  }
}
