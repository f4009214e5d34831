import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const folder = fileURLToPath(new URL('../docs/decisions/', import.meta.url));

test('the index of decisions lists every page once and nothing else', () => {
  const pages = readdirSync(folder).filter((name) => name !== 'README.md');
  const listed = [...readFileSync(join(folder, 'README.md'), 'utf8').matchAll(/^\| \[\d{4}\]\((.+?)\)/gm)];
  expect(listed.map((match) => match[1])).toEqual(pages.sort());
});

test('every decision says its context, its choice and its consequence', () => {
  for (const name of readdirSync(folder).filter((file) => file !== 'README.md')) {
    expect(name).toMatch(/^\d{4}-[\w.-]+\.md$/);
    const headings = readFileSync(join(folder, name), 'utf8').match(/^#+ .+$/gm);
    expect(headings, name).toEqual([expect.any(String), '## Context', '## Choice', '## Consequence']);
  }
});
