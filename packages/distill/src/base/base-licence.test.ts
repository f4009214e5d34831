import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readLicence } from './base-licence.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kolben-licence-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

test.each([
  ['a name', '---\nlicense: apache-2.0\ntags: [x]\n---\n# Model', { name: 'apache-2.0' }],
  ['a name in quotes', '---\r\nlicense: "mit"\r\n---\r\n', { name: 'mit' }],
  ['a remark behind it', '---\nlicense: mit # as the code\n---\n', { name: 'mit' }],
  ['a list of them', '---\nlicense:\n- mit\n- cc-by-4.0\n---\n', { name: 'mit, cc-by-4.0' }],
  [
    'one of its own',
    '---\nlicense: other\nlicense_name: qwen\nlicense_link: https://example.com/LICENSE\n---\n',
    { name: 'qwen', link: 'https://example.com/LICENSE' },
  ],
  ['no name beside other', '---\nlicense: other\n---\n', { name: 'other' }],
  ['none', '---\ntags: [x]\n---\n', null],
  ['a number', '---\nlicense: 3\n---\n', null],
  ['no head', '# Model\nlicense: mit\n', null],
  ['a head that is no YAML', '---\nlicense: mit: apache\n---\n', null],
])('%s', async (_, card, expected) => {
  await writeFile(join(folder, 'README.md'), card);
  expect(await readLicence(folder)).toEqual(expected);
});

test('a folder without a card', async () => {
  expect(await readLicence(join(folder, 'none'))).toBeNull();
});
