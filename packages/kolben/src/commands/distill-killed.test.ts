import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exampleFile, makeTexts } from '../testing/make-examples.ts';
import { runKolben } from '../testing/run-kolben.ts';

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'kolben-killed-'));
  writeFileSync(join(cwd, 'examples.jsonl'), exampleFile(makeTexts(240)));
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

interface Report {
  training: { resumedAt: number; steps: number; tokens: number; paddingShare: number };
  warnings: string[];
}

const weights = (folder: string) =>
  createHash('sha256')
    .update(readFileSync(join(cwd, folder, 'model.safetensors')))
    .digest('hex');

test('a distillation that is killed goes on, to the very student', async () => {
  const distill = async (out: string, untilFile = false) => {
    let watching: NodeJS.Timeout | undefined;
    return runKolben(['distill', 'examples.jsonl', '--out', out, '--json'], {
      cwd,
      onStderr: (_, child) => {
        if (!untilFile || watching) return;
        watching = setInterval(() => {
          if (existsSync(join(cwd, `.${out}.training.safetensors`))) child.kill('SIGKILL');
        }, 10);
      },
    }).finally(() => clearInterval(watching));
  };
  const undisturbed = await distill('whole');
  expect(undisturbed.code).toBe(0);
  const killed = await distill('killed', true);
  expect(killed.signal).toBe('SIGKILL');
  expect(readdirSync(cwd)).toContain('.killed.training.safetensors');
  const again = await distill('killed');
  expect(again.code).toBe(0);
  const [whole, report] = [undisturbed, again].map(({ stdout }) => JSON.parse(stdout) as Report);
  expect(report!.training.resumedAt).toBeGreaterThan(0);
  // What was read is that of all steps, whichever process did them.
  for (const counted of ['steps', 'tokens', 'paddingShare'] as const)
    expect(report!.training[counted], counted).toBe(whole!.training[counted]);
  expect(report!.warnings.join()).toContain('Training went on from step');
  expect(weights('killed')).toBe(weights('whole'));
  expect(readdirSync(cwd).filter((name) => name.includes('.training'))).toEqual([]);
}, 120_000);
