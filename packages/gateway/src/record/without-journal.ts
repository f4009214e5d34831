/**
 * For a gateway that has no journal, since another one has the folder: calls are safe when the database has them, so
 * that is what the end of an answer waits for.
 *
 * @module
 */
import type { CallJournal, Store } from '@kolben/store';

/** What is known of a call only later (that its client had gone) is not added. */
export function withoutJournal(store: Pick<Store, 'calls'>): Pick<CallJournal, 'accept'> {
  return {
    accept: async (call) => ({ id: await store.calls.record(call), settle: async () => {} }),
  };
}
