/**
 * A process of its own that records calls into a store, several at a time, and prints each id once it is
 * acknowledged. Arguments: folder, number of calls (0: until it is killed), characters per request; with `nobody`
 * as the fourth it gives up its special rights first, where it has any.
 *
 * @module
 */
import { writeSync } from 'node:fs';
import { KolbenError } from '@kolben/engine';
import { openStore } from '../open-store.ts';
import { newCall } from './new-call.ts';
import { onPostgres, postgresFor } from './postgres.ts';

const [directory = '', calls = '0', characters = '100', user] = process.argv.slice(2);
const content = 'x'.repeat(Number(characters));
let left = Number(calls) || Number.POSITIVE_INFINITY;

/** At once and a line at a time: what has been printed has been acknowledged, and the other way round. */
function print(line: string): void {
  for (;;) {
    try {
      writeSync(1, `${line}\n`);
      return;
    } catch (error) {
      // The pipe is full; who reads it is busy.
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
    }
  }
}

if (user === 'nobody' && process.getuid?.() === 0) {
  process.setgid?.(65534);
  process.setuid?.(65534);
}

try {
  const store = await openStore({ directory, ...(onPostgres && { postgres: postgresFor(directory) }) });
  const recordOneByOne = async () => {
    while (left-- > 0) {
      const id = await store.calls.record(newCall({ request: { messages: [{ role: 'user', content }] } }));
      print(id);
    }
  };
  await Promise.all(Array.from({ length: 8 }, recordOneByOne));
  await store.close();
} catch (error) {
  writeSync(2, KolbenError.isInstance(error) ? `${error.code}: ${error.message}\n` : `${error}\n`);
  process.exit(1);
}
