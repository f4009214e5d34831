/**
 * What the files of a journal are called, in the order in which they were written.
 *
 * @module
 */

export const journalFile = /^calls-(\d{6,})\.journal$/;

export function journalFileName(number: number): string {
  return `calls-${String(number).padStart(6, '0')}.journal`;
}
