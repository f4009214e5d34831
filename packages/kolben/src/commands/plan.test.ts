import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exampleFile, makeTexts } from '../testing/make-examples.ts';
import { runKolben } from '../testing/run-kolben.ts';

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'kolben-plan-'));
  writeFileSync(join(cwd, 'examples.jsonl'), exampleFile(makeTexts(600)));
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const run = (...args: string[]) => runKolben(['plan', ...args], { cwd });

describe('kolben plan', () => {
  test('prints the candidates, and its choice with the reason, as one JSON object', async () => {
    const { stdout, code } = await run('examples.jsonl', '--json');
    expect(code).toBe(0);
    const { choice, reason, candidates } = JSON.parse(stdout) as {
      choice: { schedule: string; stepMs: number };
      reason: string;
      candidates: {
        schedule: string;
        stepMs: number;
        bubble: number;
        memoryBytesPerChip: number[];
        fits: boolean;
      }[];
    };
    expect(candidates).toContainEqual(choice);
    expect(reason).toMatch(/ms a step/);
    expect(candidates.map(({ schedule }) => schedule)).toEqual(
      expect.arrayContaining(['sequential', 'replicas', 'zb-h1', 'dualpipe']),
    );
    for (const { stepMs, bubble, memoryBytesPerChip, fits } of candidates) {
      expect(stepMs).toBeGreaterThan(0);
      expect(bubble).toBeGreaterThanOrEqual(0);
      expect(memoryBytesPerChip.every((bytes) => bytes > 0)).toBe(true);
      expect(fits).toBe(true);
    }
  });

  test('cuts the model where a chip has too little memory for it, and says that this is why', async () => {
    const free = JSON.parse((await run('examples.jsonl', '--json', '--same-bits')).stdout) as {
      candidates: { schedule: string; memoryBytesPerChip: number[] }[];
    };
    const [alone] = free.candidates.find(({ schedule }) => schedule === 'sequential')!.memoryBytesPerChip;
    const memory = String((0.95 * alone!) / 2 ** 20);
    const { stdout } = await run('examples.jsonl', '--memory', memory);
    expect(stdout).toMatch(
      /A chip may use .* MiB and the model needs .* MiB on one, so it is cut into 2 stages/,
    );
  });

  test.each([
    [[], 'kolben plan needs a file of examples, or --task'],
    [['missing.jsonl'], 'missing.jsonl'],
    [['examples.jsonl', '--chips', '9'], '--chips must be a whole number from 1 to 4'],
    [['examples.jsonl', '--memory', '0'], '--memory must be a number greater than 0'],
    [['examples.jsonl', '--memory', '0.001'], 'No plan fits'],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await run(...args);
    expect(code).toBeGreaterThan(0);
    expect(stdout).toBe('');
    expect(stderr.trim().split('\n').at(-1)).toContain(message);
  });
});
