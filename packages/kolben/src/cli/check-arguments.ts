/**
 * The strictness in front of citty, which lets unknown options and surplus words pass: a mistyped option
 * that is silently ignored would train the wrong student for three minutes.
 *
 * @module
 */
import type { ArgsDef } from 'citty';
import { UsageError } from './errors.ts';
import { suggest } from './suggest.ts';

/** Throws a `UsageError` unless `words` fit `definition`. `command` is how the command is called in sentences. */
export function checkArguments(command: string, words: readonly string[], definition: ArgsDef): void {
  const options = new Map<string, { flag: string; takesValue: boolean }>();
  const positionals: { name: string; required: boolean }[] = [];
  for (const [name, argument] of Object.entries(definition)) {
    if (argument.type === 'positional') {
      positionals.push({ name, required: argument.required !== false && argument.default === undefined });
      continue;
    }
    const entry = { flag: `--${name}`, takesValue: argument.type !== 'boolean' };
    options.set(entry.flag, entry);
    const alias = 'alias' in argument && argument.alias !== undefined ? [argument.alias].flat() : [];
    for (const short of alias) options.set(`${short.length === 1 ? '-' : '--'}${short}`, entry);
  }

  const seen = new Set<string>();
  let given = 0;
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === '--') {
      given += words.length - i - 1;
      break;
    }
    if (word === '-' || !word.startsWith('-')) {
      given += 1;
      continue;
    }
    const equals = word.indexOf('=');
    const flag = equals < 0 ? word : word.slice(0, equals);
    const option = options.get(flag);
    if (option === undefined) {
      const near = suggest(flag, [...options.keys()]);
      const remedy = near
        ? `did you mean ${near}?`
        : `'${command} --help' lists the options, and '--' goes before a text that begins with a dash.`;
      throw new UsageError(`${command} knows no option ${flag}: ${remedy}`);
    }
    if (seen.has(option.flag)) throw new UsageError(`${option.flag} was given twice: keep the one you mean.`);
    seen.add(option.flag);
    if (!option.takesValue) {
      if (equals >= 0) throw new UsageError(`${option.flag} takes no value: write it alone.`);
      continue;
    }
    const value = equals < 0 ? words[++i] : word.slice(equals + 1);
    if (value === undefined || value === '' || (equals < 0 && options.has(value))) {
      throw new UsageError(`${option.flag} needs a value: '${command} --help' says which.`);
    }
  }
  for (const [name, argument] of Object.entries(definition)) {
    if (argument.type !== 'positional' && argument.required === true && !seen.has(`--${name}`)) {
      throw new UsageError(
        `${command} needs --${name}: ${argument.description ?? `'${command} --help' says which`}.`,
      );
    }
  }
  const missing = positionals.slice(given).find((positional) => positional.required);
  if (missing)
    throw new UsageError(`${command} needs <${missing.name}>: '${command} --help' shows an example.`);
  if (given > positionals.length) {
    throw new UsageError(
      `${command} takes ${positionals.length === 0 ? 'no argument' : `at most ${positionals.length} argument${positionals.length === 1 ? '' : 's'}`}, but ${given} ${given === 1 ? 'was' : 'were'} given: put a text with spaces in quotation marks.`,
    );
  }
}
