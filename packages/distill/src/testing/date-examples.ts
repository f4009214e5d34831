/**
 * Made-up sentences with a date, and the date as a machine reads it: a small task whose answers are written, not chosen.
 *
 * @module
 */
import { randomStream, uniform } from '@kolben/engine';
import type { Example } from '@kolben/store';

const months = {
  de: [
    ...['Januar', 'Februar', 'März', 'April', 'Mai', 'Juni', 'Juli', 'August', 'September', 'Oktober'],
    ...['November', 'Dezember'],
  ],
  en: [
    ...['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October'],
    ...['November', 'December'],
  ],
};

const sentences: readonly ((day: number, month: number, year: number) => string)[] = [
  (day, month, year) => `Lieferung am ${day}. ${months.de[month - 1]} ${year}`,
  (day, month, year) => `bis zum ${day}. ${months.de[month - 1]} ${year} bitte`,
  (day, month, year) => `due on ${months.en[month - 1]} ${day}, ${year}`,
  (day, month, year) => `from ${day} ${months.en[month - 1]} ${year} on`,
];

/** `count` sentences, of which some may be equal; the same for the same seed. */
export function dateExamples(
  count: number,
  {
    seed = 1,
    answer = isoDate,
  }: { seed?: number; answer?: (day: number, month: number, year: number) => string } = {},
): Example[] {
  const draw = randomStream(seed, 'dates');
  const below = (limit: number) => Math.floor(limit * uniform(draw));
  return Array.from({ length: count }, () => {
    const [day, month, year] = [1 + below(28), 1 + below(12), 2020 + below(10)];
    return {
      messages: [{ role: 'user', content: sentences[below(sentences.length)]!(day, month, year) }],
      answer: answer(day, month, year),
      extra: {},
    };
  });
}

const two = (number: number) => String(number).padStart(2, '0');

function isoDate(day: number, month: number, year: number): string {
  return `${year}-${two(month)}-${two(day)}`;
}
