/**
 * What student is meant, as it is typed: the same options wherever one is trained or planned.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { DistillOptions } from '@kolben/distill';
import type { ArgsDef, ParsedArgs } from 'citty';
import { UsageError } from '../cli/errors.ts';
import { oneOf, whole } from '../cli/options.ts';

const kinds = ['classify', 'extract', 'generate'] as const;

export const studentArgs = {
  kind: {
    type: 'string',
    description: `what kind of task it is: ${kinds.join(', ')}; by default chosen from the answers`,
    valueHint: 'kind',
  },
  schema: {
    type: 'string',
    description:
      'a file with the JSON Schema that answers keep to; of kind extract, by default inferred from them',
    valueHint: 'file',
  },
  base: {
    type: 'string',
    description:
      'an open model that the student stands on: a folder with config.json, weights in safetensors and tokenizer.json, or the id of a model on the hub, org/name or org/name@revision',
    valueHint: 'folder or id',
  },
  lora: {
    type: 'string',
    description: 'trains adapters of this rank instead of all of the base, and merges them at the end',
    valueHint: 'rank',
  },
} as const satisfies ArgsDef;

export async function studentOptions(
  { kind, schema, base, lora }: ParsedArgs<typeof studentArgs>,
  cwd: string,
): Promise<Pick<DistillOptions, 'kind' | 'schema' | 'base' | 'lowRank'>> {
  return {
    ...(kind === undefined ? {} : { kind: oneOf('--kind', kind, kinds) }),
    ...(schema === undefined ? {} : { schema: await readSchema(resolve(cwd, schema)) }),
    ...(base === undefined ? {} : { base }),
    ...lowRank(lora),
  };
}

/** The usual scale of adapters: their sum is doubled. */
export function lowRankOf(rank: number): NonNullable<DistillOptions['lowRank']> {
  return { rank, alpha: 2 * rank };
}

function lowRank(rank: string | undefined): Pick<DistillOptions, 'lowRank'> {
  if (rank === undefined) return {};
  return { lowRank: lowRankOf(whole('--lora', rank, 1, 512)) };
}

/** A JSON Schema, or a response format with one in it, as providers take them. */
async function readSchema(file: string): Promise<NonNullable<DistillOptions['schema']>> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new UsageError(`The schema ${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UsageError(`The schema ${file} is not JSON.`);
  }
  for (const key of ['json_schema', 'schema'])
    if (isObject(value) && isObject(value[key])) value = value[key];
  if (!isObject(value)) throw new UsageError(`The schema ${file} is not a JSON object.`);
  return value as NonNullable<DistillOptions['schema']>;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
