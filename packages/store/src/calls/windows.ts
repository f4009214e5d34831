/**
 * All calls of a task or of a time, from the newest to the oldest, in stretches of so many.
 *
 * A filter that no index knows must look at every call. In one statement that would hold up everybody else who reads an
 * embedded database for as long as it takes; so it is asked of one stretch after the other, and others have their turn in
 * between. An index for each thing that can be filtered by would be paid for by every call that is recorded.
 *
 * @module
 */
import type { Database } from '../dialect/database.ts';
import { toDate } from '../integers.ts';
import type { CallCursor, CallFilter } from './call.ts';
import { asNewAs, inScope } from './call-filter.ts';

const usualLength = 10_000;

/** Calls older than `before` (where there is one) and as new as `oldest` (where there is one). */
export interface Stretch {
  before: CallCursor | Date | undefined;
  oldest: CallCursor | undefined;
}

export async function* stretches(
  database: Database,
  filter: CallFilter,
  { before, length = usualLength }: { before?: CallCursor | Date | undefined; length?: number } = {},
): AsyncGenerator<Stretch, void, undefined> {
  let from = before;
  for (;;) {
    const last = await database.read
      .selectFrom('calls')
      .select(['at', 'id'])
      .where(inScope(filter, from))
      .orderBy('at', 'desc')
      .orderBy('id', 'desc')
      .limit(1)
      .offset(length - 1)
      .executeTakeFirst();
    const oldest = last && { at: toDate(last.at), id: last.id };
    yield { before: from, oldest };
    if (oldest === undefined) return;
    from = oldest;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The condition of being in one. */
export function within(filter: CallFilter, { before, oldest }: Stretch) {
  return (e: Parameters<ReturnType<typeof inScope>>[0]) =>
    e.and([inScope(filter, before)(e), ...(oldest === undefined ? [] : asNewAs(e, oldest))]);
}
