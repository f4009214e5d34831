/**
 * Stores that take their time: what they are asked to write is written when the test says so.
 *
 * @module
 */
import type { CallJournal, Store } from '@kolben/store';

/** Calls are safe at once, and in the database only after this. */
export function withHeldDatabase(store: Store, until: Promise<void>): Store {
  return withJournal(store, (journal) => ({
    accept: async (call) => {
      const accepted = await journal.accept(call);
      return {
        id: accepted.id,
        settle: async (later) => {
          await until;
          await accepted.settle(later);
        },
      };
    },
  }));
}

/** Calls are safe only after this. */
export function withHeldJournal(store: Store, until: Promise<void>): Store {
  return withJournal(store, (journal) => ({
    accept: async (call) => {
      await until;
      return journal.accept(call);
    },
  }));
}

export function withJournal(
  store: Store,
  wrap: (journal: CallJournal) => Pick<CallJournal, 'accept'>,
): Store {
  return {
    ...store,
    openJournal: async () => {
      const journal = await store.openJournal();
      const { accept } = wrap(journal);
      return { recovered: journal.recovered, accept, close: () => journal.close() };
    },
  };
}
