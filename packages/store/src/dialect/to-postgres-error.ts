/**
 * Turns what a Postgres server, pg and the network say into the errors of the store. Which codes there are:
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 *
 * @module
 */
import { KolbenError } from '@kolben/engine/error';
import {
  StoreLockedError,
  StoreRefusedError,
  StoreTimeoutError,
  StoreUnreachableError,
  StoreUnwritableError,
} from '../errors.ts';

/** Whom an error is about. */
export interface Whereabouts {
  /** Host, port and database, without user and password. */
  location: string;
  user: string;
  database: string;
  lockMs: number;
  statementMs: number;
}

/** The server ends the connection, takes none for now, or the connection is gone. */
const gone = new Set(['57P01', '57P02', '57P03', '57P05', '25P03', '53300', '53400']);

/** An error of the server's own, as pg hands it over. */
function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** True where the server itself said no; then the connection is as good as before, unless the code says otherwise. */
function isFromServer(error: Error): boolean {
  return 'severity' in error && /^[0-9A-Z]{5}$/.test(codeOf(error));
}

/** Whether the connection is lost, so that nothing more can be asked on it. */
export function isLost(error: unknown): boolean {
  if (!(error instanceof Error) || KolbenError.isInstance(error)) return false;
  if (!isFromServer(error)) return true;
  const code = codeOf(error);
  return gone.has(code) || code.startsWith('08');
}

/** The error to throw instead of `cause`; `cause` itself where it is none of the operator's to mend. */
export function toPostgresError(cause: unknown, at: Whereabouts): unknown {
  if (KolbenError.isInstance(cause) || !(cause instanceof Error)) return cause;
  const options = { cause };
  const { location, user, database } = at;
  const code = codeOf(cause);
  if (!isFromServer(cause)) return withoutServer(cause, code, at);
  if (code === '53300' || code === '53400') {
    return new StoreUnreachableError(
      `The database server of ${location} has no place for another connection; raise its max_connections, or ` +
        'lower poolSize in the configuration of each gateway.',
      options,
    );
  }
  if (code === '57014') {
    return new StoreTimeoutError(
      `The database server of ${location} took longer than ${at.statementMs / 1000} seconds for a query; ` +
        'ask for less at once, or raise statementTimeoutMs in the configuration.',
      options,
    );
  }
  if (isLost(cause)) {
    return new StoreUnreachableError(
      `The database server of ${location} closed the connection (${cause.message}); ` +
        'look whether it runs, and try again.',
      options,
    );
  }
  if (code === '55P03' || code === '40P01') {
    return new StoreLockedError(
      `The store ${location} was kept locked by another process for ${at.lockMs / 1000} seconds; ` +
        'wait until that process is done, or stop it, and try again.',
      options,
    );
  }
  if (code === '28P01' || code === '28000') {
    return new StoreRefusedError(
      `The database server of ${location} lets the user ${user} not in (${cause.message}); ` +
        'correct the user or the password, or the server’s pg_hba.conf.',
      options,
    );
  }
  if (code === '3D000') {
    return new StoreRefusedError(
      `There is no database ${database} on the server of ${location}; ` +
        `make it (createdb ${database}), or correct its name.`,
      options,
    );
  }
  if (code === '42501') {
    return new StoreRefusedError(
      `The user ${user} may not do this in ${location} (${cause.message}); ` +
        'make it the owner of the schema and its tables.',
      options,
    );
  }
  if (code === '53100') {
    return new StoreUnwritableError(
      `The store ${location} can't grow, for the server's disk is full; make room and try again.`,
      options,
    );
  }
  if (code === '25006') {
    return new StoreUnwritableError(
      `The database server of ${location} takes no writes (${cause.message}); ` +
        'name the server that is the primary one.',
      options,
    );
  }
  return cause;
}

/** What pg and the network say before, or instead of, the server. */
function withoutServer(cause: Error, code: string, { location }: Whereabouts): KolbenError {
  const options = { cause };
  const says = code === '' ? cause.message : code;
  if (/does not support SSL/i.test(cause.message)) {
    return new StoreRefusedError(
      `The database server of ${location} speaks no TLS; switch it on there, or, where the network between is all ` +
        'your own, add ?sslmode=disable to its URL.',
      options,
    );
  }
  if (/CERT|SELF_SIGNED|UNABLE_TO_|^ERR_TLS|^ERR_SSL/.test(code)) {
    return new StoreRefusedError(
      `The certificate of the database server of ${location} is not to be trusted (${code}); name the authority that ` +
        'signed it with sslrootcert in its URL, or in NODE_EXTRA_CA_CERTS.',
      options,
    );
  }
  if (/password must be a string|no password|SASL/i.test(cause.message)) {
    return new StoreRefusedError(
      `The database server of ${location} wants a password and none was given; put it into the URL that the ` +
        'environment variable holds, or into PGPASSWORD.',
      options,
    );
  }
  return new StoreUnreachableError(
    `The database server of ${location} can't be reached (${says}); look whether it runs, and whether its address ` +
      'is right.',
    options,
  );
}
