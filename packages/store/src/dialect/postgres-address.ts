/**
 * From a Postgres URL to what pg is told, and to words for messages that hold no password.
 *
 * @module
 */
import pg from 'pg';
import { StoreRefusedError, StoreValueError } from '../errors.ts';
import { type PostgresOptions, schemaName } from '../postgres-options.ts';
import type { Whereabouts } from './to-postgres-error.ts';

export interface PostgresAddress {
  config: pg.ClientConfig;
  schema: string;
  poolSize: number;
  whereabouts: Whereabouts;
}

/** How long the way to the server and its greeting may take. */
const connectMs = 10_000;
/** A gateway that hangs, or whose network is cut, in a transaction must not keep the others out for long. */
const idleInTransactionMs = 60_000;

const local = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\]|\/.*)$/;

/** @throws StoreRefusedError for what is no such URL; the URL itself is not in the message */
export function postgresAddress(options: PostgresOptions): PostgresAddress {
  const schema = options.schema ?? 'kolben';
  if (!schemaName.test(schema)) {
    throw new StoreValueError(
      `The schema ${JSON.stringify(schema)} can't be used; a name has 1 to 63 of a–z, 0–9 and _, no digit first.`,
    );
  }
  const url = parse(options.url);
  const statementMs = options.statementTimeoutMs ?? 60_000;
  const patienceMs = options.patienceMs ?? 10_000;
  // Ours behind the user's own, so that what the promises rest on holds in any case.
  const settings = [
    url.searchParams.get('options') ?? '',
    `-c search_path=${schema}`,
    `-c statement_timeout=${statementMs}`,
    `-c lock_timeout=${patienceMs}`,
    `-c idle_in_transaction_session_timeout=${idleInTransactionMs}`,
    // Under the lock each statement must see what was committed before the lock was had; only this level does.
    '-c default_transaction_isolation=read\\ committed',
    '-c extra_float_digits=1',
  ];
  url.searchParams.delete('options');
  const config: pg.ClientConfig = {
    connectionString: url.href,
    options: settings.join(' ').trim(),
    application_name: url.searchParams.get('application_name') ?? 'kolben',
    connectionTimeoutMillis: connectMs,
    keepAlive: true,
    types: { getTypeParser: typeParser } as pg.CustomTypesConfig,
  };
  let client = new pg.Client(config);
  const saysHow = url.searchParams.has('sslmode') || url.searchParams.has('ssl') || process.env.PGSSLMODE;
  if (!saysHow && !local.test(client.host)) {
    // Over a network only with TLS and a certificate that is checked, unless the URL says otherwise.
    config.ssl = true;
    client = new pg.Client(config);
  }
  const { host, port, user = '', database = '' } = client;
  const place = schema === 'kolben' ? '' : ` (schema ${schema})`;
  return {
    config,
    schema,
    poolSize: options.poolSize ?? 8,
    whereabouts: {
      location: `${host.startsWith('/') ? `${host}, port ${port}` : `${host}:${port}`}/${database}${place}`,
      user,
      database,
      lockMs: patienceMs,
      statementMs,
    },
  };
}

function parse(text: string): URL {
  let url: URL | undefined;
  try {
    url = new URL(text);
  } catch {
    // The error of `new URL` holds the text, and the text a password.
  }
  if (url === undefined || (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:')) {
    throw new StoreRefusedError(
      'What is given as the address of the Postgres server is no URL such as ' +
        'postgres://user:password@host:5432/database; correct it (signs like / and @ in a password are written %2F and %40).',
    );
  }
  return url;
}

const bytes = 17;
const int8 = 20;
const numeric = 1700;

/** Whole numbers come as from SQLite: as `number` where they fit, else as `bigint`; never rounded. */
function typeParser(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  if (oid === int8 || oid === numeric) return wholeOrDigits;
  return oid === bytes
    ? pg.types.getTypeParser(oid, 'text')
    : (pg.types.getTypeParser(oid, format ?? 'text') as (value: string) => unknown);
}

export function wholeOrDigits(digits: string): number | bigint | string {
  if (!/^-?\d+$/.test(digits)) return digits;
  const number = Number(digits);
  return Number.isSafeInteger(number) ? number : BigInt(digits);
}
