/**
 * The files of an installation: who may read and write them, what lies beside what, and is there room.
 *
 * @module
 */
import { existsSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Finding, look, ok, open } from './finding.ts';

const mebibyte = 1 << 20;

/** @param room bytes that are free, where it isn't to be asked of the system */
export function checkFiles(
  directory: string,
  configFile: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
  room = freeBytes(directory),
): Finding[] {
  const findings: Finding[] = [];
  const hasModes = process.platform !== 'win32';
  const modeOf = (path: string) => statSync(path).mode & 0o777;
  if (hasModes) {
    const others = [
      directory,
      ...['kolben.db', 'kolben.db-wal', 'kolben.key', 'kolben.lock'].map((name) => join(directory, name)),
    ]
      .filter(existsSync)
      .filter((path) => (modeOf(path) & 0o077) !== 0);
    findings.push(
      others.length === 0
        ? ok('files.modes', 'Folder and files of the store are their owner’s alone.')
        : open(
            'files.modes',
            `Others may read or write ${others.map((path) => `${path} (mode ${modeOf(path).toString(8)})`).join(', ')}.`,
            `Run: ${others.map((path) => `chmod ${path === directory ? '700' : '600'} ${path}`).join(' && ')}`,
          ),
    );
    if (configFile !== undefined) {
      const writable = (modeOf(configFile) & 0o022) !== 0;
      findings.push(
        writable
          ? open(
              'files.config_writable',
              `Others may write ${configFile}, and who writes it runs code as Kolben.`,
              `Run: chmod go-w ${configFile}`,
            )
          : ok('files.config_writable', 'The configuration can be written by its owner alone.'),
      );
    }
  }
  const fromEnvironment = Boolean(environment.KOLBEN_ENCRYPTION_KEY);
  const keyThere = existsSync(join(directory, 'kolben.key'));
  if (keyThere && !fromEnvironment) {
    findings.push(
      look(
        'files.key_beside_database',
        'The encryption key lies beside the database: who copies the folder can read every call.',
        'Keep it in a secret store, hand it over in KOLBEN_ENCRYPTION_KEY, and remove kolben.key.',
      ),
    );
  } else if (keyThere) {
    findings.push(
      look(
        'files.key_beside_database',
        'The encryption key comes from the environment, and kolben.key still lies beside the database.',
        'Keep a copy elsewhere and remove kolben.key.',
      ),
    );
  } else
    findings.push(ok('files.key_beside_database', 'The encryption key is kept apart from the database.'));
  const free = `${Math.floor(room / mebibyte)} MiB are free where the store lies`;
  if (room < 100 * mebibyte)
    findings.push(
      open('disk.room', `Only ${free}.`, 'Make room: a gateway whose disk is full takes no calls.'),
    );
  else if (room < 1024 * mebibyte)
    findings.push(look('disk.room', `Only ${free}.`, 'Make room, or set retention.textDays.'));
  else findings.push(ok('disk.room', `${free}.`));
  return findings;
}

function freeBytes(directory: string): number {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize;
}
