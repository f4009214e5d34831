/**
 * Starts a worker thread from one of our own files, built or as it stands in the sources.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * `file` names the worker beside the caller with the caller's own extension, such as
 * `new URL(`./worker${extensionOf(import.meta.url)}`, import.meta.url)`. From sources (tests, and whoever
 * imports by the `source` condition) the worker gets the loader that reads TypeScript.
 */
export function spawn(file: URL, options: WorkerOptions = {}): Worker {
  if (!file.pathname.endsWith('.ts')) return new Worker(file, options);
  const built = builtTwin(file);
  // Without the conditions of this process, by which it would find the sources again.
  if (built) return new Worker(built, { ...options, execArgv: [...(options.execArgv ?? [])] });
  // The loader's `--import` hook does nothing inside a worker, so the worker registers it and then imports the file.
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx/package.json'));
  const loader = new URL('dist/esm/api/index.mjs', tsx).href;
  const source = `const { register } = await import(${JSON.stringify(loader)}); register(); await import(${JSON.stringify(file.href)});`;
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), {
    ...options,
    execArgv: ['--conditions=source', ...(options.execArgv ?? [])],
  });
}

/**
 * The same file as it was built, where KOLBEN_BUILT_THREADS says that the build is of these very sources: our tests
 * build before they begin, and a thread is up in a fifth of the time that the loader takes.
 */
function builtTwin(file: URL): URL | undefined {
  if (process.env.KOLBEN_BUILT_THREADS !== '1') return undefined;
  const built = new URL(file.href.replace(/\/src\/(?!.*\/src\/)/, '/dist/').replace(/\.ts$/, '.js'));
  return existsSync(built) ? built : undefined;
}

/** `.ts` in the sources, `.js` in a build. */
export function extensionOf(moduleUrl: string): '.ts' | '.js' {
  return moduleUrl.endsWith('.ts') ? '.ts' : '.js';
}
