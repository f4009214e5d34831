/**
 * A process of its own that changes the key of a store (argument: its folder) and prints a line before it begins and
 * after each step.
 *
 * @module
 */
import { writeSync } from 'node:fs';
import { openStore } from '../open-store.ts';
import { onPostgres, postgresFor } from './postgres.ts';

const [directory = ''] = process.argv.slice(2);
const store = await openStore({ directory, ...(onPostgres && { postgres: postgresFor(directory) }) });
writeSync(1, 'begun\n');
await store.rotateKey({ onProgress: (rows) => writeSync(1, `${rows}\n`) });
await store.close();
