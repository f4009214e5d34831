/**
 * The journal: where a call is safe before it is in the database.
 *
 * A gateway may tell its client "this is the end of your answer" only when the call can't be lost any more. The
 * database is too slow to wait for: its rows, indices and log cost a hundred times what appending to a file does. So a
 * call's rows, its words sealed, are appended to a file first and synced, many together, and go to the database behind
 * the answer. What a killed process left in the file is put into the database at the next start. See docs/decisions/0220.
 *
 * There is one journal to a folder, and who has it open has the folder for its own.
 *
 * @module
 */
import { readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { LaterFacts, NewCall } from '../calls/call.ts';
import { toOpenCall, withLater } from '../calls/call-row.ts';
import { type OpenCall, type PackedCall, packRows, unpackCall } from '../calls/packed-call.ts';
import type { Recorder } from '../calls/recorder.ts';
import { toStoreError } from '../dialect/to-store-error.ts';
import { CallExistsError, StoreClosedError } from '../errors.ts';
import type { Seal } from '../seal/seal.ts';
import type { AcceptedCall, CallJournal } from './call-journal.ts';
import { fromEntries } from './entries.ts';
import { journalFile, journalFileName } from './file-names.ts';
import { Segment } from './segment.ts';
import { takeLock, type Unlock } from './take-lock.ts';
import { JournalWriter } from './writer/journal-writer.ts';

/** A file of this size is followed by the next one. */
const segmentBytes = 8 << 20;
/** Calls put into the database at once when a journal is read back. */
const replayedAtOnce = 200;

interface Waiting {
  call: OpenCall;
  resolve: (written: { call: PackedCall; segment: Segment }) => void;
  reject: (error: unknown) => void;
}

export class Journal implements CallJournal {
  readonly recovered: number;
  readonly #directory: string;
  readonly #recorder: Recorder;
  readonly #seal: Seal;
  readonly #unlock: Unlock;
  readonly #writer = new JournalWriter();
  #next: number;
  #segment: Segment | undefined;
  readonly #earlier = new Set<Segment>();
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #closed = false;

  private constructor(
    directory: string,
    recorder: Recorder,
    seal: Seal,
    from: { unlock: Unlock; next: number; recovered: number },
  ) {
    this.#directory = directory;
    this.#recorder = recorder;
    this.#seal = seal;
    this.#unlock = from.unlock;
    this.#next = from.next;
    this.recovered = from.recovered;
  }

  /** @throws StoreInUseError where another gateway has it open */
  static async open(directory: string, recorder: Recorder, seal: Seal): Promise<Journal> {
    const unlock = await takeLock(directory);
    try {
      const { next, recovered } = await replay(directory, recorder);
      return new Journal(directory, recorder, seal, { unlock, next, recovered });
    } catch (error) {
      unlock();
      throw error;
    }
  }

  async accept(call: NewCall): Promise<AcceptedCall> {
    if (this.#closed) {
      throw new StoreClosedError(`The journal in ${this.#directory} is closed; open the store again.`);
    }
    const open = toOpenCall(call);
    const { call: packed, segment } = await new Promise<{ call: PackedCall; segment: Segment }>(
      (resolve, reject) => {
        this.#waiting.push({ call: open, resolve, reject });
        this.#writing ??= this.#write();
      },
    );
    return this.#accepted(packed, segment);
  }

  /** By itself, so that what is kept until it is settled is the packed call alone. */
  #accepted(packed: PackedCall, segment: Segment): AcceptedCall {
    let isSettled = false;
    return {
      id: packed.id,
      settle: async (later = {}) => {
        if (isSettled) return;
        const final = isEmpty(later)
          ? packed
          : packRows(withLater(unpackCall(packed.body), later, this.#seal));
        await this.#recorder.recordPacked(final).catch(unlessRecorded);
        isSettled = true;
        await segment.settled();
        if (segment === this.#segment) this.#writing ??= this.#write();
      },
    };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#writing;
    await this.#writer.close();
    await this.#segment?.close();
    for (const segment of this.#earlier) await segment.close();
    this.#unlock();
  }

  async #write(): Promise<void> {
    // One turn of the event loop for calls that end together to meet in the first sync.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        const segment = await this.#segmentForNext();
        const written = await this.#writer.write({
          ...segment.end,
          key: this.#seal.key,
          calls: batch.map(({ call }) => call),
        });
        segment.appended(batch.length, written.size);
        for (const [place, { resolve }] of batch.entries()) resolve({ call: written.calls[place]!, segment });
      } catch (cause) {
        const error = toStoreError(cause, join(this.#directory, journalFileName(this.#next)), 0);
        for (const { reject } of batch) reject(error);
      }
    }
    // Nothing waits, and nothing in it is wanted any more: words that retention deletes must not survive here.
    await this.#segment?.clear().catch(() => {});
    // Calls that came meanwhile found somebody at work.
    this.#writing = this.#waiting.length > 0 ? this.#write() : undefined;
  }

  async #segmentForNext(): Promise<Segment> {
    if (this.#segment && this.#segment.size < segmentBytes) return this.#segment;
    const full = this.#segment;
    const path = join(this.#directory, journalFileName(this.#next));
    this.#segment = await Segment.create(this.#directory, path);
    this.#next += 1;
    for (const segment of this.#earlier) if (segment.isDone) this.#earlier.delete(segment);
    if (full) {
      this.#earlier.add(full);
      await full.fill();
    }
    return this.#segment;
  }
}

/** Puts what earlier processes left into the database. */
async function replay(directory: string, recorder: Recorder): Promise<{ next: number; recovered: number }> {
  const numbers = (await readdir(directory))
    .flatMap((name) => journalFile.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
  let recovered = 0;
  for (const number of numbers) {
    const path = join(directory, journalFileName(number));
    const calls = [...fromEntries(await readFile(path))];
    for (let at = 0; at < calls.length; at += replayedAtOnce) {
      const some = calls.slice(at, at + replayedAtOnce);
      const were = await Promise.all(
        some.map((body) =>
          recorder
            // Anew: a journal of an earlier version has them in an earlier form.
            .recover(packRows(unpackCall(body)))
            .then(() => 1)
            .catch(unlessRecorded),
        ),
      );
      recovered += were.reduce<number>((sum, one) => sum + (one ?? 0), 0);
    }
    await unlink(path);
  }
  return { next: (numbers.at(-1) ?? 0) + 1, recovered };
}

/** A call that is in the database already is where it belongs. */
function unlessRecorded(error: unknown): void {
  if (!(error instanceof CallExistsError)) throw error;
}

function isEmpty(later: LaterFacts): boolean {
  return later.status === undefined && later.student === undefined && later.agreed === undefined;
}
