/**
 * Whether an address is this machine's alone.
 *
 * @module
 */

/** Does this bind address take connections from this machine alone? */
export function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || /^127(\.\d{1,3}){3}$/.test(address);
}
