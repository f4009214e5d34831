/**
 * The check digit of machine-readable travel documents (ICAO 9303, part 3, 4.9): weights 7, 3, 1, letters as 10 to 35.
 *
 * @module
 */

/** @param number letters and digits, the last one the check digit */
export function hasDocumentCheckDigit(number: string): boolean {
  const values = Array.from(number, (character) => Number.parseInt(character, 36));
  const check = values.pop();
  const sum = values.reduce((total, value, place) => total + value * [7, 3, 1][place % 3]!, 0);
  return sum % 10 === check;
}
