/**
 * Where the configuration lies.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { KolbenError } from '@kolben/engine/error';

/** There is no configuration where one is needed. */
export class ConfigMissingError extends KolbenError {
  static readonly code = 'config_missing';

  constructor(message: string) {
    super(ConfigMissingError.code, message);
  }
}

export const configNames = ['ts', 'mts', 'js', 'mjs', 'cjs', 'json'].map(
  (ending) => `kolben.config.${ending}`,
);

/**
 * The configuration file: the one named, else the first of `configNames` in `folder`; undefined where there is
 * none. Folders above aren't searched: a service must not change with the folder it happens to lie in.
 *
 * @throws ConfigMissingError where one is named that doesn't exist
 */
export function findConfig(folder: string, named?: string): string | undefined {
  if (named !== undefined) {
    const file = resolve(folder, named);
    if (!existsSync(file))
      throw new ConfigMissingError(`There is no configuration ${file}: correct --config.`);
    return file;
  }
  return configNames.map((name) => join(folder, name)).find((file) => existsSync(file));
}

/** The sentence for a folder that holds no configuration where one is needed. */
export function noConfig(folder: string): ConfigMissingError {
  return new ConfigMissingError(
    `There is no ${configNames[0]} in ${folder}: 'kolben init' writes one, or name yours with --config.`,
  );
}
