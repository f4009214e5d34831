/**
 * Calls in whose words something is said.
 *
 * Words are sealed, so there is no index of them, and there must be none: an index would be the words. To search them
 * means to open them, call by call. So a search goes through the calls of a filter, the newest first, says all the while
 * how far it has looked, ends after so many calls or hits, and goes on from there when it is asked to.
 *
 * @module
 */
import type { Database } from '../dialect/database.ts';
import { StoreValueError } from '../errors.ts';
import { toDate, toNumber } from '../integers.ts';
import type { Seal } from '../seal/seal.ts';
import type { Call, CallCursor, CallSearch, SearchStep } from './call.ts';
import { matching } from './call-filter.ts';
import { fromRow } from './call-row.ts';
import { folded, wordsOf } from './call-words.ts';
import { joinedCalls } from './joined-calls.ts';
import { stretches, within } from './windows.ts';

const usual = { calls: 10_000, hits: 100 };
const longestText = 1_000;
/** Opened at once; others have their turn afterwards. */
const atOnce = { calls: 100, bytes: 2 << 20 };

export async function* searchCalls(
  database: Database,
  seal: Seal,
  { text, before, mostCalls = usual.calls, mostHits = usual.hits, signal, ...filter }: CallSearch,
): AsyncGenerator<SearchStep, void, undefined> {
  const wanted = folded(text);
  if (wanted === '' || text.length > longestText)
    throw new StoreValueError(`Search for 1 to ${longestText.toLocaleString('en')} characters.`);
  let looked = 0;
  let wordless = 0;
  let found = 0;
  let reached: CallCursor | null = null;
  for await (const stretch of stretches(database, filter, { before })) {
    signal?.throwIfAborted();
    const heads = await database.read
      .selectFrom('calls')
      .leftJoin('call_texts', 'call_texts.call_id', 'calls.id')
      .select(['calls.id', 'calls.at', 'call_texts.bytes'])
      .where(within(filter, stretch))
      .where(matching(filter))
      .orderBy('calls.at', 'desc')
      .orderBy('calls.id', 'desc')
      .execute();
    for (const batch of batches(heads.map(({ id, at, bytes }) => ({ id, at: toDate(at), bytes })))) {
      signal?.throwIfAborted();
      const some = batch.slice(0, mostCalls - looked);
      const ids = some.filter(({ bytes }) => bytes !== null).map(({ id }) => id);
      const rows =
        ids.length === 0 ? [] : await joinedCalls(database.read).where('calls.id', 'in', ids).execute();
      const calls = new Map(rows.map((row) => [row.id, fromRow(row, seal)]));
      const hits: Call[] = [];
      for (const head of some) {
        if (found === mostHits) break;
        const call = calls.get(head.id);
        looked += 1;
        reached = { at: head.at, id: head.id };
        if (call === undefined || call.request === null) wordless += 1;
        else if (says(call, wanted)) {
          found += 1;
          hits.push(call);
        }
      }
      const isOver = looked === mostCalls || found === mostHits;
      yield { hits, looked, wordless, reached, next: isOver ? reached : null, done: isOver };
      if (isOver) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  yield { hits: [], looked, wordless, reached, next: null, done: true };
}

function says(call: Call, wanted: string): boolean {
  for (const words of wordsOf(call)) if (folded(words).includes(wanted)) return true;
  return false;
}

interface Head {
  id: string;
  at: Date;
  bytes: number | bigint | string | null;
}

function* batches(heads: readonly Head[]): Generator<Head[]> {
  let batch: Head[] = [];
  let bytes = 0;
  for (const head of heads) {
    const size = toNumber(head.bytes);
    if (batch.length > 0 && (batch.length === atOnce.calls || bytes + size > atOnce.bytes)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(head);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}
