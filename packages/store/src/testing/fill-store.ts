/**
 * A process of its own that puts very many calls into the embedded store of a folder. Arguments: folder, number of calls.
 *
 * They are those of `insertManyCalls`; every tenth has its words, sealed as always: it asked "question n". Those of the
 * others have been deleted, as it were: to seal them all would take longer than what is tried on them.
 *
 * @module
 */
import { toOpenCall } from '../calls/call-row.ts';
import { packCall, unpackCall } from '../calls/packed-call.ts';
import { migrate } from '../migrations/migrate.ts';
import { migrations } from '../migrations/migrations.ts';
import { openDatabase } from '../open-parts.ts';
import { findSeal } from '../seal/find-key.ts';
import { insertManyCalls, manyCallsId } from './many-calls.ts';
import { newCall } from './new-call.ts';

const [directory = '', calls = '0'] = process.argv.slice(2);
const withWords = 10;
const atOnce = 500;

const database = await openDatabase(directory, {});
await migrate(database, migrations);
const seal = await findSeal(database, directory, undefined);
await insertManyCalls(database, Number(calls));
await database.exclusively(async (transaction) => {
  const rows = Array.from({ length: Math.ceil(Number(calls) / withWords) }, (_, i) => {
    const n = i * withWords;
    const request = { messages: [{ role: 'user', content: `question ${n}` }] };
    return unpackCall(packCall(toOpenCall(newCall({ id: manyCallsId(n), request })), seal).body).texts;
  });
  for (let from = 0; from < rows.length; from += atOnce)
    await transaction
      .insertInto('call_texts')
      .values(rows.slice(from, from + atOnce))
      .execute();
});
await database.close();
