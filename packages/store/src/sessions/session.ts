/**
 * A session of the console: an administrator's browser, let in with a key of scope `admin`. The shapes only; the work
 * is in `sessions.ts`.
 *
 * @module
 */
import type { KeyLimits } from '../keys/key.ts';

export interface Session {
  /** Whose it is: the key it was begun with, as it is now. */
  key: { id: string; name: string; limits: KeyLimits };
  createdAt: Date;
  /** Accurate to the minute. */
  lastUsedAt: Date;
  /** Its end, however much it is used. */
  expiresAt: Date;
}

export interface SessionLook {
  now: Date;
  /** After how long without use it ends, milliseconds. */
  idleMs: number;
  /** Whether this look is a use of it: what a page does by itself isn't. */
  isUse: boolean;
}

export interface Sessions {
  /**
   * Begins one; sessions past their end are removed.
   *
   * @returns its token, 256 random bits in base64url: returned here and nowhere else, only its SHA-256 is stored
   * @throws StoreValueError where there is no such key of scope `admin` that works
   */
  begin(session: { keyId: string; now: Date; lifeMs: number }): Promise<string>;
  /**
   * The session of this token; undefined where there is none, it is past its end, was not used for too long, or its key
   * was revoked, has expired or isn't for administration.
   */
  find(token: string, look: SessionLook): Promise<Session | undefined>;
  /** False where there was none. */
  end(token: string): Promise<boolean>;
}
