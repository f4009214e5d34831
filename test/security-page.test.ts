// docs/security.md promises with tests: each file that it names must be there and hold tests, and each page too.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const page = readFileSync(join(root, 'docs/security.md'), 'utf8');
const rows = page
  .split('\n')
  .filter((line) => /^\| [A-Z].*\.test\.ts`/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()));

it('names a test for each claim', () => {
  const [head = ''] = page.split('## What is defended')[1]!.split('## What is not');
  const claims = head.split('\n').filter((line) => line.startsWith('| ') && !/^\| (claim|-)/.test(line));
  expect(claims.length).toBeGreaterThan(15);
  expect(rows).toHaveLength(claims.length);
});

it.each([...new Set(page.match(/[\w/.-]+\.test\.ts/g) ?? [])])('%s is there and holds tests', (file) => {
  expect(readFileSync(join(root, file), 'utf8')).toMatch(/\b(test|it)(\.\w+)*(<[^>]*>)?\(/);
});

it.each([...page.matchAll(/\]\(([^)#:]+)\)/g)].map(([, link]) => link!))('links to %s', (link) => {
  expect(existsSync(join(root, 'docs', link))).toBe(true);
});

it('holds every known failure of other gateways against a test that is there', () => {
  const tests = readFileSync(join(root, 'packages/gateway/src/server/known-failures.test.ts'), 'utf8');
  for (const words of [
    'administration is reachable with a key of scope admin alone',
    'there is no key that everybody knows',
    'SQL in a key is a key that is not valid, and tells nothing',
    'no header says where a call goes',
    'no path leads elsewhere',
    'redirect (%i) is not followed',
    'nothing in the gateway can start a program',
    'a redaction that forgets nothing',
    'keys in addresses open nothing',
  ])
    expect(tests).toContain(words);
});
