import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openStore } from '@kolben/store';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { callKolben, emptyFolder } from '../testing/run-kolben.ts';

/** From examples to a frozen folder and its next version, by real processes. */

let folder: ReturnType<typeof emptyFolder>;
beforeEach(() => {
  folder = emptyFolder();
});
afterEach(() => folder.remove());

const text = (i: number) =>
  `number ${i * 7919} ${i % 2 ? 'won a prize' : 'meets at noon'}, call 0664 ${1_000_000 + i}`;
const label = (i: number) => (i % 2 ? 'spam' : 'ham');
function write(name: string, from: number, to: number): void {
  const lines = Array.from({ length: to - from }, (_, i) =>
    JSON.stringify({
      messages: [
        { role: 'user', content: text(from + i) },
        { role: 'assistant', content: label(from + i) },
      ],
    }),
  );
  writeFileSync(join(folder.path, name), lines.join('\n'));
}
const run = (...args: string[]) => callKolben(['dataset', ...args], { cwd: folder.path });

it('freezes a file, shows it, and freezes the next version', async () => {
  write('mails.jsonl', 0, 100);
  const frozen = await run('mails.jsonl', '--out', 'one', '--json');
  expect(frozen).toMatchObject({ code: 0 });
  const one = JSON.parse(frozen.stdout);
  expect(one).toMatchObject({
    folder: 'one',
    kind: 'classify',
    labels: ['ham', 'spam'],
    parent: null,
    source: 'mails.jsonl',
    counts: { n: 100, redacted: 100 },
    redaction: { found: { phone: 100 } },
  });
  expect(readFileSync(join(folder.path, 'one', 'train.jsonl'), 'utf8')).not.toContain('0664');

  const shown = await run('show', 'one');
  expect(shown.code).toBe(0);
  expect(shown.stdout).toContain(one.digest);
  expect(shown.stdout).toContain('100 examples (phone 100)');

  write('more.jsonl', 100, 130);
  const next = await run('freeze', 'more.jsonl', '--out', 'two', '--parent', 'one', '--json');
  expect(JSON.parse(next.stdout)).toMatchObject({ parent: one.digest, counts: { n: 130, inherited: 100 } });

  const again = await run('mails.jsonl', '--out', 'two');
  expect(again).toMatchObject({ code: 1, stdout: '' });
  expect(again.stderr.split('\n').slice(-2).join('\n')).toMatch(
    /two: something stands here already, and a dataset is never changed[^\n]*\.\n$/,
  );
  expect(readdirSync(folder.path).sort()).toEqual(['mails.jsonl', 'more.jsonl', 'one', 'two']);
});

it('freezes recorded calls, and texts as they are where that is wanted', async () => {
  const store = await openStore({ directory: join(folder.path, 'data') });
  for (let i = 0; i < 60; i++) {
    await store.calls.record({
      at: new Date(Date.UTC(2026, 0, 1, i)),
      task: 'mails',
      keyId: null,
      route: 'teacher',
      answeredBy: 'teacher',
      provider: 'acme',
      model: 'large',
      request: { messages: [{ role: 'user', content: text(i) }] },
      response: { choices: [{ message: { role: 'assistant', content: label(i) }, finish_reason: 'stop' }] },
      status: 'ok',
      latencyMs: 1,
      usage: { promptTokens: 20, completionTokens: 1, estimated: false },
      cost: 0.0001,
      teacherCost: 0.0001,
      streamed: false,
    });
  }
  await store.close();
  const args = ['--task', 'mails', '--data', 'data', '--out', 'calls', '--keep-personal-data', '--json'];
  const frozen = await run(...args);
  expect(frozen).toMatchObject({ code: 0 });
  expect(JSON.parse(frozen.stdout)).toMatchObject({
    counts: { n: 60, redacted: 0 },
    redaction: null,
    splitBy: 'time',
    source: 'the recorded calls of mails',
  });
  expect(readFileSync(join(folder.path, 'calls', 'train.jsonl'), 'utf8')).toContain('0664 1000000');
});

it.each([
  [['mails.jsonl', '--out', 'x', '--task', 'mails'], 2, 'leave them out'],
  [['--out', 'x'], 2, 'needs a file of examples'],
  [['mails.jsonl'], 2, '--out'],
  [['nothing.jsonl', '--out', 'x'], 1, 'no such file'],
  [['mails.jsonl', '--out', 'x', '--kind', 'extract'], 1, 'no JSON object'],
  [['mails.jsonl', '--out', 'x', '--kind', 'guess'], 2, '--kind'],
  [['mails.jsonl', '--out', 'x', '--parent', 'nowhere'], 1, 'no such folder'],
  [['show', 'mails.jsonl'], 1, 'no dataset'],
] as const)('%j ends with code %i and one sentence', async (args, code, words) => {
  write('mails.jsonl', 0, 60);
  const result = await run(...args);
  expect(result).toMatchObject({ code, stdout: '' });
  expect(result.stderr).toContain(words);
  // What it was at stands before, in a line of its own.
  expect(result.stderr.trimEnd()).toMatch(/^(Reading the examples …\n)?[^\n]*\.$/);
  expect(readdirSync(folder.path)).toEqual(['mails.jsonl']);
});
