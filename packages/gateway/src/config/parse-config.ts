/**
 * Checks a configuration and says, in one sentence, what is wrong with it, where, and what to do.
 *
 * @module
 */
import { KolbenError } from '@kolben/engine/error';
import type { z } from 'zod';
import { type Config, configSchema } from './schema.ts';

/** One thing wrong with a configuration. `path` is written as one would in TypeScript: `tasks.mail.route`. */
export interface ConfigIssue {
  path: string;
  message: string;
}

/** The configuration can't be used as it is. */
export class ConfigError extends KolbenError {
  static readonly code = 'config_invalid';
  /** Everything that is wrong; the message tells the first. */
  readonly issues: readonly ConfigIssue[];

  constructor(source: string, issues: readonly ConfigIssue[]) {
    const first = issues[0]!;
    const rest = issues.length - 1;
    const more =
      rest === 0
        ? ''
        : ` (and ${rest} more: ${issues
            .slice(1)
            .map((issue) => issue.path)
            .join(', ')})`;
    super(ConfigError.code, `In ${source}, ${first.path} ${first.message}${more}.`);
    this.issues = issues;
  }
}

/**
 * The configuration with its defaults filled in.
 *
 * @param source how to call it in an error, such as the file's name
 * @throws ConfigError naming each path and its remedy; values are never repeated, for one may be a key that was
 *   pasted into the wrong place
 */
export function parseConfig(value: unknown, source = 'the configuration'): Config {
  const result = configSchema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  throw new ConfigError(source, result.error.issues.map(toIssue));
}

function toIssue(issue: z.core.$ZodIssue): ConfigIssue {
  const path = pathOf(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const first = issue.keys[0]!;
    return {
      path: pathOf([...issue.path, first]),
      message: 'is no known setting; correct its name or remove it',
    };
  }
  return { path, message: messageOf(issue) };
}

function messageOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'custom':
      return issue.message;
    case 'invalid_format':
      return issue.format === 'regex'
        ? issue.message
        : `must be a valid ${issue.format.replaceAll('_', ' ')}`;
    case 'invalid_type':
      return issue.input === undefined
        ? `is missing; set it to ${a(issue.expected)}`
        : `must be ${a(issue.expected)}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
    case 'too_small':
      return `must ${bound(issue.origin, 'at least', issue.minimum)}`;
    case 'too_big':
      return `must ${bound(issue.origin, 'at most', issue.maximum)}`;
    case 'invalid_key':
      return `is no possible name: it ${issue.issues[0]?.message ?? 'must be text'}`;
    default:
      return `isn't valid (${issue.message})`;
  }
}

function bound(origin: string, relation: string, limit: number | bigint): string {
  if (origin === 'string') return `have ${relation} ${limit} character${limit === 1 ? '' : 's'}`;
  if (origin === 'array') return `have ${relation} ${limit} entries`;
  return `be ${relation} ${limit}`;
}

function a(type: string): string {
  const word = type === 'record' ? 'object' : type === 'int' ? 'whole number' : type;
  return `${/^[aeiou]/.test(word) ? 'an' : 'a'} ${word}`;
}

function pathOf(path: readonly PropertyKey[]): string {
  let written = '';
  for (const part of path) {
    if (typeof part === 'number') written += `[${part}]`;
    else if (/^[A-Za-z_$][\w$]*$/.test(String(part)))
      written += written === '' ? String(part) : `.${String(part)}`;
    else written += `[${JSON.stringify(String(part))}]`;
  }
  return written === '' ? 'the whole' : written;
}
