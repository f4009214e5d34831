/**
 * Calls with their sealed words, as `fromRow` reads them.
 *
 * @module
 */
import type { Database } from '../dialect/database.ts';

export function joinedCalls(read: Database['read']) {
  return read
    .selectFrom('calls')
    .leftJoin('call_texts', 'call_texts.call_id', 'calls.id')
    .selectAll('calls')
    .select([
      'call_texts.request',
      'call_texts.response',
      'call_texts.student_answer',
      'call_texts.error_message',
      'call_texts.audit_response',
    ]);
}
