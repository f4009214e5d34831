import { execFileSync, spawn } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/**
 * Nothing phones home, ours or a part's: real processes of the built command under strace, which shows every
 * socket that is made, every address that is connected to and every file that is opened for writing.
 */

const kolben = fileURLToPath(new URL('../packages/kolben/bin/kolben.js', import.meta.url));

function hasStrace(): boolean {
  try {
    execFileSync('strace', ['-V'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const watching = hasStrace();
// In CI the tool is installed, and a skipped test would be a hole that nobody sees.
if (!watching && process.env.KOLBEN_TEST_REQUIRE === '1') throw new Error('strace is not installed.');

interface Observed {
  /** Socket families other than AF_UNIX and AF_NETLINK, as `AF_INET` and so on. */
  families: Set<string>;
  /** `address:port` of every connection. */
  connections: Set<string>;
  /** Every file or folder that was made, opened for writing, renamed or removed. */
  touched: Set<string>;
}

/** Reads what `strace -f -o` wrote. Attempts count, whether they succeeded or not, except files that aren't there. */
function read(trace: string, cwd: string): Observed {
  const observed: Observed = { families: new Set(), connections: new Set(), touched: new Set() };
  for (const line of readFileSync(trace, 'utf8').split('\n')) {
    const family = /\bsocket\((AF_\w+)/.exec(line)?.[1];
    if (family && family !== 'AF_UNIX' && family !== 'AF_NETLINK') observed.families.add(family);
    const address =
      /sin6?_port=htons\((\d+)\).*?(?:inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)")/.exec(line);
    if (address && /\b(connect|sendto|sendmsg)\(/.test(line))
      observed.connections.add(`${address[2] ?? address[3]}:${address[1]}`);
    const changes =
      /\b(creat|mkdir|mkdirat|rename|renameat|renameat2|unlink|unlinkat|rmdir|link|linkat|symlink|symlinkat|truncate)\(/.test(
        line,
      );
    const opens = /\b(open|openat)\(/.test(line) && /O_(WRONLY|RDWR|CREAT|TRUNC|APPEND)/.test(line);
    if (!changes && !opens) continue;
    if (/= -1 (ENOENT|ENOTDIR)/.test(line)) continue;
    for (const [, path] of line.matchAll(/"((?:[^"\\]|\\.)*)"/g)) observed.touched.add(resolve(cwd, path!));
  }
  return observed;
}

const calls =
  'socket,connect,sendto,sendmsg,open,openat,creat,mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,rmdir,link,linkat,symlink,symlinkat,truncate';

describe.skipIf(!watching)('nothing phones home (needs strace)', () => {
  let root: string;
  let work: string;
  let home: string;
  let temporary: string;
  let traces: string;
  beforeAll(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'kolben-home-')));
    [work, home, temporary, traces] = ['work', 'home', 'tmp', 'traces'].map((name) => {
      mkdirSync(join(root, name));
      return join(root, name);
    }) as [string, string, string, string];
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  const environment = () => {
    const { PATH, LANG } = process.env;
    return { PATH, LANG, HOME: home, TMPDIR: temporary, TMP: temporary, TEMP: temporary };
  };

  /** Starts `kolben` under strace; `pid` resolves with the process itself, for strace keeps signals to itself. */
  function start(name: string, args: string[]) {
    const trace = join(traces, name);
    const script = `echo $$ > "${trace}.pid"; exec "$0" "$@"`;
    const command = [
      '-f',
      '-qq',
      '-s',
      '4096',
      '-e',
      `trace=${calls}`,
      '-o',
      trace,
      'sh',
      '-c',
      script,
      process.execPath,
      kolben,
      ...args,
    ];
    const child = spawn('strace', command, { cwd: work, env: environment() });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (piece) => {
      stdout += String(piece);
    });
    child.stderr.on('data', (piece) => {
      stderr += String(piece);
    });
    const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((done, failed) => {
      child.once('error', failed);
      child.once('close', (code) => done({ code, stdout, stderr }));
    });
    return {
      ended,
      output: () => stdout,
      pid: () => Number(readFileSync(`${trace}.pid`, 'utf8')),
      observed: () => read(trace, work),
    };
  }

  function expectOnlyWorkTouched({ touched }: Observed) {
    const elsewhere = [...touched].filter(
      (path) =>
        path !== work &&
        !path.startsWith(`${work}/`) &&
        !path.startsWith(traces) &&
        !/^\/dev\/(null|tty|pts\/)/.test(path),
    );
    expect(elsewhere).toEqual([]);
    expect(readdirSync(home)).toEqual([]);
    expect(readdirSync(temporary)).toEqual([]);
  }

  it('distill, eval and answer make no connection whatever, and write nothing but the student', async () => {
    const labels = ['billing', 'delivery'];
    const words = [
      ['invoice', 'refund', 'payment', 'receipt'],
      ['parcel', 'courier', 'tracking', 'doorstep'],
    ];
    const lines = Array.from({ length: 160 }, (_, i) => {
      const kind = words[i % 2]!;
      const content = `${kind[i % 4]} number ${i} and ${kind[(i * 7 + 1) % 4]} of ${kind[(i * 3 + 2) % 4]} ${i * 17}`;
      return JSON.stringify({
        messages: [
          { role: 'user', content },
          { role: 'assistant', content: labels[i % 2] },
        ],
      });
    });
    writeFileSync(join(work, 'examples.jsonl'), `${lines.join('\n')}\n`);
    const commands = [
      [
        'distill',
        'examples.jsonl',
        '--out',
        'student',
        '--time-budget',
        '0.001',
        '--report',
        'report.html',
        '--json',
      ],
      ['eval', 'student', 'examples.jsonl', '--json'],
      ['answer', 'student', 'where is my parcel'],
    ];
    for (const args of commands) {
      const process = start(args[0]!, args);
      const { code, stderr } = await process.ended;
      expect(code, stderr).toBe(0);
      const observed = process.observed();
      expect([...observed.families]).toEqual([]);
      expect([...observed.connections]).toEqual([]);
      expectOnlyWorkTouched(observed);
    }
    expect(readdirSync(work).sort()).toEqual(['examples.jsonl', 'report.html', 'student']);
  }, 120_000);

  it('the gateway connects to the configured teacher and to nobody else', async () => {
    const teacher = createServer((request, response) => {
      request.resume().on('end', () => {
        response.setHeader('content-type', 'application/json');
        const choices = [
          { index: 0, message: { role: 'assistant', content: 'delivery' }, finish_reason: 'stop' },
        ];
        response.end(
          JSON.stringify({
            id: 'x',
            object: 'chat.completion',
            created: 0,
            model: 'm',
            choices,
            usage: { prompt_tokens: 5, completion_tokens: 1, total_tokens: 6 },
          }),
        );
      });
    });
    await new Promise<void>((listening) => teacher.listen(0, '127.0.0.1', listening));
    const { port } = teacher.address() as AddressInfo;
    const config = {
      dataDirectory: 'data',
      port: 0,
      providers: {
        local: {
          baseUrl: `http://127.0.0.1:${port}/v1`,
          prices: { m: { inputPerMillion: 1, outputPerMillion: 1 } },
        },
      },
      tasks: { mails: { kind: 'classify', teacher: 'local/m' } },
    };
    writeFileSync(
      join(work, 'kolben.config.ts'),
      `import { defineConfig } from 'kolben';\nexport default defineConfig(${JSON.stringify(config)});\n`,
    );
    const made = start('keys', ['keys', 'create', '--name', 'test', '--json']);
    const { secret } = JSON.parse((await made.ended).stdout) as { secret: string };

    const gateway = start('up', ['up', '--json']);
    try {
      await expect.poll(gateway.output, { timeout: 20_000 }).toContain('\n');
      const { url } = JSON.parse(gateway.output()) as { url: string };
      const answer = await fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          model: 'kolben/mails',
          messages: [{ role: 'user', content: 'where is my parcel' }],
        }),
      });
      expect(answer.status).toBe(200);
    } finally {
      process.kill(gateway.pid(), 'SIGINT');
    }
    expect((await gateway.ended).code).toBe(0);
    teacher.close();
    teacher.closeAllConnections();
    const observed = gateway.observed();
    expect([...observed.connections]).toEqual([`127.0.0.1:${port}`]);
    expectOnlyWorkTouched(observed);
    expectOnlyWorkTouched(made.observed());
    expect([...made.observed().connections]).toEqual([]);
  }, 60_000);
});
