/**
 * `kolben store`: the store as a whole, moved and kept safe.
 *
 * @module
 */
import { resolve } from 'node:path';
import { storeOptions } from '@kolben/gateway/config';
import {
  type BackupReport,
  backupStore,
  type CopyProgress,
  copyStore,
  restoreStore,
  type StoreOptions,
} from '@kolben/store';
import { type Context, defineKolbenCommand, type Group } from '../cli/command.ts';
import { UsageError } from '../cli/errors.ts';
import { oneOf } from '../cli/options.ts';
import { findConfig, noConfig } from '../config/find-config.ts';
import { loadConfig } from '../config/load-config.ts';
import { chooseStore, storeArgs } from '../config/with-store.ts';
import type { Phase } from '../progress/progress.ts';
import { counted } from '../progress/words.ts';
import { rotateKey } from './store-rotate-key.ts';

const places = ['postgres', 'embedded'] as const;

/** Shows how far a copy is, and lets Ctrl-C stop it. */
function watched({ progress, signal }: Context) {
  let shown: { table: string; phase: Phase } | undefined;
  return {
    ...{ signal, actor: 'cli' },
    onProgress: ({ table, done, of }: CopyProgress) => {
      if (shown?.table !== table) {
        shown?.phase.stop();
        shown = { table, phase: progress.phase(`Copying ${table}`, of, 'rows') };
      }
      shown.phase.update(done);
    },
  };
}

const copy = defineKolbenCommand({
  name: 'copy',
  description: 'copy everything from the embedded file to the Postgres server of the configuration, or back',
  examples: ['kolben store copy --to postgres', 'kolben store copy --to embedded --config kolben.config.ts'],
  args: {
    to: {
      type: 'string',
      description: 'postgres: from the file in the data directory to the server; embedded: the other way',
      required: true,
      valueHint: 'place',
    },
    config: storeArgs.config,
  },
  async run(args, context) {
    const to = oneOf('--to', args.to, places);
    const file = findConfig(context.cwd, args.config);
    if (file === undefined) throw noConfig(context.cwd);
    const config = await loadConfig(file);
    if (config.store === undefined) {
      throw new UsageError(
        "The configuration names no server: add store: { postgresEnv: 'DATABASE_URL' } to it, then copy, then start the " +
          'gateway.',
      );
    }
    const embedded: StoreOptions = { directory: config.dataDirectory };
    const server = storeOptions(config);
    const [source, target] = to === 'postgres' ? [embedded, server] : [server, embedded];
    const report = await copyStore(source, target, watched(context));
    return {
      json: { ...report },
      text: [
        `Copied ${counted(report.rows.calls ?? 0, 'call')} and everything else from ${report.from} to ${report.to}; each`,
        'row was read back and is the same. The original is left as it was: move it away once the copy serves.',
      ].join('\n'),
    };
  },
});

function backupText(report: BackupReport, key: string): string {
  if (report.keyId === null) return '';
  return `\nIts texts open with the key ${report.keyId} alone, which is not in it${key}.`;
}

const backup = defineKolbenCommand({
  name: 'backup',
  description: 'write the whole store into one file, also while the gateway runs',
  examples: ['kolben store backup backups/kolben-2026-11-28.db'],
  args: {
    file: { type: 'positional', required: true, description: 'the file to write; it must not exist yet' },
    ...storeArgs,
  },
  async run(args, context) {
    const { store } = await chooseStore(args, context.cwd);
    const report = await backupStore(store, resolve(context.cwd, args.file), watched(context));
    const key = ': keep a copy of kolben.key, or of KOLBEN_ENCRYPTION_KEY, in another place';
    return {
      json: { ...report },
      text: `Wrote ${counted(report.calls, 'call')} and everything else into ${report.to}.${backupText(report, key)}`,
    };
  },
});

const restore = defineKolbenCommand({
  name: 'restore',
  description: 'make a store of a backup, where there is none yet',
  examples: ['kolben store restore backups/kolben-2026-11-28.db'],
  args: {
    file: { type: 'positional', required: true, description: "a file that 'kolben store backup' wrote" },
    config: storeArgs.config,
  },
  async run(args, context) {
    const file = findConfig(context.cwd, args.config);
    if (file === undefined) throw noConfig(context.cwd);
    const options = storeOptions(await loadConfig(file));
    const report = await restoreStore(resolve(context.cwd, args.file), options, watched(context));
    return {
      json: { ...report },
      text: `Restored ${counted(report.calls, 'call')} and everything else to ${report.to}.${backupText(report, ', and which is there')}`,
    };
  },
});

export const store: Group = {
  name: 'store',
  description: 'copy the store to a Postgres server or back, back it up, restore it, and change its key',
  commands: [copy, backup, restore, rotateKey],
  default: 'backup',
};
