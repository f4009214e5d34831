/**
 * An API key of the gateway: the shapes only; the work is in `keys.ts`.
 *
 * @module
 */

export const scopes = ['use', 'admin'] as const;
/** `use`: may call models; `admin`: may administer. Neither includes the other, so that a leaked app key opens no administration. */
export type Scope = (typeof scopes)[number];

/** What is known of a key. Its secret isn't: only the SHA-256 of it is stored. */
export interface Key {
  id: string;
  name: string;
  scope: Scope;
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
  create(key: { name: string; scope: Scope; expiresAt?: Date }): Promise<{
    id: string;
    secret: string;
  }>;
  /**
   * The key of this secret, unless it is unknown, revoked or expired. Meant to be asked at every request: an
   * answer is remembered for a second, so a key revoked by another process dies within a second, and one
   * revoked through this store at once.
   */
  verify(secret: string): Promise<Key | undefined>;
  /**
   * Makes a key that takes the place of this one: of the same name, scope and length of life. The old one goes on
   * working for the time of grace, unless it would have expired before.
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
