/**
 * An API key of the gateway: the shapes only; the work is in `keys.ts`.
 *
 * @module
 */

export const scopes = ['use', 'admin'] as const;
/** `use`: may call models; `admin`: may administer. Neither includes the other, so that a leaked app key opens no administration. */
export type Scope = (typeof scopes)[number];

/** What a key may use; null: as much as it likes. */
export interface KeyLimits {
  /** What its calls may cost in a calendar month (UTC), USD. */
  usdPerMonth: number | null;
  /** In each minute of the clock, whole numbers ≥ 1. */
  requestsPerMinute: number | null;
  tokensPerMinute: number | null;
}

/** What is known of a key. Its secret isn't: only the SHA-256 of it is stored. */
export interface Key {
  id: string;
  name: string;
  scope: Scope;
  limits: KeyLimits;
  createdAt: Date;
  /** Accurate to the minute. */
  lastUsedAt: Date | null;
  expiresAt: Date | null;
  revokedAt: Date | null;
}

export interface RotatedKey {
  /** Of the new key. */
  id: string;
  secret: string;
  name: string;
  scope: Scope;
  expiresAt: Date | null;
  /** Until when the old key works; null where it was revoked. */
  oldWorksUntil: Date | null;
}

export interface Keys {
  /** Makes a key. The secret (`kb-` and 256 random bits in base64url) is returned here and nowhere else. */
  create(key: { name: string; scope: Scope; expiresAt?: Date; limits?: Partial<KeyLimits> }): Promise<{
    id: string;
    secret: string;
  }>;
  /**
   * Sets those limits that are named; the others stay. Other processes hold to them within a second. False where there
   * is no such key, or it is revoked.
   */
  limit(id: string, limits: Partial<KeyLimits>): Promise<boolean>;
  /**
   * The key of this secret, unless it is unknown, revoked or expired. Meant to be asked at every request: an
   * answer is remembered for a second, so a key revoked by another process dies within a second, and one
   * revoked through this store at once.
   */
  verify(secret: string): Promise<Key | undefined>;
  /**
   * Makes a key that takes the place of this one: of the same name, scope, limits and length of life. The old one goes on
   * working for the time of grace, unless it would have expired before. What was spent was spent by the old one: a
   * budget begins anew with the new key.
   *
   * @param graceMs milliseconds; 0 revokes the old one at once
   * @returns undefined where there is no such key, or it doesn't work any more
   */
  rotate(id: string, graceMs: number): Promise<RotatedKey | undefined>;
  /** All keys, the revoked ones too, oldest first. */
  list(): Promise<Key[]>;
  /** False where there is no such key, or it was revoked before. */
  revoke(id: string): Promise<boolean>;
}
