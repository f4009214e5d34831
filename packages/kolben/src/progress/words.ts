/**
 * Numbers as people read them, in English: `2,101`, `98.9 %`, `1 min 12 s`, `$0.0412`.
 *
 * @module
 */
import { numbersIn } from '@kolben/console/numbers';

export const { count, percent, plainPercent, confidence, duration, milliseconds, dollars, price, signed } =
  numbersIn('en');

/** `count` with its noun: `1 mail`, `2 mails`. */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}
