import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callKolben, runKolben } from '../testing/run-kolben.ts';

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'kolben-simulate-'));
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

/** In the folder where files are written; several at once may not leave their working folder. */
const kolben = (args: string[]) => callKolben(args, args.includes('--svg') ? { cwd } : {});
const run = (line: string) => kolben(['simulate', ...line.split(' ')]);
const units = '--forward 1 --backward-input 1 --backward-weight 1 --transfer 0';

interface Figures {
  schedule: string;
  makespan: number;
  bubbleRate: number;
  bubbleRateDefinition: string;
  idlePerChip: number[];
  peakActivations: number[];
  parametersPerChip: number;
}

/** The one object that `--json` prints. */
async function json<T = Figures>(line: string): Promise<T> {
  const { stdout, stderr, code } = await run(`${line} --json`);
  expect({ code, stderr }, line).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as T;
}

/** The one sentence of a call that must fail, whether words or an object are asked for. */
async function sentence(line: string, as: string[] = []): Promise<string> {
  const args = ['simulate', ...line.split(' '), ...as];
  // One after the other: both are of this one process's working folder.
  const [words, object] = [await kolben(args), await kolben([...args, '--json'])];
  expect(object).toEqual(words);
  expect(words.code, line).toBeGreaterThan(0);
  expect(words.code, words.stderr).toBeLessThan(3);
  expect(words.stdout).toBe('');
  expect(words.stderr.trim().split('\n')).toHaveLength(1);
  return words.stderr.trim();
}

describe('kolben simulate', () => {
  test('gives the published figures of DualPipe as one JSON object with these fields and no others', async () => {
    const line = `--schedule dualpipe --stages 8 --microbatches 20 ${units} --overlapped 3 --json`;
    const { stdout, stderr, code } = await runKolben(['simulate', ...line.split(' ')], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.indexOf('\n')).toBe(stdout.length - 1);
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
    const { stdout } = await run(`--schedule all --stages 3 --microbatches 11 ${units}`);
    expect(stdout).toMatch(/^zb-h1 +3 +35\.000 +5\.71 % +2\.000 +3 +1$/m);
    const reasons = {
      dualpipe: "pairs its stages and can't have 3: give an even number",
      dualpipev: "puts two stages on each chip and can't have 3: give an even number",
      'interleaved-1f1b': '11 is no multiple of that: give 12',
      replicas: "doesn't come out even: give 12",
    };
    for (const reason of Object.values(reasons)) expect(stdout).toContain(reason);
    const { schedules } = await json<{ schedules: (Figures & { reason?: string })[] }>(
      `--schedule all --stages 3 --microbatches 11 ${units}`,
    );
    expect(schedules).toHaveLength(11);
    for (const { schedule, reason, ...rest } of schedules) {
      if (schedule in reasons) {
        expect(reason).toContain(reasons[schedule as keyof typeof reasons]);
        expect(rest).toEqual({});
      } else {
        expect(reason).toBeUndefined();
        expect(Object.keys(rest).sort()).toEqual([
          'bubbleRate',
          'bubbleRateDefinition',
          'idlePerChip',
          'makespan',
          'parametersPerChip',
          'peakActivations',
        ]);
      }
    }
    expect(schedules.find(({ schedule }) => schedule === '1f1b')).toMatchObject({ makespan: 39 });
  });

  test.each([
    [`--schedule dualpipe --stages 4 --microbatches 9 ${units}`, "can't have 9: give an even number"],
    [`--schedule dualpipe --stages 5 --microbatches 20 ${units}`, "can't have 5: give an even number"],
    [`--schedule dualpipe --stages 8 --microbatches 14 ${units}`, 'needs 16 microbatches or more'],
    [`--schedule dualpipev --stages 5 --microbatches 20 ${units}`, "can't have 5: give an even number"],
    [`--schedule dualpipev --stages 8 --microbatches 7 ${units}`, 'needs 8 microbatches or more'],
    [`--schedule interleaved-1f1b --stages 4 --microbatches 6 ${units}`, 'no multiple of that: give 8'],
    [`--schedule replicas --stages 4 --microbatches 6 ${units}`, "doesn't come out even: give 8"],
    [`--schedule 1f1b --stages 4 --microbatches 6 --replicas 4 ${units}`, "doesn't come out even: give 8"],
    [
      `--schedule all --stages 4 --microbatches 6 --replicas 4 ${units}`,
      'No schedule can be simulated with these counts. Schedule sequential deals 6 microbatches to 4 replicas',
    ],
    [`--schedule nothing --stages 4 --microbatches 9 ${units}`, '--schedule must be one of all, sequential'],
    [`--schedule 1f1b --stages 0 --microbatches 9 ${units}`, '--stages must be a whole number from 1'],
    [`--schedule 1f1b --stages 4 --microbatches 4097 ${units}`, '--microbatches must be a whole number'],
    [
      '--schedule 1f1b --stages 2 --microbatches 9 --forward 0 --backward-input 0 --backward-weight 0',
      'cannot all be 0',
    ],
    [`--schedule all --stages 2 --microbatches 8 ${units} --svg a.svg`, '--svg draws one schedule'],
  ])('%s', async (line, message) => {
    expect(await sentence(line)).toContain(message);
  });

  test('more instructions than it times in seconds are refused with their number and the way out', async () => {
    for (const counts of ['--stages 4096 --microbatches 4096', '--stages 4096 --microbatches 18'])
      expect(await sentence(`--schedule zb-h1 ${counts} ${units}`)).toMatch(
        /^Schedule zb-h1 would have up to [\d,]+ instructions with these counts, and at most 500,000 are simulated: give fewer --stages or --microbatches\.$/,
      );
    // Copies of stages exchange their weights: their number counts squared.
    expect(await sentence(`--schedule replicas --stages 512 --microbatches 512 ${units}`)).toContain(
      'would have up to 1,572,864 instructions',
    );
    expect(await sentence(`--schedule all --stages 4096 --microbatches 4096 ${units}`)).toContain(
      'Schedule sequential would have up to 50,335,744 instructions',
    );
    const { schedules } = await json<{ schedules: { schedule: string; reason?: string }[] }>(
      `--schedule all --stages 4 --microbatches 1024 --chunks 64 ${units}`,
    );
    expect(schedules.filter(({ reason }) => reason !== undefined)).toEqual([
      { schedule: 'interleaved-1f1b', reason: expect.stringContaining('at most 500,000') },
    ]);
  });

  test.each([
    ['forward', '1,5'],
    ['forward', '0x10'],
    ['backward-input', '1e308'],
    ['backward-weight', '5e-324'],
    ['transfer', 'Infinity'],
    ['transfer', 'NaN'],
    ['overlapped', '1e999'],
    ['overlapped', '-1'],
    ['forward', ''],
  ])("--%s can't be '%s'", async (option, text) => {
    const line = `--schedule dualpipe --stages 2 --microbatches 4 ${units}`;
    const others = line.replace(new RegExp(` --${option} \\S+`), '');
    expect(await sentence(others, [`--${option}=${text}`])).toMatch(
      text === '' ? `--${option} needs a value` : new RegExp(`^--${option} must be .*; it was '${text}'\\.$`),
    );
  });

  test.each([
    ['1e-12', '0', '0', '0'],
    ['1e12', '1e12', '1e12', '1e12'],
    ['1e-12', '1e12', '1e-12', '1e12'],
    ['0.1', '0.2', '0.3', '0'],
  ])('every figure is a number, also for F %s, B %s, W %s, transfer %s', async (F, B, W, transfer) => {
    const { schedules } = await json<{ schedules: Figures[] }>(
      `--schedule all --stages 4 --microbatches 8 --forward ${F} --backward-input ${B} --backward-weight ${W} --transfer ${transfer}`,
    );
    expect(schedules).toHaveLength(11);
    for (const {
      schedule,
      makespan,
      bubbleRate,
      idlePerChip,
      peakActivations,
      parametersPerChip,
    } of schedules) {
      expect(makespan, schedule).toBeGreaterThan(0);
      for (const number of [...idlePerChip, ...peakActivations, parametersPerChip]) {
        expect(Number.isFinite(number), schedule).toBe(true);
        expect(number, schedule).toBeGreaterThanOrEqual(0);
      }
      expect(bubbleRate, schedule).toBeGreaterThanOrEqual(0);
      expect(bubbleRate, schedule).toBeLessThanOrEqual(1);
      for (const idle of idlePerChip) expect(idle, schedule).toBeLessThanOrEqual(makespan);
    }
  });

  test('the unit of the times does not matter', async () => {
    const line = (unit: string) =>
      json(
        `--schedule zb-v --stages 4 --microbatches 9 --forward 3e${unit} --backward-input 2e${unit} --backward-weight 1e${unit} --transfer 1e${unit}`,
      );
    const [small, plain, large] = await Promise.all([line('-12'), line('0'), line('11')]);
    expect(small.bubbleRate).toBe(plain.bubbleRate);
    expect(large.bubbleRate).toBe(plain.bubbleRate);
    expect(small.makespan / 1e-12).toBeCloseTo(plain.makespan, 6);
    expect(large.makespan / 1e11).toBeCloseTo(plain.makespan, 6);
    expect(plain.idlePerChip.some((idle) => idle > 0)).toBe(true);
    small.idlePerChip.forEach((idle, chip) => {
      expect(idle / 1e-12).toBeCloseTo(plain.idlePerChip[chip]!, 6);
    });
  });
});

describe('kolben simulate --svg', () => {
  const line = `--schedule zb-v --stages 2 --microbatches 4 ${units}`;

  test('draws the timeline, in place of what was there', async () => {
    writeFileSync(join(cwd, 'zb-v.svg'), 'old');
    const { stdout } = await run(`${line} --svg zb-v.svg`);
    expect(stdout).toContain('The timeline is in zb-v.svg.');
    const svg = readFileSync(join(cwd, 'zb-v.svg'), 'utf8');
    expect(svg).toContain('<svg');
    expect(svg).toContain('zb-v, 2 stages, 4 microbatches');
    await json(`${line} --svg other.svg`);
    expect(readFileSync(join(cwd, 'other.svg'), 'utf8')).toBe(svg);
  });

  test('replaces the file behind a symbolic link, not the link', async () => {
    writeFileSync(join(cwd, 'target.svg'), 'old');
    symlinkSync('target.svg', join(cwd, 'link.svg'));
    await json(`${line} --svg link.svg`);
    expect(lstatSync(join(cwd, 'link.svg')).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(cwd, 'target.svg'), 'utf8')).toContain('<svg');
  });

  test.each([
    ['nowhere/a.svg', 'its folder does not exist'],
    ['file.txt/a.svg', 'a part of its path is a file'],
    ['folder', 'it is a folder'],
    ['folder/', 'it is a folder'],
    ['nowhere/', 'it is a folder'],
    ['/dev/null', 'it is a device or a pipe'],
    [`${'a'.repeat(300)}.svg`, 'its name is too long'],
  ])('%s: one sentence, and nothing is written', async (file, why) => {
    const place = mkdtempSync(join(cwd, 'place-'));
    mkdirSync(join(place, 'folder'));
    writeFileSync(join(place, 'file.txt'), 'kept');
    const before = readdirSync(place, { recursive: true });
    for (const as of [[], ['--json']]) {
      const { code, stdout, stderr } = await callKolben(
        ['simulate', ...line.split(' '), '--svg', file, ...as],
        { cwd: place },
      );
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toBe(
        `--svg ${file} cannot be written: ${why}. Name a file in a folder that exists and that you may write to.\n`,
      );
    }
    expect(readdirSync(place, { recursive: true })).toEqual(before);
    expect(readFileSync(join(place, 'file.txt'), 'utf8')).toBe('kept');
    expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  // Root may write wherever the disk lets it.
  const isRoot = process.platform === 'linux' && process.getuid?.() === 0;

  test('a folder that may not be written to: one sentence, and what was there stays', async () => {
    const locked = join(cwd, 'locked');
    mkdirSync(locked);
    if (isRoot) execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', locked]);
    writeFileSync(join(locked, 'a.svg'), 'old');
    if (isRoot) execFileSync('mount', ['-o', 'remount,ro', locked]);
    else chmodSync(locked, 0o500);
    try {
      expect(await sentence(`${line} --svg locked/a.svg`)).toContain(
        isRoot ? 'the disk is read-only' : 'you may not write there',
      );
      expect(readFileSync(join(locked, 'a.svg'), 'utf8')).toBe('old');
      expect(readdirSync(locked)).toEqual(['a.svg']);
    } finally {
      if (isRoot) execFileSync('umount', [locked]);
      else chmodSync(locked, 0o700);
    }
  });

  test.runIf(isRoot)('a disk that is full: one sentence, and what was there stays', async () => {
    const disk = join(cwd, 'disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', disk]);
    try {
      writeFileSync(join(disk, 'a.svg'), 'old');
      expect(
        await sentence(`--schedule 1f1b --stages 8 --microbatches 40 ${units} --svg disk/a.svg`),
      ).toContain('the disk is full');
      expect(readFileSync(join(disk, 'a.svg'), 'utf8')).toBe('old');
      expect(readdirSync(disk)).toEqual(['a.svg']);
    } finally {
      execFileSync('umount', [disk]);
    }
  });
});

const oracles = process.env.KOLBEN_TEST_ORACLES;
const required = process.env.KOLBEN_TEST_REQUIRE === '1';

describe.skipIf(!oracles && !required)('published figures (needs KOLBEN_TEST_ORACLES)', () => {
  interface Oracle {
    published_bubble_rates: {
      stages: number;
      microbatches: number;
      F_ms: number;
      B_ms: number;
      W_ms: number;
      transfer_ms: number;
      bubble_rate: Record<string, number>;
    }[];
    golden: {
      schedule: string;
      /** The file's p; DualPipeV, which has two stages on each chip, is given by its chips instead. */
      stages?: number;
      chips?: number;
      microbatches: number;
      F: number;
      B_full: number;
      W: number;
      FB_overlapped?: number;
      makespan: number;
      idle_per_chip?: number;
      peak_activations?: number;
    }[];
  }
  const oracle = (): Oracle => {
    if (!oracles) throw new Error('KOLBEN_TEST_ORACLES is not set: name the folder of schedules.json.');
    return JSON.parse(readFileSync(join(oracles, 'schedules.json'), 'utf8'));
  };

  test('every published bubble rate, to four decimals', async () => {
    const found: Record<string, string> = {};
    const published: Record<string, string> = {};
    for (const row of oracle().published_bubble_rates) {
      const times = `--forward ${row.F_ms} --backward-input ${row.B_ms} --backward-weight ${row.W_ms} --transfer ${row.transfer_ms}`;
      await Promise.all(
        Object.entries(row.bubble_rate).map(async ([name, rate]) => {
          const line = `--schedule ${name} --stages ${row.stages} --microbatches ${row.microbatches} ${times}`;
          const figures = await json(line);
          found[line] = figures.bubbleRate.toFixed(4);
          published[line] = rate.toFixed(4);
          expect(figures.idlePerChip, line).toHaveLength(row.stages);
        }),
      );
    }
    expect(Object.keys(published).length).toBeGreaterThan(0);
    expect(found).toEqual(published);
  });

  test('every golden makespan, waiting and peak of activations', async () => {
    const { golden } = oracle();
    for (const row of golden) {
      const { schedule, microbatches, F, B_full, W, FB_overlapped, idle_per_chip, peak_activations } = row;
      const stages = row.stages ?? 2 * row.chips!;
      const overlapped = FB_overlapped === undefined ? '' : ` --overlapped ${FB_overlapped}`;
      const figures = await json(
        `--schedule ${schedule} --stages ${stages} --microbatches ${microbatches} --forward ${F} --backward-input ${B_full - W} --backward-weight ${W}${overlapped}`,
      );
      expect(figures.makespan, schedule).toBe(row.makespan);
      expect(figures.idlePerChip, schedule).toHaveLength(row.chips ?? stages);
      if (idle_per_chip !== undefined)
        expect(new Set(figures.idlePerChip), schedule).toEqual(new Set([idle_per_chip]));
      if (peak_activations !== undefined)
        expect(Math.max(...figures.peakActivations), schedule).toBe(peak_activations);
    }
    expect(golden.length).toBeGreaterThan(0);
  });

  test('the closed forms, in their units', async () => {
    const [p, m, v, F, B, W] = [6, 24, 3, 4, 3, 2];
    const { schedules } = await json<{ schedules: Figures[] }>(
      `--schedule all --stages ${p} --microbatches ${m} --chunks ${v} --forward ${F} --backward-input ${B} --backward-weight ${W}`,
    );
    const of = (name: string) => {
      const { makespan, idlePerChip, peakActivations, parametersPerChip } = schedules.find(
        ({ schedule }) => schedule === name,
      )!;
      return {
        chips: idlePerChip.length,
        bubble: Math.max(...idlePerChip),
        peak: Math.max(...peakActivations),
        parameters: parametersPerChip,
        work: makespan - Math.max(...idlePerChip),
      };
    };
    const work = m * (F + B + W);
    const pipeline = { chips: p, parameters: 1, work };
    expect(of('gpipe')).toEqual({ ...pipeline, bubble: (p - 1) * (F + B + W), peak: m });
    expect(of('1f1b')).toEqual({ ...pipeline, bubble: (p - 1) * (F + B + W), peak: p });
    const interleaved = of('interleaved-1f1b');
    expect(interleaved).toMatchObject({ chips: p, parameters: 1 });
    expect(interleaved.bubble).toBeCloseTo(((p - 1) * (F + B + W)) / v, 9);
    expect(interleaved.peak).toBeCloseTo(p * (1 + (p - 1) / (p * v)), 9);
    expect(of('zb-h1')).toEqual({ ...pipeline, bubble: (p - 1) * (F + B - W), peak: p });
    expect(of('zb-h2')).toMatchObject({ chips: p, parameters: 1, peak: 2 * p - 1 });
    expect(of('zb-v')).toMatchObject({ chips: p, parameters: 1, peak: p });

    // By the span of each stage: the chips of ZB-H2 neither begin nor end together. ZB-V never waits if F = B = W.
    const line = `--stages ${p} --microbatches ${m} --transfer 0`;
    const { bubbleRate } = await json(
      `--schedule zb-h2 ${line} --forward ${F} --backward-input ${B} --backward-weight ${W}`,
    );
    const bubble = (p - 1) * (F + B - 2 * W);
    expect(bubbleRate).toBeCloseTo(bubble / (work + bubble), 8);
    expect((await json(`--schedule zb-v ${line} ${units.replace(' --transfer 0', '')}`)).bubbleRate).toBe(0);

    // Of the two DualPipes for the times of the golden rows: (p/2 - 1)(F&B + B - 3W) with a whole B of 2.
    for (const [name, chips] of [
      ['dualpipe', p],
      ['dualpipev', p / 2],
    ] as const)
      expect(
        await json(`--schedule ${name} --stages ${p} --microbatches ${m} ${units} --overlapped 3`),
      ).toMatchObject({
        idlePerChip: Array.from({ length: chips }, () => (p / 2 - 1) * (3 + 2 - 3)),
        peakActivations: Array.from({ length: chips }, () => p + 1),
        parametersPerChip: 2,
      });
  });
});
