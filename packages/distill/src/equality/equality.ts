/**
 * When two answers of a generating task count as the same: what a certificate is about.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { KolbenError } from '@kolben/engine';

/** A user's own idea of it: whether the student's answer says what the teacher's says. */
export type EqualityFunction = (teacher: string, student: string) => boolean;

/**
 * `exact`: the same characters, white space at the ends apart. `normalised`: the same once compatibility forms are
 * unified, case folded, white space and punctuation at the end taken away, and single numbers compared as numbers.
 */
export type Equality = 'exact' | 'normalised' | EqualityFunction;

export class EqualityError extends KolbenError {}

/** What the lineage and a student's folder say of an equality. */
export interface EqualityFacts {
  readonly name: string;
  /** `sha256:` of a function's source text; undefined for those that are built in. */
  readonly digest?: string;
}

export function equalityFacts(equality: Equality): EqualityFacts {
  if (typeof equality !== 'function') return { name: equality };
  const digest = createHash('sha256').update(equality.toString()).digest('hex');
  return { name: equality.name || 'function', digest: `sha256:${digest}` };
}

/** @throws EqualityError (`equality_function`) when a user's function throws or gives no boolean */
export function equalBy(equality: Equality, teacher: string, student: string): boolean {
  if (equality === 'exact') return teacher.trim() === student.trim();
  if (equality === 'normalised') return normalised(teacher) === normalised(student);
  let verdict: unknown;
  try {
    verdict = equality(teacher, student);
  } catch (error) {
    throw new EqualityError(
      'equality_function',
      `The equality function threw "${error instanceof Error ? error.message : String(error)}" on the answers ${JSON.stringify(teacher)} and ${JSON.stringify(student)}; let it return true or false for any two texts.`,
      { cause: error },
    );
  }
  if (typeof verdict !== 'boolean')
    throw new EqualityError(
      'equality_function',
      `The equality function returned ${verdict instanceof Promise ? 'a promise' : (JSON.stringify(verdict) ?? String(verdict))} and not true or false.`,
    );
  return verdict;
}

/** The form in which `normalised` compares: two texts are the same if theirs is. */
export function normalised(text: string): string {
  const folded = text
    .normalize('NFKC')
    // Upper case unites what lower case alone keeps apart, as ß and ss; and that of ẞ is itself, so lower case first.
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKC')
    .replace(/ς/gu, 'σ')
    .replace(/\s+/gu, ' ')
    .trim()
    .replace(/[\s.,;:!?…。！？]+$/u, '');
  return plainNumber(folded) ?? folded;
}

/**
 * A text that is one number, in the one way to write it: no plus sign, no zeros that say nothing, commas between groups
 * of three digits left out. Undefined for other texts, such as those in which a comma may be the decimal one.
 */
function plainNumber(text: string): string | undefined {
  const parts = /^([+\-−]?)\s?(\d{1,3}(?:,\d{3}){2,}|\d+)(?:\.(\d+))?$/u.exec(text);
  if (!parts) return undefined;
  const whole = parts[2].replaceAll(',', '').replace(/^0+(?=\d)/, '');
  const decimals = (parts[3] ?? '').replace(/0+$/, '');
  const size = decimals === '' ? whole : `${whole}.${decimals}`;
  return parts[1] === '' || parts[1] === '+' || /^[0.]+$/.test(size) ? size : `-${size}`;
}
