/**
 * A classifier from scratch, with every number it is made of.
 *
 * @module
 */
import type { Parameters } from '@kolben/engine';
import type { NoveltyGate } from '../../certificates/novelty.ts';
import type { StudentShape } from './shape.ts';
import type { Vocabulary } from './vocabulary.ts';

export interface WordsAndBag {
  readonly shape: StudentShape;
  readonly vocabulary: Vocabulary;
  readonly parameters: Parameters;
  /** What the logits are divided by. */
  readonly temperature: number;
  /** What tells texts that belong to no label; null where a text may have none. */
  readonly novelty: NoveltyGate | null;
}
