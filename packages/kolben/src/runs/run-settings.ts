/**
 * What a run was told, as the store keeps it: enough to go on with it.
 *
 * @module
 */
import { KolbenError } from '@kolben/engine/error';
import type { Run } from '@kolben/store';

export interface RunSettings {
  /** Who began it. */
  readonly by: 'distill' | 'watch' | 'console';
  /** The options of `kolben distill`, as they are typed, without those that say where the store is. */
  readonly args: Readonly<Record<string, string | boolean>>;
  /** The folder that paths in them start from. */
  readonly cwd: string;
  /** Of recorded calls: those that came in later were left out. ISO 8601. */
  readonly asOf?: string;
}

const notKept = ['_', 'json', 'config', 'data'];

/** The arguments of a command that say what is trained. */
export function typedArgs(args: Readonly<Record<string, unknown>>): RunSettings['args'] {
  const kept: Record<string, string | boolean> = {};
  for (const [name, value] of Object.entries(args)) {
    // Each is there in `camelCase` as well.
    if (notKept.includes(name) || /[A-Z]/.test(name)) continue;
    if (typeof value === 'string' || typeof value === 'boolean') kept[name] = value;
  }
  return kept;
}

/** @throws KolbenError (`run_settings`) where another version wrote what this one can't read */
export function settingsOf({ id, settings }: Pick<Run, 'id' | 'settings'>): RunSettings {
  const { args, cwd } = settings as Partial<RunSettings>;
  if (typeof args !== 'object' || typeof cwd !== 'string')
    throw new KolbenError('run_settings', `What the run ${id} was told is not known; train anew.`);
  return settings as unknown as RunSettings;
}

/** The command that would train the same, for people. */
export function commandOf({ args }: RunSettings): string {
  const { examples, ...options } = args;
  const words = Object.entries(options).flatMap(([name, value]) => {
    if (value === false || value === '') return [];
    return value === true ? [`--${name}`] : [`--${name} ${quoted(String(value))}`];
  });
  return ['kolben distill', ...(examples === undefined ? [] : [quoted(String(examples))]), ...words].join(
    ' ',
  );
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
