/**
 * The help pages.
 *
 * @module
 */
import type { ArgsDef } from 'citty';
import type { Command, Group } from './command.ts';
import { exitCodes } from './errors.ts';
import { table } from './table.ts';

/** What `kolben` and `kolben --help` print. */
export function overview(entries: readonly { name: string; description: string }[]): string {
  return [
    'kolben: turns the calls you pay a large language model for into a small model of your own.',
    '',
    'Usage: kolben <command> [options]',
    '',
    table(entries.map((entry) => [entry.name, entry.description] as const)),
    '',
    "'kolben <command> --help' explains one command. Every command takes --json: one JSON object on standard",
    'output and nothing else there; progress and remarks go to standard error.',
    '',
    'Exit codes:',
    table([
      [String(exitCodes.done), 'done'],
      [String(exitCodes.failed), 'failed; one sentence on standard error says why and what to do'],
      [String(exitCodes.usage), 'the command was typed wrongly'],
      [String(exitCodes.fault), 'a fault of Kolben itself'],
      [String(exitCodes.interrupted), 'stopped by Ctrl-C'],
    ]),
  ].join('\n');
}

export function groupHelp(group: Group): string {
  const rows = group.commands.map(
    (command) =>
      [
        command.name,
        `${command.description}${command.name === group.default ? ' (when none is named)' : ''}`,
      ] as const,
  );
  return [
    group.description,
    '',
    `Usage: kolben ${group.name} <${group.commands.map((command) => command.name).join('|')}> [options]`,
    '',
    table(rows),
    '',
    `'kolben ${group.name} <command> --help' explains one.`,
  ].join('\n');
}

export function help(command: Command, path: string): string {
  const args = Object.entries((command.definition.args ?? {}) as ArgsDef);
  const positionals = args.filter(([, argument]) => argument.type === 'positional');
  const usage = positionals.map(([name, argument]) =>
    argument.required === false ? `[${name}]` : `<${name}>`,
  );
  const row = ([name, argument]: [string, ArgsDef[string]]): readonly [string, string] => {
    const value =
      argument.type === 'boolean' || argument.type === 'positional' ? '' : ` <${argument.valueHint ?? name}>`;
    const fallback = argument.default === undefined ? '' : ` (default ${argument.default})`;
    return [
      argument.type === 'positional' ? name : `--${name}${value}`,
      `${argument.description ?? ''}${fallback}`,
    ];
  };
  return [
    command.description,
    '',
    `Usage: ${[path, ...usage, '[options]'].join(' ')}`,
    '',
    table(args.map(row)),
    '',
    'Examples:',
    ...command.examples.map((example) => `  ${example}`),
  ].join('\n');
}
