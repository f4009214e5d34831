/**
 * Reading `config.json` field by field, with a sentence for whatever isn't there or isn't what it must be.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GraphError } from '../graph/graph.ts';
import { HuggingFaceError } from './hugging-face-error.ts';

/** `config.json` as an object. */
export type Config = Readonly<Record<string, unknown>>;

/** Fields of a configuration, each read with what it is where it is left out. */
export interface ConfigReader {
  readonly config: Config;
  /** @param what completes "The configuration …" */
  readonly refuse: (what: string) => never;
  number(name: string, otherwise?: number): number;
  boolean(name: string, otherwise: boolean): boolean;
  /** One of the values of `choices`, by the text that names it. */
  choice<T>(name: string, choices: Readonly<Record<string, T>>, otherwise?: string): T;
  /** Refuses any value but `wanted`. */
  expect(name: string, wanted: unknown, otherwise: unknown): void;
}

/** @param hint the end of every sentence: what would be read */
export function configReader(config: Config, hint: string): ConfigReader {
  const refuse = (what: string): never => {
    throw new HuggingFaceError('hugging_face_config', `The configuration ${what}; ${hint}.`);
  };
  return {
    config,
    refuse,
    number(name, otherwise) {
      const value = config[name] ?? otherwise;
      return typeof value === 'number' ? value : refuse(`has no number "${name}"`);
    },
    boolean(name, otherwise) {
      const value = config[name] ?? otherwise;
      return typeof value === 'boolean'
        ? value
        : refuse(`has "${name}": ${JSON.stringify(value)}, which is neither true nor false`);
    },
    choice(name, choices, otherwise) {
      const value = config[name] ?? otherwise;
      if (typeof value === 'string' && Object.hasOwn(choices, value)) return choices[value];
      return refuse(
        `has "${name}": ${JSON.stringify(value) ?? 'nothing'}, where one of ${Object.keys(choices).join(', ')} is needed`,
      );
    },
    expect(name, wanted, otherwise) {
      const value = config[name] ?? otherwise;
      if (value !== wanted)
        refuse(`has "${name}": ${JSON.stringify(value)}, where ${JSON.stringify(wanted)} is needed`);
    },
  };
}

/** Runs a check of a shape that a configuration asked for; what it finds is the configuration's fault. */
export function checkedShape<T>(shape: T, check: (shape: T) => void, what: string): T {
  try {
    check(shape);
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    throw new HuggingFaceError(
      'hugging_face_config',
      `The configuration makes no ${what}. ${error.message}`,
      {
        cause: error,
      },
    );
  }
  return shape;
}

/**
 * The `config.json` of a folder.
 *
 * @throws HuggingFaceError (`hugging_face_config`) where there is none, or no JSON object
 */
export async function readConfigFile(folder: string): Promise<Config> {
  const file = join(folder, 'config.json');
  let config: unknown;
  try {
    config = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new HuggingFaceError(
      'hugging_face_config',
      `${file} ${code === undefined ? 'is not JSON' : `cannot be read, the system says ${code}`}; name the folder that holds a model.`,
      { cause: error },
    );
  }
  if (typeof config !== 'object' || config === null || Array.isArray(config))
    throw new HuggingFaceError(
      'hugging_face_config',
      `${file} is not a JSON object; name the folder that holds a model.`,
    );
  return config as Config;
}
