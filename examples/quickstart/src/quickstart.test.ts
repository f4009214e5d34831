import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kolben-quickstart-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the built quickstart with a few mails, and sends SIGINT when standard error says `stopAt`. */
function run(environment: Readonly<Record<string, string>> = {}, stopAt?: string, args = ['--mails', '400']) {
  const {
    KOLBEN_TEACHER_BASE_URL: _u,
    KOLBEN_TEACHER_MODEL: _m,
    KOLBEN_TEACHER_API_KEY: _k,
    ...clean
  } = process.env;
  const child = spawn(process.execPath, [main, '--folder', join(folder, 'state'), ...args], {
    cwd: folder,
    env: { ...clean, ...environment },
  });
  let stdout = '';
  let stderr = '';
  let stopped = false;
  child.stdout.on('data', (piece) => {
    stdout += String(piece);
  });
  child.stderr.on('data', (piece) => {
    stderr += String(piece);
    if (stopAt === undefined || stopped || !stderr.includes(stopAt)) return;
    stopped = true;
    child.kill('SIGINT');
  });
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((done) => {
    child.once('close', (code) => done({ code, stdout, stderr }));
  });
}

describe('the quickstart', () => {
  it('stops at Ctrl-C, goes on where it was, and ends with its report; the next run starts clean', async () => {
    const cutShort = await run({}, 'Asking the teacher …');
    expect(cutShort, cutShort.stderr).toMatchObject({ code: 130, stdout: '' });
    expect(cutShort.stderr).toContain('Starting clean: there is no earlier run here.');
    expect(cutShort.stderr).toContain('This is a replay of human labels, not a language model');
    expect(existsSync(join(folder, 'state', 'report.html'))).toBe(false);

    const whole = await run();
    expect(whole.code, whole.stderr).toBe(0);
    expect(whole.stderr).toContain('Going on with the run that was interrupted');
    expect(whole.stdout).toMatch(/answered +by the student: [\d,]+ of 168 mails/);
    expect(whole.stdout).toContain(`Report: ${join('state', 'report.html')}`);
    const page = readFileSync(join(folder, 'state', 'report.html'), 'utf8');
    expect(page).toContain('This teacher is not a language model.');
    expect(page.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:/);

    const next = await run({}, 'Starting clean: the earlier run was finished.');
    expect(next.code, next.stderr).toBe(130);
    expect(existsSync(join(folder, 'state', 'report.html'))).toBe(true);
  }, 180_000);

  it('answers half a teacher and odd numbers with one sentence', async () => {
    const half = await run({ KOLBEN_TEACHER_MODEL: 'gpt' });
    expect(half).toMatchObject({ code: 1, stdout: '' });
    expect(half.stderr.trimEnd().split('\n').at(-1)).toBe(
      'To use a language model as the teacher, also set KOLBEN_TEACHER_BASE_URL and KOLBEN_TEACHER_API_KEY; without all three, human labels are replayed.',
    );
    const few = await run({}, undefined, ['--mails', '7']);
    expect(few).toMatchObject({
      code: 1,
      stdout: '',
      stderr: '--mails must be a whole number from 300 to 6046.\n',
    });
    const odd = await run({}, undefined, ['--mial', '7']);
    expect(odd).toMatchObject({ code: 2, stdout: '' });
  }, 60_000);
});
