/**
 * Programs of tests that run in processes of their own, as they were built or as they stand in the sources.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * What Node is started with to run a file of a package's sources: flags, and the file as the last. Where the build is of
 * these very sources (as for threads, see docs/decisions/0191) it is the built file, which is up in a third of the time.
 */
export function programArguments(source: URL): string[] {
  const built = new URL(source.href.replace(/\/src\/(?!.*\/src\/)/, '/dist/').replace(/\.ts$/, '.js'));
  if (process.env.KOLBEN_BUILT_THREADS === '1' && existsSync(built)) return [fileURLToPath(built)];
  // By its address: the program may start in another folder.
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  return ['--import', loader, '--conditions=source', fileURLToPath(source)];
}
