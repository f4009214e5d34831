/**
 * A classifier from scratch, with every number it is made of.
 *
 * @module
 */
import type { Parameters } from '@kolben/engine';
import type { StudentShape } from './shape.ts';
import type { Vocabulary } from './vocabulary.ts';

export interface WordsAndBag {
  readonly shape: StudentShape;
  readonly vocabulary: Vocabulary;
  readonly parameters: Parameters;
  /** What the logits are divided by. */
  readonly temperature: number;
  /**
   * The share of a text that the student knows, in the median of tune, in (0, 1]: a text of which it knows less makes it as
   * much less sure. Null where nothing is said by it.
   */
  readonly usuallyKnown: number | null;
}
