import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { runKolben } from '../testing/run-kolben.ts';

// React is CommonJS, so whatever loads it leaves it in this cache.
const tell = `data:text/javascript,${encodeURIComponent(`
  import { createRequire } from 'node:module';
  import { writeFileSync } from 'node:fs';
  const { cache } = createRequire(process.cwd() + '/');
  process.on('exit', () => writeFileSync(process.env.LOADED, Object.keys(cache).join('\\n')));
`)}`;

async function loadedBy(args: readonly string[], wrapped?: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'kolben-loaded-'));
  const file = join(folder, 'loaded');
  try {
    await runKolben(args, {
      cwd: folder,
      environment: { LOADED: file, NODE_OPTIONS: `--import ${tell}${wrapped ? ` --import ${wrapped}` : ''}` },
    });
    return existsSync(file) ? readFileSync(file, 'utf8') : 'the process ended without telling';
  } finally {
    rmSync(folder, { recursive: true });
  }
}

it('commands start without what draws their reports, those that can write one too', async () => {
  for (const args of [
    ['keys', 'list'],
    ['doctor'],
    ['explain', '--help'],
    ['eval', 'nothing', 'nowhere.jsonl'],
  ])
    expect(await loadedBy(args), args.join(' ')).not.toMatch(/react|without telling/);
});

it('would see it, were it loaded', async () => {
  const report = new URL('../../dist/report/render-report.js', import.meta.url);
  expect(fileURLToPath(report)).toSatisfy(existsSync);
  expect(await loadedBy(['--help'], report.href)).toMatch(/react-dom/);
});
