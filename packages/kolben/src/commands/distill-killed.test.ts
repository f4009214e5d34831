import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exampleFile, makeTexts } from '../testing/make-examples.ts';
import { runKolben } from '../testing/run-kolben.ts';

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'kolben-killed-'));
  writeFileSync(join(cwd, 'examples.jsonl'), exampleFile(makeTexts(1200)));
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
  const distill = (out: string, onFile?: (child: { kill(signal: NodeJS.Signals): unknown }) => void) => {
    const run = runKolben(['distill', 'examples.jsonl', '--out', out, '--json'], {
      cwd,
      onStderr: (_, child) => {
        if (onFile && readdirSync(cwd).includes(`.${out}.training.safetensors`)) onFile(child);
      },
    });
    return run;
  };
  const undisturbed = await distill('whole');
  expect(undisturbed.code).toBe(0);
  const killed = await distill('killed', (child) => child.kill('SIGKILL'));
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
