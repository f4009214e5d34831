// Makes a fresh clone ready: installs what the lock file asks for, then builds what changed.
// It has no dependency, since it runs before there is one. `node scripts/prepare.mjs`
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Kolben needs Node 20.19 or newer; this is ${process.versions.node}. Install a newer Node and run the command again.`);
  process.exit(1);
}

// The stamp lies inside node_modules, so that deleting the folder deletes the claim that it is complete.
const stamp = join(root, 'node_modules', '.kolben-lock');
const lock = createHash('sha256').update(readFileSync(join(root, 'package-lock.json'))).digest('hex');
const installed = existsSync(stamp) && readFileSync(stamp, 'utf8') === lock;

/** @param {string} command @param {string[]} args @param {string} what */
function step(command, args, what) {
  try {
    execFileSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], shell: process.platform === 'win32' });
  } catch {
    console.error(`${what} failed; the lines above say why. Mend that and run the command again.`);
    process.exit(1);
  }
}

if (!installed) {
  console.error('Installing dependencies (npm ci, lifecycle scripts off) …');
  step('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], 'The installation');
  writeFileSync(stamp, lock);
}
step(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-b'], 'The build');
