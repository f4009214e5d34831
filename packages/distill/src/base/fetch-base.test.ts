import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fetchBase, parseHubId } from './fetch-base.ts';
import { openBase } from './open-base.ts';

const commit = 'a'.repeat(40);
const weights = Buffer.from(Uint8Array.from({ length: 200_000 }, (_, i) => (i * 7 + (i >> 8)) % 251));
const contents: Record<string, Buffer> = {
  'config.json': Buffer.from('{"model_type":"bert"}'),
  'tokenizer.json': Buffer.from('{"model":{}}'),
  'model.safetensors': weights,
  'pytorch_model.bin': Buffer.from('of another framework'),
  'README.md': Buffer.from('---\nlicense: mit\n---\n'),
};

let server: Server;
let hubUrl: string;
let cache: string;
/** Requests for bytes: path, range, authorization. */
let asked: { path: string; range: string | undefined; token: string | undefined }[];
/** What the hub does otherwise. */
let answer: (request: IncomingMessage, response: ServerResponse) => boolean;

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const gitDigest = (bytes: Buffer) =>
  createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');

function serve(request: IncomingMessage, response: ServerResponse): unknown {
  const path = decodeURIComponent(new URL(request.url!, hubUrl).pathname);
  asked.push({ path, range: request.headers.range, token: request.headers.authorization });
  if (answer(request, response)) return undefined;
  const json = (value: unknown) => {
    response.setHeader('content-type', 'application/json');
    return response.end(JSON.stringify(value));
  };
  if (/^\/api\/models\/org\/name\/revision\/(main|v1)$/.test(path))
    return json({
      _id: '1',
      id: 'org/name',
      sha: commit,
      likes: 0,
      downloads: 0,
      private: false,
      gated: false,
    });
  if (path.startsWith(`/api/models/org/name/tree/${commit}`))
    return json(
      Object.entries(contents).map(([name, bytes]) => ({
        ...{ type: 'file', path: name, size: bytes.length, oid: gitDigest(bytes) },
        ...(name.endsWith('.safetensors') && {
          lfs: { oid: sha256(bytes), size: bytes.length, pointerSize: 130 },
        }),
      })),
    );
  const file = contents[path.replace(`/org/name/resolve/${commit}/`, '')];
  if (!file) {
    response.statusCode = 404;
    return json({ error: 'Repository not found' });
  }
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  response.statusCode = from > 0 ? 206 : 200;
  return response.end(file.subarray(from));
}

beforeEach(async () => {
  asked = [];
  answer = () => false;
  cache = mkdtempSync(join(tmpdir(), 'kolben-bases-'));
  server = createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  hubUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(cache, { recursive: true, force: true });
});

const bytesAsked = () => asked.filter(({ path }) => path.includes('/resolve/'));
const parts = () => readdirSync(cache, { recursive: true }).filter((name) => String(name).endsWith('.part'));
const fail = (status: number) => (_: IncomingMessage, response: ServerResponse) => {
  response.statusCode = status;
  response.end('{"error":"no"}');
  return true;
};

describe('a base from the hub', () => {
  test('comes with the files that are needed and no others, and is not fetched twice', async () => {
    const progress: { done: number; total: number }[] = [];
    const base = await fetchBase('org/name', { cache, hubUrl, onProgress: (event) => progress.push(event) });
    expect(base).toMatchObject({ id: 'org/name', revision: commit });
    expect(readdirSync(base.folder).sort()).toEqual([
      ...['README.md', 'complete.json', 'config.json', 'model.safetensors', 'tokenizer.json'],
    ]);
    expect(readFileSync(join(base.folder, 'model.safetensors')).equals(weights)).toBe(true);
    const total = weights.length + 21 + 12 + 21;
    expect(progress.at(-1)).toMatchObject({ done: total, total });
    for (const [i, { done }] of progress.entries())
      expect(done).toBeGreaterThanOrEqual(progress[i - 1]?.done ?? 0);
    const before = bytesAsked().length;
    expect(await fetchBase('org/name@v1', { cache, hubUrl })).toEqual(base);
    expect(bytesAsked()).toHaveLength(before);
    expect((await openBase('org/name', { cache, hubUrl })).lineage).toMatchObject({
      ...{ id: 'org/name', revision: commit, digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) },
      licence: { name: 'mit' },
    });
  });

  test('goes on where the connection broke', async () => {
    let breaks = 1;
    answer = (request, response) => {
      if (!request.url!.endsWith('model.safetensors') || breaks-- <= 0) return false;
      response.writeHead(200, { 'content-length': weights.length });
      response.write(weights.subarray(0, 120_000), () => setTimeout(() => response.destroy(), 20));
      return true;
    };
    await expect(fetchBase('org/name', { cache, hubUrl })).rejects.toMatchObject({
      code: 'base_interrupted',
    });
    expect(parts()).toHaveLength(1);
    const base = await fetchBase('org/name', { cache, hubUrl });
    const ranges = bytesAsked().filter(({ path }) => path.endsWith('.safetensors'));
    expect(ranges).toHaveLength(2);
    expect(ranges[1]!.range).toMatch(/^bytes=[1-9]\d*-$/);
    expect(readFileSync(join(base.folder, 'model.safetensors')).equals(weights)).toBe(true);
    expect(parts()).toEqual([]);
  });

  test('begins anew where a server knows no ranges', async () => {
    let calls = 0;
    answer = (request, response) => {
      if (!request.url!.endsWith('model.safetensors')) return false;
      if (calls++ === 0) {
        response.writeHead(200, { 'content-length': weights.length });
        response.write(weights.subarray(0, 5000), () => setTimeout(() => response.destroy(), 20));
      } else response.end(weights);
      return true;
    };
    await expect(fetchBase('org/name', { cache, hubUrl })).rejects.toMatchObject({
      code: 'base_interrupted',
    });
    const base = await fetchBase('org/name', { cache, hubUrl });
    expect(readFileSync(join(base.folder, 'model.safetensors')).equals(weights)).toBe(true);
  });

  test.each(['model.safetensors', 'config.json'])('leaves nothing of wrong bytes: %s', async (name) => {
    answer = (request, response) => {
      if (!request.url!.endsWith(name)) return false;
      const bytes = Buffer.from(contents[name]!);
      bytes[bytes.length - 3]! ^= 1;
      response.end(bytes);
      return true;
    };
    await expect(fetchBase('org/name', { cache, hubUrl })).rejects.toMatchObject({ code: 'base_digest' });
    expect(readdirSync(cache, { recursive: true }).filter((file) => String(file).includes(name))).toEqual([]);
    answer = () => false;
    expect(existsSync(join((await fetchBase('org/name', { cache, hubUrl })).folder, name))).toBe(true);
  });

  test.each([
    [401, 'base_gated'],
    [403, 'base_gated'],
    [404, 'base_missing'],
    [429, 'base_refused'],
    [503, 'base_offline'],
  ])('is refused in a sentence when the hub answers %i', async (status, code) => {
    answer = fail(status);
    const error = await fetchBase('org/name', { cache, hubUrl, token: 'hf_secret' }).catch((one) => one);
    expect(error).toMatchObject({ code });
    expect(`${error.message} ${error.stack}`).not.toContain('hf_secret');
    expect(asked[0]!.token).toBe('Bearer hf_secret');
  });

  test('is refused in a sentence when one of its files is', async () => {
    answer = (request, response) => request.url!.includes('/resolve/') && fail(403)(request, response);
    await expect(fetchBase('org/name', { cache, hubUrl })).rejects.toMatchObject({ code: 'base_gated' });
  });

  test('is taken from here where the hub cannot be reached, and refused where it isn’t here', async () => {
    const base = await fetchBase('org/name', { cache, hubUrl });
    const nowhere = { cache, hubUrl: 'http://127.0.0.1:9' };
    expect(await fetchBase('org/name', nowhere)).toEqual(base);
    await expect(fetchBase('org/name@v2', nowhere)).rejects.toMatchObject({ code: 'base_offline' });
    await expect(fetchBase('org/other', nowhere)).rejects.toMatchObject({ code: 'base_offline' });
  });

  test('must have a tokenizer and weights that are read', async () => {
    answer = (request, response) => {
      if (!request.url!.includes('/tree/')) return false;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify([{ type: 'file', path: 'config.json', size: 2, oid: 'x' }]));
      return true;
    };
    await expect(fetchBase('org/name', { cache, hubUrl })).rejects.toMatchObject({ code: 'base_incomplete' });
  });

  test('is not waited for when it is called off', async () => {
    const control = new AbortController();
    answer = (request, response) => {
      if (!request.url!.endsWith('model.safetensors')) return false;
      response.write(weights.subarray(0, 1000), () => control.abort(new Error('enough')));
      return true;
    };
    await expect(fetchBase('org/name', { cache, hubUrl, signal: control.signal })).rejects.toThrow('enough');
  });
});

describe('the name of a base', () => {
  test('is an organisation, a name and perhaps a revision, and leads out of no folder', () => {
    expect(parseHubId('org/name')).toEqual({ id: 'org/name', revision: 'main' });
    expect(parseHubId('org/na.me-2@refs/pr/1')).toEqual({ id: 'org/na.me-2', revision: 'refs/pr/1' });
    for (const wrong of ['name', 'a/b/c', '../b', 'a/..', 'a/b@', 'a/b@../../c', '/a/b', 'a b/c', ''])
      expect(parseHubId(wrong)).toBeUndefined();
    fc.assert(
      fc.property(fc.string(), (text) => {
        const { id = '', revision = '' } = parseHubId(text) ?? {};
        expect(`${id}@${revision}`).not.toMatch(/\.\.|\s|\\/);
      }),
      { seed: 1 },
    );
  });

  test('may be a folder; a file or anything else is refused', async () => {
    writeFileSync(join(cache, 'config.json'), '{}');
    const { folder, lineage } = await openBase(cache);
    expect(folder).toBe(cache);
    expect(lineage.revision).toBeNull();
    const before = lineage.digest;
    writeFileSync(join(cache, 'README.md'), 'not part of it');
    expect((await openBase(cache)).lineage.digest).toBe(before);
    writeFileSync(join(cache, 'config.json'), '{ }');
    expect((await openBase(cache)).lineage.digest).not.toBe(before);
    await expect(openBase(join(cache, 'config.json'))).rejects.toMatchObject({ code: 'base_id' });
    await expect(openBase('no folder')).rejects.toMatchObject({ code: 'base_id' });
  });
});
