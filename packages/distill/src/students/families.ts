/**
 * The families of models that there are, and which of them a task gets.
 *
 * @module
 */
import { decoderTypes, encoderTypes, isDecoderConfig, isEncoderConfig, readConfigFile } from '@kolben/engine';
import { BaseError } from '../base/base-error.ts';
import type { Base } from '../base/open-base.ts';
import { decoderFamily } from './decoder/family.ts';
import { encoderFamily } from './encoder/family.ts';
import type { Family } from './family.ts';
import { taggerFamily } from './tagger/family.ts';
import type { TaskKind } from './task.ts';
import { wordsAndBagFamily } from './words-and-bag/family.ts';

const families: readonly Family[] = [wordsAndBagFamily, taggerFamily, decoderFamily, encoderFamily];

/** The family that a task of this kind is trained in from nothing. */
export function familyFor(kind: TaskKind): Family {
  const family = families.find(({ kinds }) => kinds.includes(kind));
  if (!family) throw new TypeError(`No family of models can ${kind}.`);
  return family;
}

/**
 * The family that a task of this kind is trained in from an open model.
 *
 * @throws BaseError (`base_architecture`) where there is none for the model and the task
 */
export async function familyOn({ folder, lineage }: Base, kind: TaskKind): Promise<Family> {
  const config = await readConfigFile(folder);
  if (kind === 'classify' && isEncoderConfig(config)) return encoderFamily;
  if (kind === 'generate' && isDecoderConfig(config)) return decoderFamily;
  throw new BaseError(
    'base_architecture',
    `${lineage.id} is of the type ${JSON.stringify(config.model_type) ?? 'unknown'}, on which no student of the kind ${kind} stands; students of the kind classify stand on encoders of the types ${encoderTypes.join(', ')}, and those of the kind generate on decoders of the types ${decoderTypes.join(', ')}.`,
  );
}

export function familyNamed(name: string): Family | undefined {
  return families.find((family) => family.name === name);
}
