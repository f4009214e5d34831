/**
 * Fetches a base model from Hugging Face's hub, or from another server that speaks like it, into a folder of this
 * machine: only the files that are needed, each checked against the digest that the hub states, and taken up again
 * where an earlier attempt broke off.
 *
 * What is complete stands under its commit and is never changed; a part of a file has a name of its own until it is
 * whole and right.
 *
 * @module
 */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { HubApiError, listFiles, modelInfo } from '@huggingface/hub';
import { replaceFile } from '@kolben/engine';
import { BaseError } from './base-error.ts';
import { isBaseFile } from './base-files.ts';

export interface FetchBaseOptions {
  /** Where bases are kept. Default `~/.cache/kolben/bases`. */
  readonly cache?: string | undefined;
  /** Default: `HF_ENDPOINT` if it is set, else Hugging Face's. */
  readonly hubUrl?: string | undefined;
  /** Default: `HF_TOKEN` if it is set. It goes to the hub alone, and into no message. */
  readonly token?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Bytes that are here, of how many in all. */
  readonly onProgress?: ((progress: { done: number; total: number; file: string }) => void) | undefined;
}

/** A base that was fetched. */
export interface FetchedBase {
  readonly folder: string;
  /** `org/name` on the hub. */
  readonly id: string;
  /** The commit: 40 hexadecimal digits. */
  readonly revision: string;
}

interface RemoteFile {
  readonly name: string;
  readonly size: number;
  /** What the hub states of it: SHA-256 of large files, git's SHA-1 of the others. */
  readonly digest: { readonly kind: 'sha256' | 'git'; readonly hex: string };
}

/** The id of a model on the hub, and the branch, tag or commit after an `@`; undefined for what is none. */
export function parseHubId(text: string): { id: string; revision: string } | undefined {
  const match = /^([A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*)(?:@([\w./-]+))?$/.exec(text);
  if (!match || text.includes('..')) return undefined;
  return { id: match[1], revision: match[2] ?? 'main' };
}

/**
 * @param named `org/name` or `org/name@revision`
 * @throws BaseError: `base_id` for another text, `base_missing` where the hub has no such model or revision,
 * `base_gated` where it wants a token or an agreement, `base_offline` where it cannot be reached and nothing is kept,
 * `base_interrupted` where the connection breaks (the next attempt goes on there), `base_digest` for bytes that aren't
 * the stated ones (they are removed), `base_incomplete` for a model without the files that are needed; the signal's
 * reason when aborted
 */
export async function fetchBase(named: string, options: FetchBaseOptions = {}): Promise<FetchedBase> {
  const parsed = parseHubId(named);
  if (!parsed)
    throw new BaseError(
      'base_id',
      `${JSON.stringify(named)} is neither a folder nor the id of a model; give a folder, or an id such as org/name or org/name@revision.`,
    );
  const { id } = parsed;
  const cache = join(options.cache ?? join(homedir(), '.cache', 'kolben', 'bases'), id.replace('/', '--'));
  const hub = {
    hubUrl: (options.hubUrl ?? process.env.HF_ENDPOINT ?? 'https://huggingface.co').replace(/\/$/, ''),
    ...tokenOf(options),
    fetch: (input: Parameters<typeof fetch>[0], init?: RequestInit) =>
      fetch(input, { ...init, ...(options.signal && { signal: options.signal }) }),
  };
  const known = join(cache, 'revisions', `${encodeURIComponent(parsed.revision)}.txt`);
  let revision: string;
  let files: RemoteFile[];
  try {
    ({ sha: revision } = await modelInfo({
      ...hub,
      name: id,
      revision: parsed.revision,
      additionalFields: ['sha'],
    }));
    if (!/^[0-9a-f]{40}$/.test(revision)) throw incomplete(named, 'the hub names no commit for it');
    files = await remoteFiles(id, revision, hub);
  } catch (error) {
    options.signal?.throwIfAborted();
    const kept = await keptBase(cache, known);
    // Without the hub, what was fetched under this name before is what there is.
    if (kept && isUnreachable(error)) return { folder: join(cache, kept), id, revision: kept };
    throw explained(error, named, hub.hubUrl);
  }
  checkFiles(named, files);
  const folder = join(cache, revision);
  if (!(await isComplete(folder))) {
    await mkdir(folder, { recursive: true });
    const total = files.reduce((sum, { size }) => sum + size, 0);
    let before = 0;
    for (const file of files) {
      const url = `${hub.hubUrl}/${id}/resolve/${revision}/${file.name}`;
      const tell = (done: number) => options.onProgress?.({ done: before + done, total, file: file.name });
      await fetchFile({ url, file, folder, named, hub, tell, signal: options.signal });
      before += file.size;
    }
    await writeText(join(folder, completeName), `${JSON.stringify({ id, revision })}\n`);
  }
  await mkdir(dirname(known), { recursive: true });
  await writeText(known, revision);
  return { folder, id, revision };
}

const completeName = 'complete.json';

interface Hub {
  readonly hubUrl: string;
  readonly accessToken?: string;
  readonly fetch: typeof fetch;
}

function tokenOf({ token = process.env.HF_TOKEN }: FetchBaseOptions): { accessToken?: string } {
  return token === undefined || token === '' ? {} : { accessToken: token };
}

async function remoteFiles(id: string, revision: string, hub: Hub): Promise<RemoteFile[]> {
  const files: RemoteFile[] = [];
  for await (const { type, path, size, lfs, oid } of listFiles({
    ...hub,
    repo: { type: 'model', name: id },
    revision,
  })) {
    if (type !== 'file' || !isBaseFile(path)) continue;
    const hex = lfs ? lfs.oid.replace(/^sha256:/, '') : oid;
    if (hex === undefined) continue;
    files.push({ name: path, size: lfs?.size ?? size, digest: { kind: lfs ? 'sha256' : 'git', hex } });
  }
  // Small ones first: a model that isn't read is known before gigabytes have come.
  return files.sort((a, b) => a.size - b.size);
}

function checkFiles(named: string, files: readonly RemoteFile[]): void {
  const names = new Set(files.map(({ name }) => name));
  for (const needed of ['config.json', 'tokenizer.json'])
    if (!names.has(needed)) throw incomplete(named, `it has no ${needed}`);
  if (!names.has('model.safetensors') && !names.has('model.safetensors.index.json'))
    throw incomplete(named, 'it has no weights in safetensors');
}

function incomplete(named: string, what: string): BaseError {
  return new BaseError('base_incomplete', `${named} cannot be a base: ${what}; choose another model.`);
}

interface FileJob {
  readonly url: string;
  readonly file: RemoteFile;
  readonly folder: string;
  readonly named: string;
  readonly hub: Hub;
  readonly tell: (done: number) => void;
  readonly signal: AbortSignal | undefined;
}

async function fetchFile({ url, file, folder, named, hub, tell, signal }: FileJob): Promise<void> {
  const { name, size, digest } = file;
  const target = join(folder, name);
  if (await isFile(target)) return tell(size);
  const part = `${target}.part`;
  const hash = hashOf(file);
  let done = await hashPart(part, size, hash);
  if (done < size) {
    const response = await request(url, done, named, hub, signal);
    // A server may answer with the whole file; then what is here is of no use.
    if (done > 0 && response.status !== 206) {
      await rm(part, { force: true });
      return fetchFile({ url, file, folder, named, hub, tell, signal });
    }
    const handle = await open(part, 'a');
    try {
      for await (const bytes of response.body as unknown as AsyncIterable<Uint8Array>) {
        signal?.throwIfAborted();
        hash.update(bytes);
        await handle.writeFile(bytes);
        done += bytes.length;
        tell(Math.min(done, size));
        if (done > size) break;
      }
      await handle.sync();
    } catch (error) {
      signal?.throwIfAborted();
      throw broken(named, name, done, size, error);
    } finally {
      await handle.close();
    }
    if (done < size) throw broken(named, name, done, size);
  }
  if (done !== size || hash.digest('hex') !== digest.hex) {
    await rm(part, { force: true });
    throw new BaseError(
      'base_digest',
      `What came as ${name} of ${named} is not what the hub says it is, and was removed; try again, and if it stays so, ask who runs the hub or the proxy.`,
    );
  }
  await rename(part, target);
  tell(size);
}

function broken(named: string, name: string, done: number, size: number, cause?: unknown): BaseError {
  return new BaseError(
    'base_interrupted',
    `The connection broke after ${done} of ${size} bytes of ${name} of ${named}; run the same command again, and it goes on there.`,
    { cause },
  );
}

/** The bytes of a file from `from` on; the token goes to the hub and to nobody whom it points to. */
async function request(
  url: string,
  from: number,
  named: string,
  hub: Hub,
  signal: AbortSignal | undefined,
): Promise<Response> {
  let response: Response;
  try {
    response = await hub.fetch(url, {
      headers: {
        ...(hub.accessToken && { authorization: `Bearer ${hub.accessToken}` }),
        ...(from > 0 && { range: `bytes=${from}-` }),
      },
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw explained(error, named, hub.hubUrl);
  }
  if (!response.ok || !response.body)
    throw explained(new HubApiError(url, response.status), named, hub.hubUrl);
  return response;
}

/** Feeds what is there of a file to its digest, and says how much that is; too much is removed. */
async function hashPart(part: string, size: number, hash: Hash): Promise<number> {
  const there = await stat(part).catch(() => undefined);
  if (!there) return 0;
  if (there.size > size) {
    await rm(part);
    return 0;
  }
  for await (const bytes of createReadStream(part)) hash.update(bytes as Uint8Array);
  return there.size;
}

/** Git's digest of a file is of its size as well. */
function hashOf({ size, digest }: RemoteFile): Hash {
  return digest.kind === 'sha256' ? createHash('sha256') : createHash('sha1').update(`blob ${size}\0`);
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}

function isComplete(folder: string): Promise<boolean> {
  return isFile(join(folder, completeName));
}

async function keptBase(cache: string, known: string): Promise<string | undefined> {
  const revision = (await readFile(known, 'utf8').catch(() => '')).trim();
  if (!/^[0-9a-f]{40}$/.test(revision)) return undefined;
  return (await isComplete(join(cache, revision))) ? revision : undefined;
}

const isUnreachable = (error: unknown) => error instanceof TypeError || statusOf(error) >= 500;

const statusOf = (error: unknown) => (error instanceof HubApiError ? error.statusCode : 0);

function explained(error: unknown, named: string, hubUrl: string): unknown {
  if (error instanceof BaseError) return error;
  const status = statusOf(error);
  const options = { cause: error };
  if (status === 401 || status === 403)
    return new BaseError(
      'base_gated',
      `The hub does not give ${named} to you (${status}): accept its conditions on its page there, and set HF_TOKEN to a token that may read it; if there is no such model, correct the name.`,
      options,
    );
  if (status === 404)
    return new BaseError(
      'base_missing',
      `The hub has no model ${named}; check the name and the revision after the @.`,
      options,
    );
  if (isUnreachable(error))
    return new BaseError(
      'base_offline',
      `${hubUrl} cannot be reached${status > 0 ? ` (it answers ${status})` : ''}, and ${named} has not been fetched before; try again later, or name a folder that holds the model.`,
      options,
    );
  if (status > 0)
    return new BaseError(
      'base_refused',
      `The hub answers ${status} when asked for ${named}; try again later.`,
      options,
    );
  return error;
}

function writeText(path: string, text: string): Promise<void> {
  return replaceFile(path, new TextEncoder().encode(text));
}
