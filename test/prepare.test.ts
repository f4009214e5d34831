// The script that every command of a clone begins with, against a stand-in for npm that keeps a diary.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const script = join(dirname(fileURLToPath(import.meta.url)), '..', 'scripts', 'prepare.mjs');
let clone: string;

/** Does what `npm ci` does: empties node_modules, fills it, and writes its record last. */
const npm = `
  const fs = require('node:fs');
  const { setTimeout: wait } = require('node:timers/promises');
  const diary = (line) => fs.appendFileSync('diary', line + '\\n');
  (async () => {
    diary('npm ' + process.argv[2]);
    fs.rmSync('node_modules', { recursive: true, force: true });
    while (fs.existsSync('hold')) await wait(20);
    const { packages } = JSON.parse(fs.readFileSync('package-lock.json', 'utf8'));
    delete packages[''];
    for (const [path, { os }] of Object.entries(packages)) {
      if (os && !os.includes(process.platform)) { delete packages[path]; continue; }
      fs.mkdirSync(path, { recursive: true });
      fs.writeFileSync(path + '/package.json', '{}');
    }
    fs.mkdirSync('node_modules/typescript/bin', { recursive: true });
    fs.writeFileSync('node_modules/typescript/bin/tsc', "require('node:fs').appendFileSync('diary', 'tsc\\\\n')");
    fs.writeFileSync('node_modules/.package-lock.json', JSON.stringify({ packages }));
    diary('npm done');
  })();
`;

const packages = {
  '': { name: 'clone' },
  'node_modules/typescript': { version: '6.0.0', integrity: 'sha512-a', dev: true },
  'node_modules/binary-here': {
    version: '1.0.0',
    integrity: 'sha512-b',
    optional: true,
    os: [process.platform],
  },
  'node_modules/binary-elsewhere': { version: '1.0.0', integrity: 'sha512-c', optional: true, os: ['plan9'] },
};

beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'kolben-prepare-'));
  mkdirSync(join(clone, 'scripts'));
  copyFileSync(script, join(clone, 'scripts', 'prepare.mjs'));
  writeFileSync(join(clone, 'npm-cli.js'), npm);
  writeFileSync(join(clone, 'package-lock.json'), JSON.stringify({ packages }));
});
afterEach(() => rmSync(clone, { recursive: true }));

const prepare = (...flags: string[]): ChildProcess =>
  spawn(process.execPath, [join(clone, 'scripts', 'prepare.mjs'), ...flags], {
    env: { ...process.env, npm_execpath: join(clone, 'npm-cli.js') },
    stdio: 'ignore',
  });
const exitCode = async (child: ChildProcess): Promise<number | null> => (await once(child, 'exit'))[0];
const run = (...flags: string[]) => exitCode(prepare(...flags));
/** The lines that are written whole: a file that was only just begun has none. */
const diary = (): string[] =>
  existsSync(join(clone, 'diary')) ? readFileSync(join(clone, 'diary'), 'utf8').split('\n').slice(0, -1) : [];
const until = async (condition: () => boolean) => {
  while (!condition()) await wait(10);
};

test('a fresh clone is installed and built once, and after that only built', async () => {
  expect(await run()).toBe(0);
  expect(diary()).toEqual(['npm ci', 'npm done', 'tsc']);
  expect(await run()).toBe(0);
  expect(diary()).toEqual(['npm ci', 'npm done', 'tsc', 'tsc']);
  expect(existsSync(join(clone, '.prepare.lock'))).toBe(false);
});

test('it installs again when the lock file changed, a package is gone, or node_modules is of another platform', async () => {
  await run();
  const installations = () => diary().filter((line) => line === 'npm ci').length;

  const newer = { ...packages, 'node_modules/typescript': { version: '6.0.1', integrity: 'sha512-d' } };
  writeFileSync(join(clone, 'package-lock.json'), JSON.stringify({ packages: newer }));
  await run();
  expect(installations()).toBe(2);

  rmSync(join(clone, 'node_modules', 'typescript', 'package.json'));
  await run();
  expect(installations()).toBe(3);

  const record = join(clone, 'node_modules', '.package-lock.json');
  const { 'node_modules/binary-here': _, ...elsewhere } = JSON.parse(readFileSync(record, 'utf8')).packages;
  writeFileSync(record, JSON.stringify({ packages: elsewhere }));
  await run();
  expect(installations()).toBe(4);

  await run();
  expect(installations()).toBe(4);
});

test('of two commands at once one installs and the other waits for it', async () => {
  writeFileSync(join(clone, 'hold'), '');
  const first = prepare();
  await until(() => diary().length === 1);
  const second = prepare();
  const ends = Promise.all([exitCode(first), exitCode(second)]);
  rmSync(join(clone, 'hold'));
  expect(await ends).toEqual([0, 0]);
  expect(diary()).toEqual(['npm ci', 'npm done', 'tsc', 'tsc']);
});

test('an interrupted installation leaves no lock behind and is begun anew', async () => {
  writeFileSync(join(clone, 'hold'), '');
  const first = prepare();
  await until(() => diary().length === 1);
  first.kill('SIGTERM');
  expect(await exitCode(first)).toBe(130);
  expect(existsSync(join(clone, '.prepare.lock'))).toBe(false);
  rmSync(join(clone, 'hold'));
  expect(await run()).toBe(0);
  expect(diary()).toEqual(['npm ci', 'npm ci', 'npm done', 'tsc']);
});

test('the lock of a process that was killed is taken over', async () => {
  await run();
  const killed = spawn(process.execPath, ['-e', ''], { stdio: 'ignore' });
  await exitCode(killed);
  writeFileSync(join(clone, '.prepare.lock'), `${hostname()} ${killed.pid}`);
  expect(await run()).toBe(0);
});

test('building alone installs nothing, and fails with a sentence where nothing is installed', async () => {
  expect(await run('--build')).toBe(1);
  expect(diary()).toEqual([]);
  await run();
  expect(await run('--build')).toBe(0);
  expect(diary()).toEqual(['npm ci', 'npm done', 'tsc', 'tsc']);
});
