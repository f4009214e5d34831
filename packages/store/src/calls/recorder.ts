/**
 * Writes calls, many to a commit: while one commit is on its way to the disk the next calls gather, so that
 * the disk's time for a sync bounds the delay of a record and not the number of records.
 *
 * With the calls, and in the same transaction, go the counters of what was spent, and what was set aside for these
 * calls is taken back: what the ledger says and what the limits hold to can't differ.
 *
 * A call is checked and sealed at once (its words never wait in the open) and `record` resolves when the
 * commit that holds it is on the disk. What waits is bounded; beyond that a record is refused.
 *
 * @module
 */
import type { StoredBudgets } from '../budgets/budgets.ts';
import type { Database } from '../dialect/database.ts';
import { CallExistsError, StoreClosedError, StoreOverloadedError } from '../errors.ts';
import type { Seal } from '../seal/seal.ts';
import type { NewCall } from './call.ts';
import { toOpenCall } from './call-row.ts';
import { type PackedCall, packCall } from './packed-call.ts';

/** What may wait: enough for a disk that stalls for some seconds, too little to fill the memory. */
const usualLimit = { calls: 20_000, bytes: 256 << 20 };
/** What goes into one commit. */
const batchLimit = { calls: 100, bytes: 8 << 20 };

interface Waiting {
  call: PackedCall;
  resolve: (id: string) => void;
  reject: (error: unknown) => void;
}

export class Recorder {
  readonly #database: Database;
  readonly #seal: Seal;
  readonly #budgets: Pick<StoredBudgets, 'heldOf' | 'settled' | 'adopt'>;
  readonly #limit: { calls: number; bytes: number };
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> | undefined;
  #closed = false;

  constructor(
    database: Database,
    seal: Seal,
    budgets: Pick<StoredBudgets, 'heldOf' | 'settled' | 'adopt'>,
    limit: { calls: number; bytes: number } = usualLimit,
  ) {
    this.#database = database;
    this.#seal = seal;
    this.#budgets = budgets;
    this.#limit = limit;
  }

  record(call: NewCall): Promise<string> {
    return this.#take(() => packCall(toOpenCall(call), this.#seal));
  }

  /** Records a call that is packed already. */
  recordPacked(call: PackedCall): Promise<string> {
    return this.#take(() => call);
  }

  /** The same for a call that a killed process left behind. */
  recover(call: PackedCall): Promise<string> {
    this.#budgets.adopt(call.id);
    return this.recordPacked(call);
  }

  async #take(pack: () => PackedCall): Promise<string> {
    if (this.#closed) {
      throw new StoreClosedError(`The store ${this.#database.location} is closed; open it again to use it.`);
    }
    const call = pack();
    if (
      this.#waiting.length >= this.#limit.calls ||
      (this.#waitingBytes > 0 && this.#waitingBytes + call.bytes > this.#limit.bytes)
    ) {
      throw new StoreOverloadedError(
        `${this.#waiting.length} calls wait to be written to ${this.#database.location} and no more can; ` +
          'the disk is too slow for this many calls at once.',
      );
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ call, resolve, reject });
      this.#waitingBytes += call.bytes;
      this.#writing ??= this.#write();
    });
  }

  /** Refuses new calls and waits for those accepted. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#writing;
  }

  async #write(): Promise<void> {
    // One turn of the event loop for calls that arrive together to meet in the first commit.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const batch = this.#next();
      const held = this.#budgets.heldOf(batch.map((waiting) => waiting.call.id));
      try {
        const calls = batch.map((waiting) => waiting.call);
        const recorded = new Set(await this.#database.recordCalls({ calls, held, keyId: this.#seal.keyId }));
        this.#budgets.settled(held);
        for (const { call, resolve, reject } of batch) {
          // Taken out once it is settled: of two calls with one id the first has been recorded.
          if (recorded.delete(call.id)) {
            resolve(call.id);
          } else {
            reject(
              new CallExistsError(`A call with the id ${call.id} is recorded already; give each its own.`),
            );
          }
        }
      } catch (error) {
        for (const { reject } of batch) reject(error);
        continue;
      }
      // The calls are safe; a log that can't be moved now will be after another commit.
      await this.#database.tidy().catch(() => {});
    }
    // In the same turn in which the queue was seen empty: a call that comes later starts a new one.
    this.#writing = undefined;
  }

  #next(): Waiting[] {
    let bytes = 0;
    let n = 0;
    while (n < this.#waiting.length && n < batchLimit.calls) {
      bytes += this.#waiting[n]!.call.bytes;
      if (n > 0 && bytes > batchLimit.bytes) {
        bytes -= this.#waiting[n]!.call.bytes;
        break;
      }
      n++;
    }
    this.#waitingBytes -= bytes;
    return this.#waiting.splice(0, n);
  }
}
