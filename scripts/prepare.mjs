// Makes a fresh clone ready: installs what the lock file asks for, then builds what has changed.
// It has no dependency, since it runs before there is one; where nothing is missing, it needs no network.
// `node scripts/prepare.mjs`, with `--build` to build only, with `--interop` to install what interop/ needs as well
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  fail(
    `Kolben needs Node 20.19 or newer; this is ${process.versions.node}. Install a newer Node and run the command again.`,
  );
}

// One at a time: `npm ci` begins by emptying node_modules, and two builds would write the same files.
const lock = join(root, '.prepare.lock');
const staleMs = 20_000;
await takeLock();
process.on('exit', () => rmSync(lock, { force: true }));
setInterval(() => existsSync(lock) && utimesSync(lock, new Date(), new Date()), staleMs / 10).unref();

/** @type {import('node:child_process').ChildProcess | undefined} */
let child;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  // The lock may go only after the child has: an orphaned `npm ci` would meet the next one.
  process.on(signal, () =>
    child ? child.once('exit', () => process.exit(130)).kill(signal) : process.exit(130),
  );
}

// What interop/ needs is ten times as big as all else, and only its tests need it.
const folders = process.argv.includes('--interop') ? [root, join(root, 'interop')] : [root];
for (const folder of process.argv.includes('--build') ? [] : folders) {
  if (installed(folder)) continue;
  const where = folder === root ? '' : ' of interop/';
  console.error(`Installing dependencies${where} (npm ci, lifecycle scripts off) …`);
  // Development and optional packages, whatever NODE_ENV says: the compiler is one, libsql's binary another.
  const ci = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  if (npm?.endsWith('npm-cli.js')) await step(process.execPath, [npm, ...ci], 'The installation', folder);
  else await step('npm', ci, 'The installation', folder, process.platform === 'win32');
}
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
if (!existsSync(tsc)) fail('There is nothing to build with yet. Run `node scripts/prepare.mjs` first.');
if (!existsSync(join(root, 'packages', 'kolben', 'dist'))) console.error('Building …');
await step(process.execPath, [tsc, '-b'], 'The build', root);
await buildConsole(join(root, 'packages', 'console'));

/**
 * Builds the page of the console, unless what it is made of is what it was made of last time. tsc knows that by itself;
 * the bundler doesn't, and takes seconds.
 * @param {string} folder
 */
async function buildConsole(folder) {
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  if (!existsSync(join(folder, 'vite.config.ts'))) return;
  const sources = [
    join(root, 'package-lock.json'),
    ...['vite.config.ts', 'package.json'].map((file) => join(folder, file)),
    ...['app', 'charts'].flatMap((part) => filesIn(join(folder, 'src', part))),
  ];
  const digest = createHash('sha256');
  for (const source of sources) digest.update(`${source}\0`).update(readFileSync(source)).update('\0');
  const made = digest.digest('hex');
  // Beside the page, not in it: what lies in there is served.
  const record = join(folder, 'dist', 'app.sha256');
  const page = join(folder, 'dist', 'app', 'index.html');
  if (existsSync(page) && existsSync(record) && readFileSync(record, 'utf8') === made) return;
  rmSync(record, { force: true });
  const args = ['build', '--config', join(folder, 'vite.config.ts'), '--logLevel', 'warn'];
  await step(process.execPath, [vite, ...args], 'The build of the console', folder);
  writeFileSync(record, made);
}

/** All files of a folder in one order, tests left out. @param {string} folder @returns {string[]} */
function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/**
 * Whether node_modules holds what package-lock.json asks for. npm writes its record of what it installed last, so
 * an installation that was interrupted has none; folders deleted since, and those of another platform, show too.
 * @param {string} folder
 */
function installed(folder) {
  const read = (/** @type {string} */ path) => JSON.parse(readFileSync(join(folder, path), 'utf8')).packages;
  const wanted = read('package-lock.json');
  if (!existsSync(join(folder, 'node_modules', '.package-lock.json'))) return false;
  const present = read('node_modules/.package-lock.json');
  return Object.keys(wanted)
    .filter((path) => path.includes('node_modules/'))
    .every((path) => {
      const [want, have] = [wanted[path], present[path]];
      if (!have) return (want.optional || want.devOptional) && !(want.os && fits(want));
      return (
        have.version === want.version &&
        have.integrity === want.integrity &&
        existsSync(join(folder, path, 'package.json'))
      );
    });
}

/** Whether an optional package is for this machine. @param {{ os?: string[], cpu?: string[], libc?: string[] }} of */
function fits({ os, cpu, libc }) {
  const has = (/** @type {string[] | undefined} */ list, /** @type {string} */ value) =>
    !list || list.includes(value);
  if (!has(os, process.platform) || !has(cpu, process.arch)) return false;
  return !libc || has(libc, process.report.getReport().header.glibcVersionRuntime ? 'glibc' : 'musl');
}

async function takeLock() {
  for (let waited = 0; ; waited++) {
    try {
      writeFileSync(lock, `${hostname()} ${process.pid}`, { flag: 'wx' });
      return;
    } catch (error) {
      if (error.code !== 'EEXIST')
        fail(`The clone cannot be written to (${error.message}). Make it writable.`);
    }
    if (abandoned()) rmSync(lock, { force: true });
    else if (waited === 0) console.error('Waiting for another command to finish installing or building …');
    await wait(250);
  }
}

/** A lock is its holder's only while the holder lives and keeps touching it. */
function abandoned() {
  try {
    const [host, holder] = readFileSync(lock, 'utf8').split(' ');
    if (Date.now() - statSync(lock).mtimeMs > staleMs) return true;
    if (host !== hostname()) return false;
    process.kill(Number(holder), 0);
    return Number(holder) === process.pid;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

/** @param {string} command @param {string[]} args @param {string} what @param {string} cwd @param {boolean} [shell] */
async function step(command, args, what, cwd, shell = false) {
  const running = spawn(command, args, { cwd, stdio: ['ignore', 2, 2], shell });
  child = running;
  const code = await new Promise((resolve) => running.on('error', resolve).on('exit', resolve));
  child = undefined;
  if (code !== 0) fail(`${what} failed; the lines above say why. Mend that and run the command again.`);
}

/** @param {string} sentence @returns {never} */
function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}
