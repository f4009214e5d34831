/**
 * A process of its own that sets money aside and never records a call; with `accept` as the fourth argument the calls are in the journal, though. Arguments: folder, number of calls, the moment
 * they came in. Prints `holding` when all of it is set aside, and then waits to be killed.
 *
 * @module
 */
import { openStore } from '../open-store.ts';
import { newCall } from './new-call.ts';
import { onPostgres, postgresFor } from './postgres.ts';

const [directory = '', calls = '1', at = '', accept] = process.argv.slice(2);
const store = await openStore({ directory, ...(onPostgres && { postgres: postgresFor(directory) }) });
for (let i = 0; i < Number(calls); i++) {
  await store.budgets.reserve({
    callId: `killed_${i}`,
    at: new Date(at),
    task: 'mail',
    keyId: 'key_1',
    most: 0.2,
    budgets: { total: 1 },
  });
}
if (accept === 'accept') {
  const journal = await store.openJournal();
  for (let i = 0; i < Number(calls); i++) {
    await journal.accept(newCall({ id: `killed_${i}`, at: new Date(at), cost: 0.05 }));
  }
}
process.stdout.write('holding\n');
setInterval(() => {}, 1_000);
