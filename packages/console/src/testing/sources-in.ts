/**
 * The source of Kolben's packages, for tests that ask whether two places of it fit.
 *
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packages = fileURLToPath(new URL('../../../', import.meta.url));

/** The text of every file that isn't of tests. @param folder from the folder of all packages: `store/src` */
export function sourcesIn(folder: string): string[] {
  return readdirSync(join(packages, folder), { withFileTypes: true }).flatMap((entry) => {
    const { name } = entry;
    const path = `${folder}/${name}`;
    if (entry.isDirectory()) return name === 'testing' ? [] : sourcesIn(path);
    return /\.tsx?$/.test(name) && !/\.test\.tsx?$/.test(name)
      ? [readFileSync(join(packages, path), 'utf8')]
      : [];
  });
}
