import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/** Mebibytes of heap, half of them for the program itself and what compiles it. */
const heap = 48;
const calls = 50_000;

test('calls that are all distinct take little more than their texts', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    `--max-old-space-size=${heap}`,
    ...['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href],
    '--conditions=source',
    fileURLToPath(new URL('testing/freeze-process.ts', import.meta.url)),
    String(calls),
  ]);
  expect(Number(stdout)).toBe(calls);
}, 300_000);
