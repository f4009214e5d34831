/**
 * From the words that were typed to an exit code.
 *
 * Standard output carries the result and nothing else: words for people, or with `--json` one object. Standard
 * error carries progress, remarks, and the one sentence of a failure; then standard output stays empty.
 *
 * @module
 */
import type { Readable, Writable } from 'node:stream';
import { KolbenError } from '@kolben/engine/error';
import { type ArgsDef, runCommand } from 'citty';
import { commands } from '../commands/index.ts';
import { createProgress } from '../progress/create-progress.ts';
import { version } from '../version.ts';
import { checkArguments } from './check-arguments.ts';
import type { Command, Context, Group, Output } from './command.ts';
import { exitCodes, UsageError } from './errors.ts';
import { failureOf } from './failure.ts';
import { groupHelp, help, overview } from './help.ts';
import { listenForInterrupt } from './interrupt.ts';
import { suggest } from './suggest.ts';

export interface Streams {
  stdin: Readable;
  stdout: Writable;
  stderr: Writable & { isTTY?: boolean; columns?: number };
}

const isGroup = (entry: Command | Group): entry is Group => 'commands' in entry;

function unknown(what: string, word: string, known: string[], helpCall: string): UsageError {
  const near = suggest(word, known);
  return new UsageError(
    `${what} '${word}': ${near ? `did you mean ${near}?` : `'${helpCall}' lists what there is.`}`,
  );
}

/** Finds the command that `argv` means, and the words that are left for it; or the text of a help page. */
async function resolve(
  argv: readonly string[],
): Promise<{ command: Command; path: string; rest: string[] } | { page: string }> {
  const [first, ...rest] = argv;
  if (first === undefined || first === '--help' || first === '-h' || first === 'help')
    return { page: overview(commands) };
  if (first === '--version' || first === '-v') return { page: version };
  if (first.startsWith('-')) {
    throw new UsageError(
      `kolben knows no option ${first} before a command: 'kolben --help' lists the commands.`,
    );
  }
  const listed = commands.find(({ name }) => name === first);
  if (listed === undefined) {
    const known = commands.map(({ name }) => name);
    throw unknown('kolben knows no command', first, known, 'kolben --help');
  }
  const entry = await listed.load();
  const wantsHelp = (words: readonly string[]) => {
    const end = words.indexOf('--');
    return (end < 0 ? words : words.slice(0, end)).some((word) => word === '--help' || word === '-h');
  };
  if (!isGroup(entry)) {
    const path = `kolben ${entry.name}`;
    return wantsHelp(rest) ? { page: help(entry, path) } : { command: entry, path, rest };
  }
  const [second, ...others] = rest;
  const named =
    second !== undefined &&
    !second.startsWith('-') &&
    (entry.defaultTakesWords !== true || entry.commands.some(({ name }) => name === second));
  if (!named && wantsHelp(rest)) return { page: groupHelp(entry) };
  const wanted = named ? second : entry.default;
  const command = entry.commands.find((candidate) => candidate.name === wanted);
  if (command === undefined) {
    const known = entry.commands.map((candidate) => candidate.name);
    throw unknown(`kolben ${entry.name} knows no`, wanted, known, `kolben ${entry.name} --help`);
  }
  const left = named ? others : rest;
  const path = `kolben ${entry.name} ${command.name}`;
  return wantsHelp(left) ? { page: help(command, path) } : { command, path, rest: left };
}

/** Runs one command and resolves with the exit code; it never throws and never ends the process. */
export async function main(argv: readonly string[], streams: Streams): Promise<number> {
  const { stdout, stderr } = streams;
  const say = (line: string) => void stderr.write(`${line}\n`);
  // `kolben calls export | head` closes the pipe early: that is the reader's right, not a failure.
  let broken: NodeJS.ErrnoException | undefined;
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    broken = error;
  });
  const write = async (text: string) => {
    await new Promise<void>((written) => stdout.write(text, () => written()));
    if (broken && broken.code !== 'EPIPE') {
      throw new KolbenError(
        'output_unwritable',
        `Standard output could not be written (${broken.code ?? broken.message}): make room, or send it elsewhere.`,
      );
    }
  };
  const debug = process.env.KOLBEN_DEBUG === '1';
  const progress = createProgress({ stream: stderr });
  const interrupt = listenForInterrupt((line) => progress.say(line));
  try {
    const found = await resolve(argv);
    if ('page' in found) {
      await write(`${found.page}\n`);
      return exitCodes.done;
    }
    const definition = found.command.definition;
    checkArguments(found.path, found.rest, (definition.args ?? {}) as ArgsDef);
    const context: Context = {
      signal: interrupt.signal,
      progress,
      json: found.rest.includes('--json'),
      cwd: process.cwd(),
      stdin: streams.stdin,
      note: (line) => progress.say(line),
      write,
    };
    const { result } = await runCommand(definition, { rawArgs: found.rest, data: context });
    const output = result as Output;
    progress.close();
    const printed = context.json ? output.json && JSON.stringify(output.json) : output.text;
    if (printed) await write(`${printed}\n`);
    if (output.failure === undefined) return exitCodes.done;
    const failure = failureOf(output.failure);
    say(failure.sentence);
    return failure.code;
  } catch (error) {
    progress.close();
    // Whatever broke because of the stop is a consequence of it, not news.
    const cause = interrupt.signal.aborted ? interrupt.signal.reason : error;
    const failure = failureOf(cause);
    say(failure.sentence);
    if (debug && error instanceof Error) say(error.stack ?? '');
    return failure.code;
  } finally {
    interrupt.release();
  }
}
