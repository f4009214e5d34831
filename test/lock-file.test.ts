import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

interface Entry {
  version?: string;
  resolved?: string;
  link?: boolean;
  optionalDependencies?: Record<string, string>;
}

/** Looks for a package as Node does: in the folder's own node_modules, then in each one above it. */
function find(packages: Record<string, Entry>, name: string, from: string): Entry | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))) {
    const entry = packages[`${folder}${folder && '/'}node_modules/${name}`];
    if (entry || folder === '') return entry;
  }
}

describe.each(['package-lock.json', 'interop/package-lock.json'])('%s', (path) => {
  const { packages } = JSON.parse(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')) as {
    packages: Record<string, Entry>;
  };

  // npm leaves out the binaries of platforms that it couldn't find when it wrote the file; `npm ci` then refuses the
  // file as out of step, on every platform (npm/cli issue 9846). Add what is missing: version, os, cpu, libc, optional.
  test('lists the binaries of all platforms, or a fresh clone could not be installed', () => {
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter((name) => !find(packages, name, path)),
    );
    expect(missing).toEqual([]);
  });

  test('names versions only, so that each clone uses its own registry', () => {
    const addresses = Object.values(packages).filter(
      (entry) => !entry.link && entry.resolved?.includes('://'),
    );
    expect(addresses).toEqual([]);
  });
});
