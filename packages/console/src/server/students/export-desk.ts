/**
 * Students on their way out: written once the terms allow it, fetched once by whoever asked for it, then removed.
 *
 * What is downloaded is what `kolben students export` writes, by the same function; a folder goes as a ZIP archive.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import {
  checkStudentTerms,
  type Distribution,
  type ExportFormat,
  exportStudent,
  readStudentFolder,
  type TermsNote,
  termsNotes,
} from '@kolben/distill';
import { ApiError } from '@kolben/gateway';
import { ZipFile } from 'yazl';
import type { ConsoleServices } from '../services.ts';
import type { FoundStudent } from './find-student.ts';

export interface ExportWish {
  readonly to: ExportFormat;
  /** Whom it is for: that decides which terms are asked. */
  readonly distribution: Distribution;
  /** For `gguf`: matrices in float16. */
  readonly halves: boolean;
}

export interface PreparedExport {
  /** Part of the address that it is fetched from, once. */
  readonly token: string;
  /** What the file is called. */
  readonly name: string;
  /** Of the export; an archive is a little larger. */
  readonly bytes: number;
  /** What whoever hands it on should know. */
  readonly notes: readonly TermsNote[];
}

interface Waiting {
  readonly session: string;
  readonly name: string;
  readonly folder: string;
  readonly path: string;
  readonly isFolder: boolean;
  readonly timer: NodeJS.Timeout;
}

/** How long an export waits to be fetched, milliseconds. */
const patienceMs = 10 * 60_000;

export class ExportDesk {
  readonly #services: ConsoleServices;
  readonly #waiting = new Map<string, Waiting>();
  #cleared: Promise<void> | undefined;

  constructor(services: ConsoleServices) {
    this.#services = services;
    services.inside.stopping.addEventListener(
      'abort',
      () => {
        for (const token of this.#waiting.keys()) void this.#forget(token);
      },
      { once: true },
    );
  }

  /**
   * Asks the terms again, and writes the export. It is in the audit log, refused or not.
   *
   * @param session whose it is: nobody else can fetch it
   * @throws TermsError where terms forbid it; ExportError, GgufError, StudentFolderError
   */
  async prepare(
    student: FoundStudent,
    { to, distribution, halves }: ExportWish,
    { session, actor, signal }: { session: string; actor: string; signal: AbortSignal },
  ): Promise<PreparedExport> {
    const { store, config } = this.#services;
    const { directory, task, digest, id } = student;
    const act = { actor, subject: id, detail: { task, digest, to, distribution } };
    const terms = await readStudentFolder(directory)
      .then((folder) => checkStudentTerms(folder, { distribution, providers: config.providers }))
      .catch(async (error: unknown) => {
        await store.audit({ ...act, act: 'student.export_refused' });
        throw error;
      });
    const exports = await this.#exports();
    const token = randomBytes(32).toString('base64url');
    const folder = join(exports, token);
    const short = digest.replace(/^sha256:/, '').slice(0, 12);
    const name = `${task.replace(/[^\w.-]+/g, '-')}-${short}`;
    const path = join(folder, to === 'hf' ? name : `${name}.${to}`);
    try {
      const { bytes } = await exportStudent(directory, { to, out: path, halves, signal });
      await store.audit({ ...act, act: 'student.export' });
      const timer = setTimeout(() => void this.#forget(token), patienceMs).unref();
      const isFolder = to === 'hf';
      const called = isFolder ? `${name}.zip` : `${name}.${to}`;
      this.#waiting.set(token, { session, name: called, folder, path, isFolder, timer });
      return { token, name: called, bytes, notes: termsNotes(terms) };
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /**
   * The bytes, once. What was written for it is removed when they have gone, or nobody takes them any more.
   *
   * @throws ApiError 404 where nothing waits under this token for this session
   */
  async fetch(token: string, session: string): Promise<Response> {
    const waiting = this.#waiting.get(token);
    if (!waiting || waiting.session !== session)
      throw new ApiError(
        404,
        'export_gone',
        'This export was fetched already, or has waited too long; export the student again.',
        { type: 'invalid_request_error' },
      );
    clearTimeout(waiting.timer);
    this.#waiting.delete(token);
    const { path, isFolder, folder, name } = waiting;
    const bytes = isFolder ? await archiveOf(path, name) : createReadStream(path);
    bytes.once('close', () => void rm(folder, { recursive: true, force: true }));
    return new Response(Readable.toWeb(bytes) as ReadableStream<Uint8Array>, {
      headers: {
        'content-type': isFolder ? 'application/zip' : 'application/octet-stream',
        'content-disposition': `attachment; filename="${name}"`,
        'cache-control': 'no-store',
        ...(!isFolder && { 'content-length': String((await stat(path)).size) }),
      },
    });
  }

  async #forget(token: string): Promise<void> {
    const waiting = this.#waiting.get(token);
    this.#waiting.delete(token);
    if (!waiting) return;
    clearTimeout(waiting.timer);
    await rm(waiting.folder, { recursive: true, force: true });
  }

  /** Where exports wait; what a killed gateway has left there is removed first. */
  async #exports(): Promise<string> {
    const exports = join(this.#services.store.directory, 'exports');
    this.#cleared ??= rm(exports, { recursive: true, force: true });
    await this.#cleared;
    await mkdir(exports, { recursive: true, mode: 0o700 });
    return exports;
  }
}

/** Nothing is compressed: weights don't get smaller by it. */
async function archiveOf(folder: string, name: string): Promise<PassThrough> {
  const zip = new ZipFile();
  const top = name.replace(/\.zip$/, '');
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    zip.addFile(path, `${top}/${relative(folder, path).split(sep).join('/')}`, { compress: false });
  }
  zip.end();
  const out = new PassThrough();
  zip.on('error', (error) => out.destroy(error instanceof Error ? error : undefined));
  return zip.outputStream.pipe(out);
}
