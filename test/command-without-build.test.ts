import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

test('in a clone that is not built, `kolben` says what to do instead of showing a stack trace', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kolben-bin-'));
  try {
    mkdirSync(join(folder, 'bin'));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    const command = join(folder, 'bin', 'kolben.js');
    copyFileSync(fileURLToPath(new URL('../packages/kolben/bin/kolben.js', import.meta.url)), command);
    const { status, stdout, stderr } = spawnSync(process.execPath, [command, 'up'], { encoding: 'utf8' });
    expect(stderr).toMatch(/^Kolben is not built completely \(.+\); run `npm run build`[^\n]+\n$/);
    expect(stdout).toBe('');
    expect(status).toBe(1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
