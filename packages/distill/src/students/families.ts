/**
 * The families of models that there are, and which of them a task gets.
 *
 * @module
 */
import { decoderFamily } from './decoder/family.ts';
import type { Family } from './family.ts';
import { taggerFamily } from './tagger/family.ts';
import type { TaskKind } from './task.ts';
import { wordsAndBagFamily } from './words-and-bag/family.ts';

const families: readonly Family[] = [wordsAndBagFamily, taggerFamily, decoderFamily];

/** The family that a task of this kind is trained in. */
export function familyFor(kind: TaskKind): Family {
  const family = families.find(({ kinds }) => kinds.includes(kind));
  if (!family) throw new TypeError(`No family of models can ${kind}.`);
  return family;
}

export function familyNamed(name: string): Family | undefined {
  return families.find((family) => family.name === name);
}
