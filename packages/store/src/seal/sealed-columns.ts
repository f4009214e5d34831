/**
 * Where sealed texts lie: every column that a change of keys has to go through.
 *
 * @module
 */

export interface SealedTable {
  table: 'call_texts';
  /** The column that a text's place names as its row, unique in the table. */
  id: 'call_id';
  columns: readonly ('request' | 'response' | 'student_answer' | 'error_message' | 'audit_response')[];
}

export const sealedTables: readonly SealedTable[] = [
  {
    table: 'call_texts',
    id: 'call_id',
    columns: ['request', 'response', 'student_answer', 'error_message', 'audit_response'],
  },
];
