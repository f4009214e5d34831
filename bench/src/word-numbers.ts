import { randomStream } from '@kolben/engine';

/** The words and signs of a text as numbers below `vocabulary`, by hashing: one or more. */
export function wordNumbers(text: string, vocabulary: number): number[] {
  const words = text.toLowerCase().match(/\w+|[^\w\s]/g) ?? ['?'];
  return words.map((word) => randomStream(word)() % vocabulary);
}
