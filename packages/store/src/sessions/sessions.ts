/**
 * The sessions of the console, in the database, so that all gateways that share it know them.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import type { Database } from '../dialect/database.ts';
import { StoreValueError } from '../errors.ts';
import { fromDate, toDate, toNumber } from '../integers.ts';
import { limitsOf } from '../keys/limits-of.ts';
import { secretHash } from '../keys/secret.ts';
import type { Session, SessionLook, Sessions } from './session.ts';

const shape = /^[A-Za-z0-9_-]{43}$/;
/** `last_used_at` is written at most this often per session. */
const touchedMs = 60_000;

export class StoredSessions implements Sessions {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async begin({ keyId, now, lifeMs }: { keyId: string; now: Date; lifeMs: number }): Promise<string> {
    const token = randomBytes(32).toString('base64url');
    const at = fromDate(now, 'The beginning of a session');
    await this.#database.exclusively(async (transaction) => {
      const key = await transaction
        .selectFrom('api_keys')
        .select(['scope', 'expires_at', 'revoked_at'])
        .where('id', '=', keyId)
        .executeTakeFirst();
      if (
        key === undefined ||
        key.scope !== 'admin' ||
        key.revoked_at !== null ||
        (key.expires_at !== null && toNumber(key.expires_at) <= at)
      )
        throw new StoreValueError(
          'A session needs a key of scope admin that works; there is none of this id.',
        );
      await transaction.deleteFrom('console_sessions').where('expires_at', '<=', at).execute();
      await transaction
        .insertInto('console_sessions')
        .values({
          token_sha256: secretHash(token),
          key_id: keyId,
          created_at: at,
          last_used_at: at,
          expires_at: at + lifeMs,
        })
        .execute();
    });
    return token;
  }

  async find(token: string, { now, idleMs, isUse }: SessionLook): Promise<Session | undefined> {
    if (!shape.test(token)) return undefined;
    const at = fromDate(now, 'now');
    const hash = secretHash(token);
    const row = await this.#database.read
      .selectFrom('console_sessions as s')
      .innerJoin('api_keys as k', 'k.id', 's.key_id')
      .select(['s.created_at', 's.last_used_at', 's.expires_at', 'k.id', 'k.name'])
      .select(['k.budget_nano_usd', 'k.requests_per_minute', 'k.tokens_per_minute'])
      .where('s.token_sha256', '=', hash)
      .where('s.expires_at', '>', at)
      .where('s.last_used_at', '>', at - idleMs)
      .where('k.scope', '=', 'admin')
      .where('k.revoked_at', 'is', null)
      .where((e) => e.or([e('k.expires_at', 'is', null), e('k.expires_at', '>', at)]))
      .executeTakeFirst();
    if (row === undefined) return undefined;
    if (isUse && at - toNumber(row.last_used_at) >= touchedMs) {
      await this.#database.exclusively((transaction) =>
        transaction
          .updateTable('console_sessions')
          .set({ last_used_at: at })
          .where('token_sha256', '=', hash)
          .execute(),
      );
    }
    return {
      key: { id: row.id, name: row.name, limits: limitsOf(row) },
      createdAt: toDate(row.created_at),
      lastUsedAt: toDate(row.last_used_at),
      expiresAt: toDate(row.expires_at),
    };
  }

  async end(token: string): Promise<boolean> {
    if (!shape.test(token)) return false;
    const result = await this.#database.exclusively((transaction) =>
      transaction
        .deleteFrom('console_sessions')
        .where('token_sha256', '=', secretHash(token))
        .executeTakeFirst(),
    );
    return result.numDeletedRows > 0n;
  }
}
