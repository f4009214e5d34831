/**
 * The page as it was built: its files, with their types, compressed beforehand, kept in memory.
 *
 * Only files that lay there when they were read are served, so no path leads anywhere else.
 *
 * @module
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

const encodings = [
  { name: 'br', ending: '.br' },
  { name: 'gzip', ending: '.gz' },
] as const;

export interface StaticFile {
  type: string;
  bytes: Buffer;
  /** By content encoding. */
  compressed: ReadonlyMap<string, Buffer>;
}

/** By path within the folder, with forward slashes. Empty where there is no such folder. */
export function readStaticFiles(folder: string): ReadonlyMap<string, StaticFile> {
  const files = new Map<string, StaticFile>();
  if (!existsSync(folder)) return files;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const type = types[extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const path = join(entry.parentPath, entry.name);
    const compressed = new Map<string, Buffer>();
    for (const { name, ending } of encodings)
      if (existsSync(path + ending)) compressed.set(name, readFileSync(path + ending));
    files.set(relative(folder, path).split(sep).join('/'), { type, bytes: readFileSync(path), compressed });
  }
  return files;
}

/** The file in the best encoding that the browser takes. */
export function staticResponse(file: StaticFile, accepted: string | undefined): Response {
  const taken = new Set(
    (accepted ?? '').split(',').flatMap((one) => {
      const [name = '', quality] = one.split(';').map((part) => part.trim());
      return quality === 'q=0' ? [] : [name.toLowerCase()];
    }),
  );
  const encoding = encodings.find(({ name }) => taken.has(name) && file.compressed.has(name))?.name;
  const bytes = encoding === undefined ? file.bytes : file.compressed.get(encoding)!;
  return new Response(new Uint8Array(bytes), {
    headers: {
      'content-type': file.type,
      'content-length': String(bytes.length),
      // Names of built files hold a digest of their content.
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'accept-encoding',
      ...(encoding !== undefined && { 'content-encoding': encoding }),
    },
  });
}
