/**
 * A process of its own that makes a store in a folder (its argument), takes its journal, and ends with both open.
 *
 * @module
 */
import { openStore } from '@kolben/store';
import { newCall } from './new-call.ts';

const [directory = ''] = process.argv.slice(2);
const store = await openStore({ directory });
const journal = await store.openJournal();
await journal.accept(newCall());
process.exit(0);
