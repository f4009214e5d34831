/**
 * Where sealed texts lie: every column that a change of keys has to go through.
 *
 * @module
 */

export interface SealedTable {
  /** They have a column `bytes` with the length of what is sealed in a row. */
  table: 'call_texts' | 'decisions';
  /** The column that a text's place names as its row, unique in the table. */
  id: 'call_id';
  columns: readonly string[];
}

/** A row of one of them, as far as sealed texts matter. */
export type SealedRow = { call_id: string } & Readonly<Record<string, Uint8Array | null>>;

export const sealedTables: readonly SealedTable[] = [
  {
    table: 'call_texts',
    id: 'call_id',
    columns: ['request', 'response', 'student_answer', 'error_message', 'audit_response'],
  },
  { table: 'decisions', id: 'call_id', columns: ['answer'] },
];
