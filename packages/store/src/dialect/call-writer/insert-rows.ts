/**
 * Inserts many rows by few statements, each prepared once.
 *
 * A statement for as many rows as there happen to be would be written and compiled anew for each batch, which takes
 * longer than inserting them. So there are statements for a few numbers of rows, and a batch is cut into those.
 *
 * @module
 */
import { CompiledQuery } from 'kysely';
import type { CallRows } from '../../calls/call-row.ts';
import type { InsertCalls } from '../../calls/insert-calls.ts';

/** Rows of a statement, the most first. */
const sizes = [64, 16, 4, 1];

/** @param rowOf of a call, the row of this table, which begins with the call's id */
export function insertInto(table: string, rowOf: (call: CallRows) => object): InsertCalls {
  const statements = new Map<string, string>();
  const statementFor = (columns: readonly string[], size: number) => {
    const key = `${size} ${columns.join()}`;
    const known = statements.get(key);
    if (known !== undefined) return known;
    const row = `(${columns.map(() => '?').join(',')})`;
    const rows = Array.from({ length: size }, () => row).join(',');
    const statement = `insert into ${table} (${columns.join(',')}) values ${rows} on conflict do nothing returning ${columns[0]}`;
    statements.set(key, statement);
    return statement;
  };
  return async (transaction, calls) => {
    const rows = calls.map((call) => rowOf(call) as Record<string, unknown>);
    const columns = Object.keys(rows[0] ?? {});
    const recorded: string[] = [];
    for (let at = 0; at < rows.length; ) {
      const size = sizes.find((one) => one <= rows.length - at)!;
      const values = rows.slice(at, at + size).flatMap((row) => columns.map((column) => row[column]));
      const query = CompiledQuery.raw(statementFor(columns, size), values);
      const inserted = await transaction.executeQuery<Record<string, string>>(query);
      for (const row of inserted.rows) recorded.push(row[columns[0]!]!);
      at += size;
    }
    return recorded;
  };
}
