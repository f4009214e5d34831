import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const script = fileURLToPath(new URL('../scripts/reference.mjs', import.meta.url));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kolben-reference-'));
  mkdirSync(join(folder, 'packages', 'engine', 'src'), { recursive: true });
  // The language's own declarations without a browser's, and unchecked: reading them took longer than the rest.
  const compilerOptions = {
    target: 'ES2023',
    lib: ['ES2023'],
    skipLibCheck: true,
    module: 'NodeNext',
    strict: true,
    types: [],
  };
  const tsconfig = { compilerOptions, include: ['src'] };
  writeFileSync(join(folder, 'packages', 'engine', 'tsconfig.json'), JSON.stringify(tsconfig));
  writeFileSync(join(folder, 'packages', 'engine', 'package.json'), '{"name":"engine","type":"module"}');
});
afterEach(() => rmSync(folder, { recursive: true }));

function run(source: string, ...flags: string[]) {
  writeFileSync(join(folder, 'packages', 'engine', 'src', 'index.ts'), source);
  const { status, stderr } = spawnSync(process.execPath, [script, folder, ...flags], { encoding: 'utf8' });
  return { status, stderr };
}

test('the reference says what the docstrings say, and the check notices when it no longer does', () => {
  const source = '/** Half of a number. */\nexport function half(x: number): number { return x / 2; }\n';
  expect(run(source)).toEqual({ status: 0, stderr: '' });
  const file = join(folder, 'docs', 'reference', 'engine', 'README.md');
  expect(readFileSync(file, 'utf8')).toContain('Half of a number.');
  expect(run(source, '--check').status).toBe(0);
  const stale = run(source.replace('Half', 'The half'), '--check');
  expect(stale.status).toBe(1);
  expect(stale.stderr).toContain('README.md is not what the sources say. Run `npm run reference`.');
});

test('an export without a docstring, or with a type that is not exported, is refused by name', () => {
  const { status, stderr } = run(
    'export const half = 0.5;\ninterface Hidden { readonly x: number }\n/** Of it. */\nexport function of(it: Hidden): number { return it.x; }\n',
  );
  expect(status).toBe(1);
  expect(stderr).toMatch(/half \(Variable\).* does not have any documentation/);
  expect(stderr).toMatch(/Hidden, .* is referenced by of.it but not included/);
});
