/**
 * From a configuration file to a checked configuration whose paths no longer depend on the working folder.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { KolbenError } from '@kolben/engine/error';
import { type Config, defineConfig, parseConfig } from '@kolben/gateway/config';
import { oneLine } from '../cli/errors.ts';

/** The configuration file is there, but can't be read as one. */
export class ConfigUnreadableError extends KolbenError {
  static readonly code = 'config_unreadable';

  constructor(message: string, options?: ErrorOptions) {
    super(ConfigUnreadableError.code, message, options);
  }
}

async function read(file: string): Promise<unknown> {
  if (file.endsWith('.json')) return JSON.parse(await readFile(file, 'utf8'));
  // No cache on the disk: it would lie in the temporary folder, and nothing is written outside Kolben's own.
  // `kolben` is handed over, so that a configuration also loads where the package isn't installed beside it.
  const { createJiti } = await import('jiti');
  const jiti = createJiti(file, {
    fsCache: false,
    moduleCache: false,
    virtualModules: { kolben: { defineConfig } },
  });
  return jiti.import(file, { default: true });
}

/**
 * @throws ConfigUnreadableError where the file isn't TypeScript, JavaScript or JSON, or fails when it is run
 * @throws ConfigError of `@kolben/gateway` where a setting is wrong
 */
export async function loadConfig(file: string): Promise<Config> {
  let value: unknown;
  try {
    value = await read(file);
  } catch (error) {
    const reason = oneLine(error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
    throw new ConfigUnreadableError(`${file} could not be read as a configuration: ${reason}.`, {
      cause: error,
    });
  }
  const config = parseConfig(value, basename(file));
  return resolvePaths(config, dirname(file));
}

/** Paths in a configuration are meant from the folder it lies in. */
export function resolvePaths(config: Config, folder: string): Config {
  const providers = Object.entries(config.providers).map(([name, provider]) => [
    name,
    provider.folder === undefined ? provider : { ...provider, folder: resolve(folder, provider.folder) },
  ]);
  const tasks = Object.entries(config.tasks).map(([name, task]) => [
    name,
    {
      ...task,
      ...(task.student !== undefined && { student: resolve(folder, task.student) }),
      // A name without a dot in front may be that of a model on the hub.
      ...(task.watch.base?.startsWith('.') && {
        watch: { ...task.watch, base: resolve(folder, task.watch.base) },
      }),
    },
  ]);
  return {
    ...config,
    dataDirectory: resolve(folder, config.dataDirectory),
    providers: Object.fromEntries(providers),
    tasks: Object.fromEntries(tasks),
  };
}
