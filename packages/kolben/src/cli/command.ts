/**
 * What every command has in common: it gets its arguments and a context, and gives back what it found, as an
 * object for programs and as words for people. Printing is not its business.
 *
 * @module
 */
import type { Readable } from 'node:stream';
import type { KolbenError } from '@kolben/engine/error';
import type { ArgsDef, CommandDef, ParsedArgs } from 'citty';
import { defineCommand } from 'citty';
import type { Progress } from '../progress/progress.ts';

export interface Context {
  /** Aborted by Ctrl-C, with an `InterruptedError` as its reason. */
  signal: AbortSignal;
  /** Where progress goes: never standard output. */
  progress: Progress;
  /** Whether one JSON object was asked for. */
  json: boolean;
  /** The working folder that relative paths start from. */
  cwd: string;
  /** Standard input. */
  stdin: Readable;
  /** Writes a remark to standard error. */
  note(sentence: string): void;
  /** Writes to standard output before the command ends, for a stream of lines; resolves when there is room for more. */
  write(text: string): Promise<void>;
}

export interface Output {
  /** What `--json` prints: exactly one object; null where the command has written it already. */
  json: Record<string, unknown> | null;
  /** What people read; no newline at the end. Empty prints nothing. */
  text: string;
  /** What was found is no good: it is printed, and the command ends as one that failed. */
  failure?: KolbenError;
}

const common = {
  json: { type: 'boolean', description: 'print one JSON object on standard output, and nothing else there' },
} as const satisfies ArgsDef;

export interface Definition<T extends ArgsDef> {
  name: string;
  description: string;
  /** Shown under the help: one or two calls that work. */
  examples: string[];
  args: T;
  run(args: ParsedArgs<T>, context: Context): Promise<Output>;
}

/** One command of the command line. */
export interface Command {
  name: string;
  description: string;
  examples: string[];
  definition: CommandDef;
}

/** A command that only gathers others: `keys` with `create`, `list` and `revoke`. */
export interface Group {
  name: string;
  description: string;
  commands: Command[];
  /** The command meant when none is named. */
  default: string;
  /** Whether that command takes words, so that a first word that names no command is meant for it. */
  defaultTakesWords?: boolean;
}

export function defineKolbenCommand<const T extends ArgsDef>(definition: Definition<T>): Command {
  const args = { ...definition.args, ...common };
  return {
    name: definition.name,
    description: definition.description,
    examples: definition.examples,
    definition: defineCommand({
      meta: { name: definition.name, description: definition.description },
      args: args as ArgsDef,
      run: (context) => definition.run(context.args as ParsedArgs<T>, context.data as Context),
    }),
  };
}
