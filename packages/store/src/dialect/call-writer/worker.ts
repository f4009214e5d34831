/**
 * The thread that writes calls, with a connection of its own.
 *
 * @module
 */
import { parentPort, workerData } from 'node:worker_threads';
import { Kysely } from 'kysely';
import { insertCalls } from '../../calls/insert-calls.ts';
import type { Schema } from '../../schema.ts';
import { LibsqlConnection } from '../libsql-connection.ts';
import { LibsqlDialect } from '../libsql-dialect.ts';
import { prepareConnection } from '../prepare-connection.ts';
import { insertInto } from './insert-rows.ts';
import type { Answer, Failure, Request, WriterData } from './protocol.ts';

const port = parentPort;
if (!port) throw new TypeError('this file is the thread that writes calls; it is started by CallWriter');

const { location, patienceMs } = workerData as WriterData;
const connection = new LibsqlConnection(location, patienceMs);
const database = new Kysely<Schema>({ dialect: new LibsqlDialect(connection) });
const insert = {
  figures: insertInto('calls', ({ figures }) => figures),
  texts: insertInto('call_texts', ({ texts }) => texts),
};
let last: Promise<void> = prepareConnection(connection, location);

port.on('message', (request: Request) => {
  last = last.then(() => answer(request));
});

async function answer(request: Request): Promise<void> {
  if ('close' in request) {
    connection.close();
    port?.close();
    return;
  }
  let said: Answer;
  try {
    const recorded = await database
      .transaction()
      .execute((transaction) => insertCalls(transaction, request.batch, insert));
    said = { id: request.id, recorded };
  } catch (error) {
    said = { id: request.id, failure: failureOf(error) };
  }
  port?.postMessage(said);
}

/** What SQLite said, where an error of the store stands before it: it is made again at the other end. */
function failureOf(error: unknown): Failure {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { message } = cause instanceof Error ? cause : new Error(String(cause));
  return {
    message,
    code: cause instanceof Error && 'code' in cause ? String(cause.code) : '',
  };
}
