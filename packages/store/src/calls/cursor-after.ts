/**
 * The place so many calls further on, for whoever jumps into the middle of a long list.
 *
 * It is found along the index of times, without the calls that are passed over: stretch by stretch, as in `windows.ts`.
 *
 * @module
 */
import type { Database } from '../dialect/database.ts';
import { toDate, toNumber } from '../integers.ts';
import type { CallCursor, CallFilter } from './call.ts';
import { matching } from './call-filter.ts';
import { stretches, within } from './windows.ts';

/** @param skip ≥ 1 @returns the last of the calls passed over; undefined where there are not so many */
export async function cursorAfter(
  database: Database,
  filter: CallFilter,
  skip: number,
  before?: CallCursor | Date,
): Promise<CallCursor | undefined> {
  let left = skip;
  for await (const stretch of stretches(database, filter, { before })) {
    const meant = database.read.selectFrom('calls').where(within(filter, stretch)).where(matching(filter));
    const { n } = await meant.select((e) => e.fn.countAll().as('n')).executeTakeFirstOrThrow();
    if (toNumber(n) < left) {
      left -= toNumber(n);
      continue;
    }
    const last = await meant
      .select(['at', 'id'])
      .orderBy('at', 'desc')
      .orderBy('id', 'desc')
      .limit(1)
      .offset(left - 1)
      .executeTakeFirst();
    return last && { at: toDate(last.at), id: last.id };
  }
  return undefined;
}
