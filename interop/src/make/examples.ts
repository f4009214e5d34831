/**
 * A small task to make a student of: messages to a parcel service, sorted into queues, in English and German.
 *
 * @module
 */
import type { Example } from '@kolben/store';

const queues = {
  delay: ['where is my {thing}', 'still waiting for the {thing}', 'wann kommt mein {thing}'],
  damage: ['the {thing} arrived broken', 'my {thing} has a crack', 'mein {thing} ist kaputt'],
  refund: [
    'money back for the {thing}',
    'please refund the {thing}',
    'ich möchte mein Geld für {thing} zurück',
  ],
  'new address': [
    'send the {thing} elsewhere',
    'i moved before the {thing} came',
    'neue Adresse für {thing}',
  ],
  'thanks, „danke“ 🙂': ['thank you for the {thing}', 'great {thing}, great service', 'danke für {thing}'],
};
const things = ['parcel', 'lamp', 'book', 'chair', 'phone', 'Bücherregal', 'bicycle', 'Kaffeemaschine'];

/** `count` examples, no two alike: a number makes every message one of its own, as dates and order numbers do. */
export function parcelExamples(count: number): Example[] {
  const sorted = Object.entries(queues).flatMap(([answer, texts]) => texts.map((text) => ({ answer, text })));
  return Array.from({ length: count }, (_, i) => {
    const { answer, text } = sorted[i % sorted.length];
    const thing = things[Math.floor(i / sorted.length) % things.length];
    return {
      messages: [{ role: 'user', content: `${text.replace('{thing}', thing)} (${1000 + i * 7})` }],
      answer,
      extra: {},
    };
  });
}
