/**
 * What labelling has paid for, kept so that nothing is paid for twice: a file to which every call is added, before it
 * is asked (with the most that it may cost) and after it was answered.
 *
 * JSON Lines, only ever appended to. An answer counts once it is on the disk; lines that come together share a sync.
 * A line that a crash broke off is cut away at the next start. Answers stay on the disk: in memory is where they lie.
 *
 * @module
 */
import { type FileHandle, open, rm } from 'node:fs/promises';
import { LabellingError } from './labelling-error.ts';
import type { GivenAnswer, RejectedAnswer } from './read-answer.ts';

/** A call that has been answered, for good or ill. */
export interface WorkEntry {
  readonly outcome: GivenAnswer | RejectedAnswer;
  /** USD. */
  readonly cost: number;
  /** Id of the recorded call. */
  readonly call?: string | undefined;
}

/** A call that was asked, and of whose end nothing is known. */
export interface OpenEntry {
  readonly unit: string;
  /** What its record is found by. */
  readonly requestId: string | undefined;
  /** USD at the most. */
  readonly most: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

type Line =
  | { readonly asked: string; readonly requestId: string; readonly most: number; readonly at: number }
  | ({ readonly answered: string } & WorkEntry)
  /** It failed without an answer; it may have cost something even so. */
  | { readonly failed: string; readonly cost: number };

interface Queued {
  readonly text: string;
  /** Of an answer: it must reach the disk. */
  readonly unit: string | undefined;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

interface Place {
  readonly at: number;
  readonly bytes: number;
}

export class WorkFile {
  readonly file: string;
  readonly #handle: FileHandle;
  readonly #places: Map<string, Place>;
  readonly #open: Map<string, OpenEntry>;
  #spent: number;
  #end: number;
  #queue: Queued[] = [];
  #writing: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  private constructor(file: string, handle: FileHandle, known: Known) {
    this.file = file;
    this.#handle = handle;
    this.#places = known.places;
    this.#open = known.open;
    this.#spent = known.spent;
    this.#end = known.end;
  }

  /** Opens the file, or makes it. @throws LabellingError where it can't be read or written */
  static async open(file: string): Promise<WorkFile> {
    let handle: FileHandle | undefined;
    try {
      handle = await open(file, 'a+', 0o600);
      const known = await read(handle, file);
      await handle.truncate(known.end);
      return new WorkFile(file, handle, known);
    } catch (error) {
      await handle?.close();
      if (error instanceof LabellingError) throw error;
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
      throw new LabellingError(
        'labelling_work_file',
        `The answers cannot be kept in ${file} (${code}): name an --out in a folder that exists and that you may write to.`,
        { cause: error },
      );
    }
  }

  has(unit: string): boolean {
    return this.#places.has(unit);
  }

  /** USD, of all calls that have ended. */
  get spent(): number {
    return this.#spent;
  }

  get size(): number {
    return this.#places.size;
  }

  /** Calls that an earlier process asked and did not live to see answered, by unit. */
  get open(): ReadonlyMap<string, OpenEntry> {
    return this.#open;
  }

  async read(unit: string): Promise<WorkEntry> {
    const { at, bytes } = this.#places.get(unit)!;
    const buffer = Buffer.alloc(bytes);
    await this.#handle.read(buffer, 0, bytes, at);
    const { answered: _, ...entry } = JSON.parse(buffer.toString('utf8')) as { answered: string } & WorkEntry;
    return entry;
  }

  /** Notes that a call is about to be asked; resolves once the system has it, which outlives the process. */
  asked(unit: string, requestId: string, most: number): Promise<void> {
    return this.#append({ asked: unit, requestId, most, at: Date.now() });
  }

  /** Notes an answer; resolves once it is on the disk. */
  async answered(unit: string, entry: WorkEntry): Promise<void> {
    await this.#append({ answered: unit, ...entry }, unit);
    this.#spent += entry.cost;
    this.#open.delete(unit);
  }

  async failed(unit: string, cost: number): Promise<void> {
    await this.#append({ failed: unit, cost });
    this.#spent += cost;
    this.#open.delete(unit);
  }

  /** Closing twice is no error. */
  async close(): Promise<void> {
    while (this.#writing) await this.#writing;
    this.#closing ??= this.#handle.close();
    await this.#closing;
  }

  /** Closes and removes it: its answers are elsewhere. */
  async remove(): Promise<void> {
    await this.close();
    await rm(this.file, { force: true });
  }

  #append(line: Line, unit?: string): Promise<void> {
    const text = `${JSON.stringify(line)}\n`;
    return new Promise((done, failed) => {
      this.#queue.push({ text, unit, done, failed });
      this.#writing ??= this.#write().finally(() => {
        this.#writing = undefined;
      });
    });
  }

  async #write(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue;
      this.#queue = [];
      try {
        const buffer = Buffer.from(batch.map(({ text }) => text).join(''));
        await this.#handle.appendFile(buffer);
        if (batch.some(({ unit }) => unit !== undefined)) await this.#handle.datasync();
        for (const { text, unit, done } of batch) {
          const bytes = Buffer.byteLength(text);
          if (unit !== undefined) this.#places.set(unit, { at: this.#end, bytes: bytes - 1 });
          this.#end += bytes;
          done();
        }
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
        const failure = new LabellingError(
          'labelling_work_file',
          `The answers could not be written to ${this.file} (${code}); what stands there is safe, so make room and run the same command again.`,
          { cause: error },
        );
        for (const { failed } of [...batch, ...this.#queue]) failed(failure);
        this.#queue = [];
        return;
      }
    }
  }
}

interface Known {
  readonly places: Map<string, Place>;
  readonly open: Map<string, OpenEntry>;
  readonly spent: number;
  /** Behind the last whole line. */
  readonly end: number;
}

const newline = 10;
/** The first line. */
const header = '{"kolben":"labelling","version":1}\n';

async function read(handle: FileHandle, file: string): Promise<Known> {
  const places = new Map<string, Place>();
  const open = new Map<string, OpenEntry>();
  let spent = 0;
  let end = 0;
  let kept: Buffer = Buffer.alloc(0);
  const { size } = await handle.stat();
  const begun = Buffer.alloc(Math.min(size, header.length));
  await handle.read(begun, 0, begun.length, 0);
  if (!header.startsWith(begun.toString('latin1')))
    throw new LabellingError(
      'labelling_work_file',
      `${file} is in the way of the answers that labelling keeps, and is something else: move it away, or name another --out.`,
    );
  if (begun.length < header.length) {
    await handle.truncate(0);
    await handle.appendFile(header);
  }
  const take = (text: string, place: Place) => {
    const line = parse(text);
    // Of a line that a failing disk spoilt nothing is known, and its input is asked again.
    if (line === undefined) return;
    if ('asked' in line) {
      const { asked: unit, requestId, most, at } = line;
      open.set(unit, { unit, requestId, most, at });
    } else if ('answered' in line) {
      places.set(line.answered, place);
      open.delete(line.answered);
      spent += line.cost;
    } else if ('failed' in line) {
      open.delete(line.failed);
      spent += line.cost;
    }
  };
  for await (const chunk of handle.createReadStream({ start: 0, autoClose: false })) {
    kept = Buffer.concat([kept, chunk as Buffer]);
    let start = 0;
    for (let at = kept.indexOf(newline); at !== -1; at = kept.indexOf(newline, start)) {
      take(kept.toString('utf8', start, at), { at: end, bytes: at - start });
      end += at - start + 1;
      start = at + 1;
    }
    kept = kept.subarray(start);
  }
  return { places, open, spent, end };
}

function parse(text: string): Line | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Line) : undefined;
  } catch {
    return undefined;
  }
}
