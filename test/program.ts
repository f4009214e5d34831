/**
 * Programs of tests that run in processes of their own, as they were built or as they stand in the sources.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * What Node is started with to run a file of a package's sources: flags, and the file as the last. Where the build is of
 * these very sources (as for threads, see docs/decisions/0191) it is the built file, which is up in a third of the time.
 */
export function programArguments(source: URL): string[] {
  const built = new URL(source.href.replace(/\/src\/(?!.*\/src\/)/, '/dist/').replace(/\.ts$/, '.js'));
  if (process.env.KOLBEN_BUILT_THREADS === '1' && existsSync(built)) return [fileURLToPath(built)];
  return ['--import', 'tsx', '--conditions=source', fileURLToPath(source)];
}
