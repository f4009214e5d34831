import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { openStore } from '@kolben/store';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LabelledText, makeTexts } from '../testing/make-examples.ts';
import { bin, callKolben, emptyFolder, runKolben } from '../testing/run-kolben.ts';

/** The way a company goes: a gateway in front of a teacher, a student from what was recorded, the switch. */

const texts = makeTexts(220);
const labelOf = new Map(texts.map(({ text, label }) => [text, label]));
const recorded = texts.slice(0, 160);
const unseen = texts.slice(160);

let folder: ReturnType<typeof emptyFolder>;
let teacher: Server;
let asked = 0;
const gateways: ChildProcess[] = [];

beforeAll(async () => {
  folder = emptyFolder();
  teacher = createServer((request, response) => {
    let body = '';
    request.on('data', (piece) => {
      body += String(piece);
    });
    request.on('end', () => {
      asked += 1;
      const { messages } = JSON.parse(body) as { messages: { content: string }[] };
      const message = { role: 'assistant', content: labelOf.get(messages.at(-1)!.content) };
      const usage = { prompt_tokens: 20, completion_tokens: 1, total_tokens: 21 };
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({
          id: 'x',
          object: 'chat.completion',
          created: 0,
          model: 'm',
          choices: [{ index: 0, message, finish_reason: 'stop' }],
          usage,
        }),
      );
    });
  });
  await new Promise<void>((listening) => teacher.listen(0, '127.0.0.1', listening));
  const { port } = teacher.address() as AddressInfo;
  const config = {
    port: 0,
    providers: {
      local: {
        baseUrl: `http://127.0.0.1:${port}/v1`,
        prices: { m: { inputPerMillion: 1, outputPerMillion: 1 } },
      },
    },
    // Who asks the teacher is counted here, so nothing is asked of both.
    tasks: { queue: { kind: 'classify', teacher: 'local/m', audit: 0 } },
  };
  writeFileSync(
    join(folder.path, 'kolben.config.ts'),
    `import { defineConfig } from 'kolben';\nexport default defineConfig(${JSON.stringify(config)});\n`,
  );
});
afterAll(async () => {
  for (const gateway of gateways) gateway.kill('SIGKILL');
  await new Promise((closed) => {
    teacher.close(closed);
    teacher.closeAllConnections();
  });
  folder.remove();
});

/** What is said is looked at here; that the built command says it, the gateway and the training below show. */
const kolben = (...args: string[]) => callKolben(args, { cwd: folder.path });

/** Starts `kolben up`, resolves with its address once it is ready; `stop` resolves with its exit code. */
async function up(): Promise<{ url: string; stop(): Promise<number | null> }> {
  const child = spawn(process.execPath, [bin, 'up', '--json'], { cwd: folder.path });
  gateways.push(child);
  const line = await new Promise<string>((ready, failed) => {
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (piece) => {
      stdout += String(piece);
      if (stdout.includes('\n')) ready(stdout);
    });
    child.stderr.on('data', (piece) => {
      stderr += String(piece);
    });
    child.once('close', () => failed(new Error(stderr)));
  });
  const stop = () =>
    new Promise<number | null>((stopped) => {
      child.once('close', stopped);
      child.kill('SIGINT');
    });
  return { url: (JSON.parse(line) as { url: string }).url, stop };
}

async function ask(
  url: string,
  secret: string,
  some: readonly LabelledText[],
): Promise<{ by: string | null; right: boolean }[]> {
  const queue = some.values();
  const answers: { by: string | null; right: boolean }[] = [];
  const worker = async () => {
    for (const { text, label } of queue) {
      const response = await fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          model: 'kolben/queue',
          messages: [
            { role: 'system', content: 'Which queue?' },
            { role: 'user', content: text },
          ],
        }),
      });
      const { choices } = (await response.json()) as { choices: { message: { content: string } }[] };
      answers.push({
        by: response.headers.get('x-kolben-answered-by'),
        right: choices[0]?.message.content === label,
      });
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return answers;
}

it('leads from the first call to a student that answers, with the commands alone', async () => {
  const { secret } = JSON.parse((await kolben('keys', 'create', '--name', 'app', '--json')).stdout) as {
    secret: string;
  };
  const none = await kolben('distill', '--task', 'queue');
  expect(none).toMatchObject({ code: 1, stdout: '' });
  expect(none.stderr).toContain("No calls of the task 'queue' are recorded");

  const first = await up();
  expect(first.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect((await ask(first.url, secret, recorded)).every(({ by, right }) => by === 'teacher' && right)).toBe(
    true,
  );
  expect(await first.stop()).toBe(0);
  expect(asked).toBe(recorded.length);

  const distilled = await runKolben(
    ['distill', '--task', 'queue', '--alpha', '0.2', '--chips', '1', '--json'],
    { cwd: folder.path },
  );
  expect(distilled.code, distilled.stderr).toBe(0);
  const report = JSON.parse(distilled.stdout) as {
    student: string;
    registered: string;
    dataset: { n: number };
    certificate: object | null;
  };
  expect(report.dataset.n).toBe(recorded.length);
  expect(report.certificate).not.toBeNull();
  expect(existsSync(join(report.student, 'kolben.json'))).toBe(true);
  const { students } = JSON.parse((await kolben('students', '--json')).stdout) as { students: object[] };
  expect(students).toMatchObject([
    { id: report.registered, task: 'queue', directory: report.student, current: true },
  ]);
  expect((await kolben('students', 'register', 'queue', 'nowhere')).code).toBe(1);
  // Nobody has compared the two, so the one in service stays.
  const again = await kolben('students', 'register', 'queue', report.student, '--json');
  expect(JSON.parse(again.stdout)).toMatchObject({ promoted: false });
  const listed = JSON.parse((await kolben('students', '--json')).stdout) as { students: object[] };
  expect(listed.students).toMatchObject([{ current: false }, { id: report.registered, current: true }]);

  const second = await up();
  expect((await kolben('route', 'queue', 'cascade')).stdout).toBe('queue: teacher → cascade\n');
  await new Promise((switched) => setTimeout(switched, 300));
  const answers = await ask(second.url, secret, unseen);
  const own = answers.filter(({ by }) => by === 'student');
  expect(own.length).toBeGreaterThan(unseen.length / 2);
  expect(own.filter(({ right }) => right).length / own.length).toBeGreaterThan(0.85);
  expect(asked).toBe(recorded.length + unseen.length - own.length);
  expect(await second.stop()).toBe(0);

  // A folder that a failing disk has spoilt: nobody gets a wrong answer for it, and nobody none.
  const model = join(report.student, 'onnx', 'model.onnx');
  const whole = readFileSync(model);
  const spoilt = Buffer.from(whole);
  spoilt[spoilt.length >> 1]! ^= 0xff;
  writeFileSync(model, spoilt);
  const third = await up();
  const some = unseen.slice(0, 8);
  expect(await ask(third.url, secret, some)).toEqual(some.map(() => ({ by: 'teacher', right: true })));
  expect(await third.stop()).toBe(0);
  writeFileSync(model, whole);

  const ledger = JSON.parse((await kolben('ledger', '--json')).stdout) as {
    rows: object[];
    total: Record<string, number>;
  };
  expect(ledger.rows).toMatchObject([
    { task: 'queue', answeredBy: 'teacher', calls: asked },
    { task: 'queue', answeredBy: 'student', calls: own.length, cost: 0 },
  ]);
  expect(ledger.total.saved).toBeGreaterThan(0);
  const store = await openStore({ directory: join(folder.path, '.kolben') });
  const acts = (await store.auditTrail()).map(({ act }) => act);
  await store.close();
  expect(acts).toEqual(['route.set', 'student.register', 'student.register', 'key.create']);
}, 120_000);

it('says in one sentence why it cannot start', async () => {
  const busy = createServer();
  await new Promise<void>((listening) => busy.listen(0, '127.0.0.1', listening));
  const { port } = busy.address() as AddressInfo;
  const taken = await kolben('up', '--port', String(port));
  busy.close();
  expect(taken).toMatchObject({ code: 1, stdout: '' });
  expect(taken.stderr).toBe(
    `Port ${port} on 127.0.0.1 is in use by another program; stop that one or choose another port.\n`,
  );
});
