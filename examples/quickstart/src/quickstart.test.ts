import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openStore } from 'kolben';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kolben-quickstart-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the built quickstart with a few mails, and sends SIGINT when standard error says `stopAt`. */
function run(environment: Readonly<Record<string, string>> = {}, stopAt?: string, args = ['--mails', '300']) {
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
    expect(whole.stdout).toMatch(/answered +by the student: [\d,]+ of 126 mails/);
    // The answers are found again by the mails' very text, so that of mails with addresses in them must be there as it is.
    const store = await openStore({ directory: join(folder, 'state', 'data') });
    let withAddress = 0;
    for (const { request } of await store.calls.list({ limit: 1_000 }))
      if (/\w@\w/.test(JSON.stringify(request))) withAddress += 1;
    await store.close();
    expect(withAddress).toBeGreaterThan(0);
    expect(whole.stdout).toContain(`Report: ${join('state', 'report.html')}`);
    const page = readFileSync(join(folder, 'state', 'report.html'), 'utf8');
    expect(page).toContain('This teacher is not a language model.');
    expect(page.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:/);

    const next = await run({}, 'Starting clean: the earlier run was finished.');
    expect(next.code, next.stderr).toBe(130);
    expect(existsSync(join(folder, 'state', 'report.html'))).toBe(true);
  }, 180_000);

  it('takes the language model that the environment names, with its key and its price', async () => {
    const seen = { keys: new Set<string | undefined>(), models: new Set<string>(), calls: 0 };
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (piece) => {
        body += String(piece);
      });
      request.on('end', () => {
        const { model, messages } = JSON.parse(body) as { model: string; messages: { content: string }[] };
        seen.keys.add(request.headers.authorization);
        seen.models.add(model);
        seen.calls += 1;
        const content = /free|\$|click|money/i.test(messages.at(-1)!.content) ? 'spam' : 'ham';
        const choices = [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }];
        const usage = { prompt_tokens: 1000, completion_tokens: 1, total_tokens: 1001 };
        response.setHeader('content-type', 'application/json');
        response.end(
          JSON.stringify({ id: 'x', object: 'chat.completion', created: 0, model, choices, usage }),
        );
      });
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as AddressInfo;
    const environment = {
      KOLBEN_TEACHER_BASE_URL: `http://127.0.0.1:${port}/v1`,
      KOLBEN_TEACHER_MODEL: 'some/model',
      KOLBEN_TEACHER_API_KEY: 'the-key',
      KOLBEN_TEACHER_INPUT_PRICE: '1',
      KOLBEN_TEACHER_OUTPUT_PRICE: '0',
    };
    const { code, stdout, stderr } = await run(environment, undefined, ['--mails', '300']);
    await new Promise((closed) => {
      server.close(closed);
      server.closeAllConnections();
    });
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('Teacher: teacher/some/model, a language model');
    expect(stderr).not.toContain('replay');
    expect(stdout).toContain('recorded   174 calls answered by some/model');
    expect({ keys: [...seen.keys], models: [...seen.models] }).toEqual({
      keys: ['Bearer the-key'],
      models: ['some/model'],
    });
    expect(seen.calls).toBeGreaterThanOrEqual(174);
    // A thousand tokens a call, at a dollar a million.
    expect(stderr).toMatch(/Recorded 174 calls in .*; at list price \$0\.1740\./);
  }, 90_000);

  it('says in one sentence that the teacher failed, and can be run again', async () => {
    const server = createServer((request, response) => {
      request.resume();
      response.writeHead(401, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({
          error: {
            message: 'Incorrect API key provided.',
            type: 'invalid_request_error',
            code: 'invalid_api_key',
          },
        }),
      );
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as AddressInfo;
    const environment = {
      KOLBEN_TEACHER_BASE_URL: `http://127.0.0.1:${port}/v1`,
      KOLBEN_TEACHER_MODEL: 'some/model',
      KOLBEN_TEACHER_API_KEY: 'wrong',
    };
    const { code, stdout, stderr } = await run(environment, undefined, ['--mails', '300']);
    await new Promise((closed) => {
      server.close(closed);
      server.closeAllConnections();
    });
    expect({ code, stdout }, stderr).toEqual({ code: 1, stdout: '' });
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(
      /^After 0 answers the teacher failed \(.+\): mend that and run the quickstart again, it goes on from here\.$/,
    );
    expect(stderr).not.toContain('wrong');
  }, 60_000);

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
