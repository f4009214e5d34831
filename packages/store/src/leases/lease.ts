/**
 * Work that only one process at a time may do, such as watching a task. The work is in `leases.ts`.
 *
 * @module
 */

export interface Leases {
  /**
   * Takes a lease, or keeps it longer where it is the owner's already.
   *
   * @param milliseconds how long it holds unless it is taken again
   * @param isDead whether an owner is known to be no more: then its lease is free before its time
   * @returns false while somebody else has it
   */
  take(
    name: string,
    owner: string,
    milliseconds: number,
    isDead?: (owner: string) => boolean,
  ): Promise<boolean>;
  /** Gives it up, where it is the owner's. */
  release(name: string, owner: string): Promise<void>;
}
