import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runKolben } from '../testing/run-kolben.ts';

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'kolben-simulate-'));
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const run = (line: string) => runKolben(['simulate', ...line.split(' ')], { cwd });
const units = '--forward 1 --backward-input 1 --backward-weight 1 --transfer 0';

describe('kolben simulate', () => {
  test('gives the published figures of DualPipe as one JSON object', async () => {
    const { stdout, code } = await run(
      `--schedule dualpipe --stages 8 --microbatches 20 ${units} --overlapped 3 --json`,
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      schedule: 'dualpipe',
      makespan: 66,
      bubbleRate: expect.closeTo(6 / 66, 9),
      bubbleRateDefinition: expect.stringContaining('longest span'),
      idlePerChip: [6, 6, 6, 6, 6, 6, 6, 6],
      peakActivations: [9, 9, 9, 9, 9, 9, 9, 9],
      parametersPerChip: 2,
    });
  });

  test('compares all in a table, and says of those that cannot be made why', async () => {
    const { stdout } = await run(`--schedule all --stages 3 --microbatches 12 ${units}`);
    expect(stdout).toMatch(/^zb-h1 +3 +38\.000 +5\.26 % +2\.000 +3 +1$/m);
    expect(stdout).toContain("dualpipe pairs its stages and can't have 3: give an even number.");
    const json = JSON.parse(
      (await run(`--schedule all --stages 3 --microbatches 12 ${units} --json`)).stdout,
    ) as { schedules: { schedule: string; makespan?: number; reason?: string }[] };
    expect(json.schedules.find(({ schedule }) => schedule === '1f1b')).toMatchObject({ makespan: 42 });
    expect(json.schedules.find(({ schedule }) => schedule === 'dualpipe')?.reason).toContain('even number');
  });

  test('draws the timeline', async () => {
    const { stdout } = await run(`--schedule zb-v --stages 2 --microbatches 4 ${units} --svg zb-v.svg`);
    expect(stdout).toContain('The timeline is in zb-v.svg.');
    const svg = readFileSync(join(cwd, 'zb-v.svg'), 'utf8');
    expect(svg).toContain('<svg');
    expect(svg).toContain('zb-v, 2 stages, 4 microbatches');
  });

  test.each([
    [`--schedule dualpipe --stages 4 --microbatches 9 ${units}`, "can't have 9: give an even number"],
    [`--schedule nothing --stages 4 --microbatches 9 ${units}`, '--schedule must be one of all, sequential'],
    [`--schedule 1f1b --stages 0 --microbatches 9 ${units}`, '--stages must be a whole number from 1'],
    [
      '--schedule 1f1b --stages 2 --microbatches 9 --forward -1 --backward-input 1 --backward-weight 1',
      '--forward must be a time of 0 or more',
    ],
    [
      '--schedule 1f1b --stages 2 --microbatches 9 --forward 0 --backward-input 0 --backward-weight 0',
      'cannot all be 0',
    ],
    [`--schedule all --stages 2 --microbatches 8 ${units} --svg a.svg`, '--svg draws one schedule'],
  ])('%s', async (line, message) => {
    const { code, stderr, stdout } = await run(line);
    expect(code).toBeGreaterThan(0);
    expect(stdout).toBe('');
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain(message);
  });
});
