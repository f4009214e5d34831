import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { openStore } from '@kolben/store';
import { runCommand } from 'citty';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Context, Output } from '../cli/command.ts';
import { createProgress } from '../progress/create-progress.ts';
import { makeCall } from '../testing/make-call.ts';
import { exampleFile, makeTexts } from '../testing/make-examples.ts';
import { callKolben } from '../testing/run-kolben.ts';
import { plan } from './plan.ts';

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'kolben-plan-'));
  writeFileSync(join(cwd, 'examples.jsonl'), exampleFile(makeTexts(54)));
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const run = (...args: string[]) => callKolben(['plan', ...args], { cwd });

/** One planning with its object, its words and its progress; the command line prints either. */
async function planned(file: string): Promise<{ json: Record<string, unknown>; text: string; said: string }> {
  let said = '';
  const stream = new Writable({
    write(piece, _encoding, done) {
      said += String(piece);
      done();
    },
  });
  const progress = createProgress({ stream });
  const context: Context = {
    ...{ signal: new AbortController().signal, progress, json: false, cwd, stdin: Readable.from([]) },
    note: (line) => progress.say(line),
    write: async () => {},
  };
  const { result } = await runCommand(plan.definition, { rawArgs: [join(cwd, file)], data: context });
  progress.close();
  const { json, text } = result as Output;
  return { json: JSON.parse(JSON.stringify(json)), text, said };
}

describe('kolben plan', () => {
  /** Bytes that one chip needs, with four microbatches. */
  let onOneChip: number;

  test('gives the candidates, and its choice with the reason, as an object, and in words how far it is', async () => {
    const { json, text, said } = await planned('examples.jsonl');
    expect(said).toMatch(/of 6 measurements · \d chips? of \d cores?, \d microbatches/);
    const { choice, reason, candidates } = json as {
      choice: { schedule: string; stepMs: number };
      reason: string;
      candidates: {
        schedule: string;
        chips: number;
        threads: number;
        microbatches: number;
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
    expect(new Set(candidates.map(({ chips, threads }) => `${chips} of ${threads}`))).toEqual(
      new Set(['1 of 1', '1 of 2', '2 of 1']),
    );
    expect(new Set(candidates.map(({ microbatches }) => microbatches))).toEqual(new Set([2, 4, 8]));
    for (const { stepMs, bubble, memoryBytesPerChip, fits } of candidates) {
      expect(stepMs).toBeGreaterThan(0);
      expect(bubble).toBeGreaterThanOrEqual(0);
      expect(memoryBytesPerChip.every((bytes) => bytes > 0)).toBe(true);
      expect(fits).toBe(true);
    }
    onOneChip = candidates.find((one) => one.schedule === 'sequential' && one.microbatches === 4)!
      .memoryBytesPerChip[0]!;

    // The fastest of each schedule is shown.
    const [head, ...lines] = text.split('\n');
    expect(head).toMatch(/schedule +chips +cores each +stages/);
    const named = lines
      .slice(0, lines.indexOf(''))
      .map((line) => line.replace('→', ' ').trim().split(/ {2,}/));
    expect(new Set(named.map(([name]) => name)).size).toBe(11);
    expect(lines.filter((line) => line.startsWith('→'))).toHaveLength(1);
    expect(text).toMatch(/The fastest of each schedule is shown; --json has \d+ candidates more\./);
    expect(said).toMatch(/Weighed \d+ plans\./);
  });

  test('takes the recorded calls of the only task of a configuration', async () => {
    await callKolben(['init'], { cwd });
    const empty = await run('kolben.config.ts', '--same-bits');
    expect(empty).toMatchObject({ code: 1, stdout: '' });
    expect(empty.stderr).toContain("No calls of the task 'mails' are recorded");

    const store = await openStore({ directory: join(cwd, '.kolben') });
    for (const { text, label } of makeTexts(54)) await store.calls.record(makeCall(text, label));
    await store.close();
    for (const from of [['kolben.config.ts'], []]) {
      const { stdout, code } = await run(...from, '--same-bits', '--chips', '1', '--json');
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ choice: { schedule: 'sequential', chips: 1 } });
    }

    const config = readFileSync(join(cwd, 'kolben.config.ts'), 'utf8');
    writeFileSync(
      join(cwd, 'two.ts'),
      config.replace(
        'tasks: {',
        "tasks: {\n    orders: { kind: 'classify', teacher: 'openai/gpt-4.1-mini' },",
      ),
    );
    expect((await run('two.ts')).stderr).toContain(
      'two.ts has 2 tasks: choose one with --task, out of orders, mails.',
    );
    expect((await run('kolben.config.ts', '--config', 'two.ts')).stderr).toContain(
      'Two configurations are named, kolben.config.ts and two.ts: leave one out.',
    );
    expect((await run('missing.ts')).stderr).toContain('There is no configuration');
    rmSync(join(cwd, 'kolben.config.ts'));
  });

  test('cuts the model where a chip has too little memory for it, and says that this is why', async () => {
    const memory = String((0.95 * onOneChip) / 2 ** 20);
    const { stdout } = await run('examples.jsonl', '--same-bits', '--memory', memory);
    expect(stdout).toMatch(
      /A chip may use .* MiB and the model needs .* MiB on one, so it is cut into \d stages/,
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
