import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { programArguments } from '../../../../test/program.ts';

/** Mebibytes of heap, half of them for the program itself. */
const heap = 24;
const calls = 25_000;

test('calls that are all distinct take little more than their texts', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    `--max-old-space-size=${heap}`,
    ...programArguments(new URL('testing/freeze-process.ts', import.meta.url)),
    String(calls),
  ]);
  expect(Number(stdout)).toBe(calls);
}, 300_000);
