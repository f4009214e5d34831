/**
 * A small task for tests, made from a seed: messages to a parcel service, sorted into queues. Real enough to be
 * learned (words, spellings, order), noisy enough that nothing gets all of it right.
 *
 * @module
 */
import { randomStream, uniform } from '@kolben/engine';
import type { Example } from '@kolben/store';

const queues: Record<string, string[]> = {
  delay: [
    'where is my {thing}',
    'my {thing} is {days} days late',
    'still waiting for the {thing} since {day}',
    'wann kommt mein {thing}',
  ],
  damage: [
    'the {thing} arrived broken',
    'my {thing} is damaged, the box was wet',
    'mein {thing} ist kaputt angekommen',
    'the {thing} has a crack',
  ],
  refund: [
    'i want my money back for the {thing}',
    'please refund the {thing}',
    'refund me for {day}',
    'ich möchte mein Geld für {thing} zurück',
  ],
  address: [
    'send the {thing} to another address',
    'i moved, change the address',
    'neue Adresse für {thing} ab {day}',
    'deliver the {thing} to my neighbour',
  ],
  thanks: [
    'thank you for the {thing}',
    'great service, the {thing} came on {day}',
    'danke für {thing}',
    'everything fine with the {thing}',
  ],
};
const things = [
  'parcel',
  'lamp',
  'book',
  'chair',
  'phone',
  'Bücherregal',
  'bicycle',
  'coat',
  'order',
  'Kaffeemaschine',
];
const days = ['Monday', 'Tuesday', 'Friday', 'Sonntag', 'last week'];

/** `count` examples; a share `noise` of them has the answer of another queue. */
export function parcelExamples(count: number, { seed = 1, noise = 0.02 } = {}): Example[] {
  const draw = randomStream(seed, 'parcels');
  const pick = <T>(list: readonly T[]): T => list[Math.floor(uniform(draw) * list.length)];
  const names = Object.keys(queues);
  return Array.from({ length: count }, (_, i) => {
    const queue = pick(names);
    const text = pick(queues[queue])
      .replace('{thing}', () => pick(things))
      .replace('{days}', () => String(2 + Math.floor(uniform(draw) * 8)))
      .replace('{day}', () => pick(days));
    const answer = uniform(draw) < noise ? pick(names) : queue;
    // The number makes every message one of its own, as dates and order numbers do.
    return { messages: [{ role: 'user', content: `${text} (${1000 + i})` }], answer, extra: {} };
  });
}
