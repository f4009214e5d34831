/**
 * What the tests find ready: students, and what Kolben itself says of them.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import type { Told } from './make/decoders.ts';
import type { TaggedText } from './make/tagger.ts';

export interface Answered {
  readonly text: string;
  readonly answer: string;
  readonly confidence: number;
}

/** The folder in which the students lie, each in one of its name. */
export const students = inject('made');

/** What Kolben answers to the texts; `<student>-quantised`: by the copy. */
export function answersOf(student: string): Answered[] {
  return JSON.parse(readFileSync(join(students, `${student}.json`), 'utf8')) as Answered[];
}

/** What Kolben’s engine says of the texts with the model of a student that extracts. */
export function tagsOf(student: string): TaggedText[] {
  return JSON.parse(readFileSync(join(students, `${student}.json`), 'utf8')) as TaggedText[];
}

/** The tokens and texts that Kolben makes of the prompts. */
export function toldBy(decoder: string): Told[] {
  return JSON.parse(readFileSync(join(students, `${decoder}.json`), 'utf8')) as Told[];
}

/** How many tokens a student that writes does at the most. */
export function mostTokens(student: string): number {
  const file = readFileSync(join(students, student, 'generation_config.json'), 'utf8');
  return (JSON.parse(file) as { max_new_tokens: number }).max_new_tokens;
}
