/**
 * Turns what SQLite, libsql and the file system say into the errors of the store.
 *
 * @module
 */
import { KolbenError } from '@kolben/engine/error';
import { StoreCorruptError, StoreLockedError, StoreUnwritableError } from '../errors.ts';

/** Codes of the file system that mean: not here, not you, or no room. */
const unwritable = new Set([
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOTDIR',
  'EEXIST',
  'EISDIR',
  'ENOENT',
  'ENAMETOOLONG',
  'ELOOP',
  'EMFILE',
  'ENFILE',
  'EIO',
  'EFBIG',
]);
const full = new Set(['ENOSPC', 'EDQUOT']);

/** The error to throw instead of `cause`; `cause` itself where it is none of the user's making. */
export function toStoreError(cause: unknown, location: string, patienceMs: number): unknown {
  if (KolbenError.isInstance(cause) || !(cause instanceof Error)) return cause;
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  const says = cause.message;
  if (full.has(code) || code === 'SQLITE_FULL') {
    return new StoreUnwritableError(
      `The store ${location} can't grow, for the disk is full; make room and try again.`,
      { cause },
    );
  }
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return new StoreLockedError(
      `The store ${location} was kept locked by another process for ${patienceMs / 1000} seconds; ` +
        'wait until that process is done, or stop it, and try again.',
      { cause },
    );
  }
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') {
    return new StoreCorruptError(
      `The store ${location} is damaged or no database at all (${says}); ` +
        'put back a backup of it, or move it away to begin an empty one.',
      { cause },
    );
  }
  if (
    unwritable.has(code) ||
    ['SQLITE_READONLY', 'SQLITE_CANTOPEN', 'SQLITE_PERM', 'SQLITE_IOERR'].some((c) => code.startsWith(c)) ||
    says.startsWith('ConnectionFailed(')
  ) {
    return new StoreUnwritableError(
      `The store ${location} can't be written (${says}); ` +
        'check that its folder and files belong to you and that the disk takes writes.',
      { cause },
    );
  }
  return cause;
}
