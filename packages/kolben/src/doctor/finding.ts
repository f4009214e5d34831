/**
 * What `kolben doctor` says of one point.
 *
 * @module
 */

export interface Finding {
  /** Snake case, for programs: `files.key_beside_database`. */
  check: string;
  /**
   * - `ok`: as it should be.
   * - `worth a look`: may be meant so, or will be a trouble one day.
   * - `open`: must not be.
   * - `not checked`: what it takes isn't there.
   */
  state: 'ok' | 'worth a look' | 'open' | 'not checked';
  /** One sentence on what is so. */
  says: string;
  /** The way out, where there is one to go. */
  remedy?: string;
}

export const ok = (check: string, says: string): Finding => ({ check, state: 'ok', says });
export const look = (check: string, says: string, remedy: string): Finding => ({
  check,
  state: 'worth a look',
  says,
  remedy,
});
export const open = (check: string, says: string, remedy: string): Finding => ({
  check,
  state: 'open',
  says,
  remedy,
});
export const notChecked = (check: string, says: string, remedy: string): Finding => ({
  check,
  state: 'not checked',
  says,
  remedy,
});
