// The guard is guarded: a check of import directions that sees nothing also finds nothing wrong.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A workspace under this project's rules: a clean file in each package and example, and what is planted. */
function workspace(planted: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'kolben-imports-'));
  folders.push(folder);
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const member = (path: string, name: string, dependencies: string[]) => {
    write(
      join(path, 'package.json'),
      JSON.stringify({
        name,
        exports: { '.': { source: './src/index.ts', default: './dist/index.js' } },
        dependencies: Object.fromEntries(dependencies.map((dependency) => [dependency, '1.0.0'])),
        devDependencies: { listed: '1.0.0' },
      }),
    );
    mkdirSync(dirname(join(folder, 'node_modules', name)), { recursive: true });
    symlinkSync(join(folder, path), join(folder, 'node_modules', name), 'junction');
  };
  copyFileSync(join(root, '.dependency-cruiser.cjs'), join(folder, '.dependency-cruiser.cjs'));
  for (const name of ['onnxruntime-node', 'onnx-proto', 'hono', 'undici', 'listed', 'unlisted']) {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' }));
    write(`node_modules/${name}/index.js`, 'module.exports = {};');
  }
  const bought = ['onnxruntime-node', 'onnx-proto', 'hono', 'undici'];
  member('packages/engine', '@kolben/engine', [...bought, '@kolben/store']);
  member('packages/store', '@kolben/store', [...bought, '@kolben/engine']);
  member('packages/gateway', '@kolben/gateway', [...bought, '@kolben/store']);
  member('packages/console', '@kolben/console', [...bought, '@kolben/gateway']);
  member('examples/one', 'example-one', ['@kolben/store']);
  member('examples/two', 'example-two', ['@kolben/store', 'example-one']);
  const clean = {
    'packages/engine/src/index.ts': "export * from './chips/chip.ts';",
    'packages/engine/src/chips/chip.ts': "import 'onnxruntime-node'; export const chip = 1;",
    'packages/engine/src/chips/chip.test.ts': "import 'node:child_process'; import './chip.ts';",
    'packages/engine/src/compile/emit.ts': "import 'onnx-proto'; import 'node:fs'; export const emit = 1;",
    'packages/store/src/index.ts': "import { chip } from '@kolben/engine'; export const store = chip;",
    'packages/store/src/testing/server.ts': "import 'node:http';",
    'packages/gateway/src/index.ts': "import '@kolben/store'; import 'node:http'; import 'hono';",
    'packages/console/src/index.ts': "export * from './server/pages.ts';",
    'packages/console/src/server/pages.ts':
      "import '@kolben/gateway'; import 'hono'; export const pages = 1;",
    'packages/console/src/app/page.tsx':
      "import type { pages } from '../server/pages.ts'; export type P = typeof pages;",
    'examples/one/src/index.ts': "import '@kolben/store'; import 'node:http'; import 'node:child_process';",
    'examples/two/src/index.ts': "import type { store } from '@kolben/store'; export type S = typeof store;",
  };
  for (const [path, text] of Object.entries({ ...clean, ...planted })) write(path, text);
  return folder;
}

function check(folder: string): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [join(root, 'scripts', 'check-imports.mjs'), folder], {
    encoding: 'utf8',
  });
}

test('a workspace that keeps the rules passes, and the count shows that it was looked at', () => {
  const { status, stdout, stderr } = check(workspace({}));
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^Import directions: 12 modules of 6 workspaces, \d\d imports, no fault\.\n$/);
  expect(status).toBe(0);
});

test('every rule catches what is planted against it, and nothing else is accused', () => {
  const planted: [file: string, code: string, rule: string][] = [
    [
      'packages/engine/src/up.ts',
      "import type { store } from '@kolben/store'; export type S = typeof store;",
      'package-order-engine',
    ],
    ['examples/two/src/copied.ts', "import 'example-one';", 'no-example-imports-another'],
    [
      'packages/store/src/relative.ts',
      "import '../../engine/src/index.ts';",
      'no-relative-import-across-packages',
    ],
    ['packages/gateway/src/deep.ts', "import '@kolben/engine/src/chips/chip.ts';", 'nothing-unresolvable'],
    ['packages/store/src/deep.ts', "import '../../engine/src/compile/emit.ts';", 'no-deep-import'],
    ['packages/store/src/session.ts', "import 'onnxruntime-node';", 'kernels-only-behind-chips'],
    ['packages/engine/src/run/session.ts', "await import('onnxruntime-node');", 'kernels-only-behind-chips'],
    ['packages/engine/src/run/read.ts', "import 'onnx-proto';", 'onnx-files-only-in-the-compiler'],
    [
      'packages/store/src/call.ts',
      "import https from 'node:https'; export const x = https;",
      'network-only-in-the-gateway',
    ],
    ['packages/engine/src/lookup.ts', "import 'node:dns/promises';", 'network-only-in-the-gateway'],
    ['packages/store/src/ask.ts', "import 'undici';", 'network-only-in-the-gateway'],
    ['packages/store/src/serve.ts', "import 'hono';", 'hono-only-in-gateway-and-console'],
    ['packages/console/src/app/look.ts', "import '../server/pages.ts';", 'page-apart-from-server'],
    ['packages/console/src/charts/bars.ts', "import '../app/look.ts';", 'charts-anywhere'],
    [
      'packages/gateway/src/start.ts',
      "import { exec } from 'child_process'; exec('x');",
      'no-processes-from-packages',
    ],
    ['packages/store/src/borrowed.ts', "import './testing/server.ts';", 'no-test-code-in-products'],
    ['packages/store/src/undeclared.ts', "import 'unlisted';", 'no-undeclared-dependency'],
    ['packages/store/src/development.ts', "import 'listed';", 'no-development-dependency-in-products'],
    ['packages/store/src/missing.ts', "import 'nowhere-to-be-found';", 'nothing-unresolvable'],
  ];
  const cycle = {
    'packages/store/src/hen.ts': "import { egg } from './egg.ts'; export const hen = () => egg;",
    'packages/store/src/egg.ts': "import { hen } from './hen.ts'; export const egg = () => hen;",
  };
  const gradients = {
    'packages/engine/src/graph/ops/pad.ts':
      "import { slice } from './slice.ts'; export const pad = () => slice;",
    'packages/engine/src/graph/ops/slice.ts':
      "import { pad } from './pad.ts'; export const slice = () => pad;",
  };
  const { status, stderr } = check(workspace({ ...cycle, ...gradients, ...Object.fromEntries(planted) }));
  const accused = [...stderr.matchAll(/^(\S+) → .*\[([\w-]+)\]/gm)].map(
    ([, file, rule]) => `${file} ${rule}`,
  );
  for (const [file, , rule] of planted) expect(accused).toContain(`${file} ${rule}`);
  expect(accused.filter((line) => line.endsWith('no-cycle'))).toHaveLength(1);
  const files = new Set([...planted.map(([file]) => file), ...Object.keys(cycle)]);
  expect(accused.filter((line) => !files.has(line.split(' ')[0] as string))).toEqual([]);
  expect(status).toBe(1);
});

test('a file that the checker did not see and a package without a place in the order are faults, not a success', () => {
  const { status, stderr } = check(
    workspace({
      'packages/store/src/dist/hidden.ts': "import '@kolben/gateway';",
      'packages/novel/package.json': '{"name":"@kolben/novel"}',
      'packages/novel/src/index.ts': 'export {};',
    }),
  );
  expect(stderr).toContain(
    'packages/store: dependency-cruiser did not see packages/store/src/dist/hidden.ts.',
  );
  expect(stderr).toContain('packages/novel has no place in the order of packages');
  expect(stderr).toContain('Import directions: 2 faults.');
  expect(status).toBe(1);
});
