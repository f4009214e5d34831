/**
 * What is told of written answers on the command line: when two are the same.
 *
 * @module
 */
import { resolve } from 'node:path';
import type { Equality } from '@kolben/distill';
import { KolbenError } from '@kolben/engine/error';
import { oneLine } from '../cli/errors.ts';

/** A file that was named for written answers and is none of that. */
export class WrittenAnswersError extends KolbenError {}

/**
 * `exact`, `normalised`, or the function that a TypeScript or JavaScript file exports as its default.
 *
 * @throws WrittenAnswersError (`equality_file`) for a file that cannot be run, or exports no function
 */
export async function readEquality(given: string, cwd: string): Promise<Equality> {
  if (given === 'exact' || given === 'normalised') return given;
  const file = resolve(cwd, given);
  let value: unknown;
  try {
    // No cache on the disk: nothing is written outside Kolben's own.
    const { createJiti } = await import('jiti');
    value = await createJiti(file, { fsCache: false, moduleCache: false }).import(file, { default: true });
  } catch (error) {
    const reason = oneLine(error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
    throw new WrittenAnswersError(
      'equality_file',
      `--equality ${given} is neither exact nor normalised, and could not be read as a file: ${reason}.`,
      { cause: error },
    );
  }
  if (typeof value === 'function') return value as Equality;
  throw new WrittenAnswersError(
    'equality_file',
    `${file} exports no function as its default; write export default (teacher, student) => …, which returns true or false.`,
  );
}
