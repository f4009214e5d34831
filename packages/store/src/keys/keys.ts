/**
 * The API keys of the gateway.
 *
 * @module
 */
import type { Insertable, Selectable } from 'kysely';
import type { Database } from '../dialect/database.ts';
import { StoreValueError } from '../errors.ts';
import { fromDate, toDate, toDateOrNull, toNanoUsd } from '../integers.ts';
import type { ApiKeysTable } from '../schema.ts';
import { uuid7 } from '../uuid7.ts';
import { type Key, type KeyLimits, type Keys, type RotatedKey, type Scope, scopes } from './key.ts';
import { limitsOf } from './limits-of.ts';
import { looksLikeSecret, newSecret, sameHash, secretHash } from './secret.ts';

/** How long an answer of `verify` is remembered: as long as a key revoked elsewhere may still work. */
const rememberedMs = 1_000;
/** A key in use is looked up again so long before it's forgotten, and none of its calls waits for that. */
const renewedMs = 400;
/** Keys remembered at once; a company has dozens. */
const rememberedKeys = 10_000;
/** `last_used_at` is written at most this often per key. */
const touchedMs = 60_000;

interface Remembered {
  until: number;
  key: Promise<Key | undefined>;
  isRenewed: boolean;
}

export class StoredKeys implements Keys {
  readonly #database: Database;
  readonly #remembered = new Map<string, Remembered>();
  readonly #touched = new Map<string, number>();
  readonly #touching = new Set<Promise<void>>();

  constructor(database: Database) {
    this.#database = database;
  }

  async create(key: {
    name: string;
    scope: Scope;
    expiresAt?: Date;
    limits?: Partial<KeyLimits>;
  }): Promise<{ id: string; secret: string }> {
    if (!scopes.includes(key.scope)) {
      throw new StoreValueError(
        `The scope of a key is ${JSON.stringify(key.scope)}; it must be one of ${scopes.join(', ')}.`,
      );
    }
    if (key.name.trim() === '') throw new StoreValueError('A key needs a name; say what it is for.');
    const id = `key_${uuid7()}`;
    const secret = newSecret();
    await this.#database.exclusively((transaction) =>
      transaction
        .insertInto('api_keys')
        .values({
          id,
          name: key.name,
          scope: key.scope,
          secret_sha256: secretHash(secret),
          created_at: Date.now(),
          last_used_at: null,
          expires_at: key.expiresAt === undefined ? null : fromDate(key.expiresAt, 'expiresAt'),
          revoked_at: null,
          ...noLimits,
          ...limitColumns(key.limits ?? {}),
        })
        .execute(),
    );
    return { id, secret };
  }

  async verify(secret: string): Promise<Key | undefined> {
    if (!looksLikeSecret(secret)) return undefined;
    const hash = secretHash(secret);
    const key = await this.#recall(hash);
    if (key === undefined || (key.expiresAt !== null && key.expiresAt.getTime() <= Date.now()))
      return undefined;
    this.#touch(key.id);
    return key;
  }

  async list(): Promise<Key[]> {
    const rows = await this.#database.read
      .selectFrom('api_keys')
      .selectAll()
      .orderBy('created_at')
      .orderBy('id')
      .execute();
    return rows.map(fromRow);
  }

  async revoke(id: string): Promise<boolean> {
    const result = await this.#database.exclusively((transaction) =>
      transaction
        .updateTable('api_keys')
        .set({ revoked_at: Date.now() })
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .executeTakeFirst(),
    );
    // After the commit: whoever asks from here on reads the database.
    this.#remembered.clear();
    return result.numUpdatedRows > 0n;
  }

  async rotate(id: string, graceMs: number): Promise<RotatedKey | undefined> {
    if (!Number.isSafeInteger(graceMs) || graceMs < 0) {
      throw new StoreValueError(
        `A time of grace of ${graceMs} ms is none; it must be a whole number from 0 on.`,
      );
    }
    const secret = newSecret();
    const newId = `key_${uuid7()}`;
    const now = Date.now();
    const rotated = await this.#database.exclusively(async (transaction) => {
      const row = await transaction
        .selectFrom('api_keys')
        .selectAll()
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .executeTakeFirst();
      if (row === undefined) return undefined;
      const { name, scope, limits, createdAt, expiresAt } = fromRow(row);
      if (expiresAt !== null && expiresAt.getTime() <= now) return undefined;
      const until = expiresAt === null ? null : now + Math.max(0, expiresAt.getTime() - createdAt.getTime());
      await transaction
        .insertInto('api_keys')
        .values({
          id: newId,
          name,
          scope,
          secret_sha256: secretHash(secret),
          created_at: now,
          last_used_at: null,
          expires_at: until,
          revoked_at: null,
          ...limitColumns(limits),
        })
        .execute();
      const oldUntil =
        graceMs === 0 ? null : Math.min(now + graceMs, expiresAt?.getTime() ?? Number.POSITIVE_INFINITY);
      await transaction
        .updateTable('api_keys')
        .set(oldUntil === null ? { revoked_at: now } : { expires_at: oldUntil })
        .where('id', '=', id)
        .execute();
      return {
        id: newId,
        secret,
        name,
        scope,
        expiresAt: until === null ? null : new Date(until),
        oldWorksUntil: oldUntil === null ? null : new Date(oldUntil),
      };
    });
    this.#remembered.clear();
    return rotated;
  }

  async limit(id: string, limits: Partial<KeyLimits>): Promise<boolean> {
    const columns = limitColumns(limits);
    if (Object.keys(columns).length === 0) {
      throw new StoreValueError('No limit was named; name one of those that a key has.');
    }
    const result = await this.#database.exclusively((transaction) =>
      transaction
        .updateTable('api_keys')
        .set(columns)
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .executeTakeFirst(),
    );
    this.#remembered.clear();
    return result.numUpdatedRows > 0n;
  }

  /** Waits for the notes of last use that are on their way. */
  async close(): Promise<void> {
    await Promise.all(this.#touching);
  }

  /** Questions that come at once share one look into the database; only keys that are good are remembered. */
  #recall(hash: string): Promise<Key | undefined> {
    const now = performance.now();
    const known = this.#remembered.get(hash);
    if (known !== undefined && known.until > now) {
      if (known.until - now <= renewedMs && !known.isRenewed) this.#renew(hash, known, now);
      return known.key;
    }
    const key = this.#find(hash);
    const remembered = { until: now + rememberedMs, key, isRenewed: false };
    if (this.#remembered.size >= rememberedKeys) this.#remembered.clear();
    this.#remembered.set(hash, remembered);
    const forget = () => {
      if (this.#remembered.get(hash) === remembered) this.#remembered.delete(hash);
    };
    key.then((found) => found ?? forget(), forget);
    return key;
  }

  async #find(hash: string): Promise<Key | undefined> {
    const row = await this.#database.read
      .selectFrom('api_keys')
      .selectAll()
      .where('secret_sha256', '=', hash)
      .where('revoked_at', 'is', null)
      .executeTakeFirst();
    return row !== undefined && sameHash(row.secret_sha256, hash) ? fromRow(row) : undefined;
  }

  #renew(hash: string, known: Remembered, now: number): void {
    known.isRenewed = true;
    const key = this.#find(hash);
    const until = now + rememberedMs;
    key.then(
      // Unless it was forgotten meanwhile: by a revocation, which this look may not have seen.
      (found) => {
        if (this.#remembered.get(hash) !== known) return;
        if (found) this.#remembered.set(hash, { until, key, isRenewed: false });
        else this.#remembered.delete(hash);
      },
      // A store that can't be read now is asked again by the call that has to wait for it.
      () => {},
    );
  }

  #touch(id: string): void {
    const now = Date.now();
    if (now - (this.#touched.get(id) ?? 0) < touchedMs) return;
    this.#touched.set(id, now);
    const note = this.#database
      .exclusively((transaction) =>
        transaction.updateTable('api_keys').set({ last_used_at: now }).where('id', '=', id).execute(),
      )
      // When a key was used last is a courtesy: no call fails because it couldn't be written.
      .then(
        () => {},
        () => {},
      )
      .finally(() => this.#touching.delete(note));
    this.#touching.add(note);
  }
}

function fromRow(row: Selectable<ApiKeysTable>): Key {
  return {
    id: row.id,
    name: row.name,
    scope: row.scope,
    limits: limitsOf(row),
    createdAt: toDate(row.created_at),
    lastUsedAt: toDateOrNull(row.last_used_at),
    expiresAt: toDateOrNull(row.expires_at),
    revokedAt: toDateOrNull(row.revoked_at),
  };
}

type LimitColumns = Pick<
  Insertable<ApiKeysTable>,
  'budget_nano_usd' | 'requests_per_minute' | 'tokens_per_minute'
>;

const noLimits: LimitColumns = { budget_nano_usd: null, requests_per_minute: null, tokens_per_minute: null };

/** Those that are named. @throws StoreValueError for what is no limit */
function limitColumns(limits: Partial<KeyLimits>): Partial<LimitColumns> {
  const { usdPerMonth, requestsPerMinute, tokensPerMinute } = limits;
  const columns: Partial<LimitColumns> = {};
  if (usdPerMonth !== undefined) {
    columns.budget_nano_usd = usdPerMonth === null ? null : toNanoUsd(usdPerMonth, "A key's budget");
  }
  if (requestsPerMinute !== undefined) {
    columns.requests_per_minute = atLeastOne(requestsPerMinute, 'requests');
  }
  if (tokensPerMinute !== undefined) columns.tokens_per_minute = atLeastOne(tokensPerMinute, 'tokens');
  return columns;
}

function atLeastOne(limit: number | null, what: string): number | null {
  if (limit === null || (Number.isSafeInteger(limit) && limit >= 1)) return limit;
  throw new StoreValueError(
    `A limit of ${limit} ${what} per minute is none; it must be a whole number from 1 on.`,
  );
}
