/**
 * One file of the journal: calls are appended, and when all of them are in the database it goes.
 *
 * @module
 */
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { syncDirectory } from '../make-directory.ts';

export class Segment {
  readonly path: string;
  readonly #file: FileHandle;
  #size = 0;
  /** Entries that are not in the database yet. */
  #open = 0;
  #isFull = false;

  private constructor(path: string, file: FileHandle) {
    this.path = path;
    this.#file = file;
  }

  /** Makes the file; its name is on the disk when this resolves. */
  static async create(directory: string, path: string): Promise<Segment> {
    const file = await open(path, 'wx', 0o600);
    await syncDirectory(directory);
    return new Segment(path, file);
  }

  get size(): number {
    return this.#size;
  }

  get isDone(): boolean {
    return this.#open === 0;
  }

  /** Where the next entries are to be written. */
  get end(): { file: number; position: number } {
    return { file: this.#file.fd, position: this.#size };
  }

  /** So many entries, of so many bytes, were appended and are on the disk. */
  appended(entries: number, bytes: number): void {
    this.#size += bytes;
    this.#open += entries;
  }

  /** No more will be appended. */
  async fill(): Promise<void> {
    this.#isFull = true;
    await this.#dropWhenDone();
  }

  /** One entry is in the database. */
  async settled(): Promise<void> {
    this.#open -= 1;
    await this.#dropWhenDone();
  }

  /** Empties the file; to be called between two appends, when it is done. */
  async clear(): Promise<void> {
    if (this.#size === 0 || !this.isDone) return;
    await this.#file.truncate(0);
    this.#size = 0;
  }

  /** Lets the file go; it stays where something in it is not in the database yet. */
  async close(): Promise<void> {
    if (this.#isFull && this.isDone) return;
    await this.#file.close();
    if (this.isDone) await unlink(this.path);
  }

  async #dropWhenDone(): Promise<void> {
    if (!this.#isFull || !this.isDone) return;
    await this.#file.close();
    await unlink(this.path);
  }
}
