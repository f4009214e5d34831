/**
 * Work that one process at a time may do.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Store } from '@kolben/store';

/**
 * What a process that was killed held is free after this time at the latest, and at once for another one on the same
 * machine; one at work says so three times as often.
 */
const leaseMs = 60_000;

/** Works while the lease is held. Undefined, and nothing is done, while another process has it. */
export async function holding<T>(
  store: Store,
  name: string,
  work: () => Promise<T>,
): Promise<{ result: T } | undefined> {
  const owner = `${hostname()} ${process.pid} ${randomUUID()}`;
  if (!(await store.leases.take(name, owner, leaseMs, isDead))) return undefined;
  // A store that is busy for a moment is no reason to stop: the lease holds for three turns.
  const keep = setInterval(() => void store.leases.take(name, owner, leaseMs).catch(() => {}), leaseMs / 3);
  try {
    return { result: await work() };
  } finally {
    clearInterval(keep);
    await store.leases.release(name, owner);
  }
}

/** Whether it was a process of this machine that is no more. */
function isDead(owner: string): boolean {
  const [host, pid] = owner.split(' ');
  if (host !== hostname() || !pid) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
