import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';

const folder = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** The text of the only fenced block in that language. */
function block(language: string): string {
  const found = readme.split('```').filter((part, i) => i % 2 === 1 && part.startsWith(`${language}\n`));
  expect(found.length).toBe(1);
  return found[0].slice(language.length + 1);
}

test('the example of the README runs as it stands there, and prints what is said there', () => {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const file = join(folder, `readme-example-${process.pid}.mts`);
  writeFileSync(file, block('ts'));
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--conditions=source', '--import', tsx, file],
    { cwd: folder, encoding: 'utf8', timeout: 50_000 },
  );
  rmSync(file);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  // Another processor may round differently, and no two runs take the same time.
  const shape = (text: string) => text.replace(/\d+(?= %)/g, '#').replace(/\d\.\d+/g, '#');
  expect(shape(stdout)).toBe(shape(block('text')));
  const losses = (text: string) => [...text.matchAll(/loss (\d+\.\d+)/g)].map((match) => Number(match[1]));
  losses(stdout).forEach((loss, i) => {
    expect(loss).toBeCloseTo(losses(block('text'))[i], 1);
  });
});
