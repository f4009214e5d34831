/**
 * When two texts count as the same. For comparison only: the student reads what was written.
 *
 * @module
 */

/** Compatibility forms unified (NFKC), runs of white space made one space, none at either end. */
export function normaliseText(text: string): string {
  return text.normalize('NFKC').replace(/\s+/gu, ' ').trim();
}

/**
 * The answer as it is learnt and compared: canonical forms unified (NFC), no white space at either end.
 * Case and inner white space stay, since answers are code to whoever reads them.
 */
export function normaliseAnswer(answer: string): string {
  return answer.normalize('NFC').trim();
}
