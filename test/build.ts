import { execFileSync } from 'node:child_process';

/** Tests that start a real process start the built command, so the build must be of these very sources. */
export default function build(): void {
  execFileSync(process.execPath, ['scripts/prepare.mjs', '--build'], { stdio: 'inherit' });
}
