/**
 * Short texts with one of three labels, which a student learns within seconds.
 *
 * @module
 */
import { randomStream, uniform } from '@kolben/engine';
import type { Example } from '@kolben/store';

const words = {
  delay: [
    'late',
    'waiting',
    'overdue',
    'slow',
    'still',
    'yesterday',
    'promised',
    'weeks',
    'delayed',
    'nowhere',
  ],
  damage: [
    'broken',
    'cracked',
    'torn',
    'wet',
    'dented',
    'scratched',
    'shattered',
    'crushed',
    'leaking',
    'bent',
  ],
  refund: ['money', 'refund', 'charged', 'invoice', 'account', 'twice', 'credit', 'repay', 'bank', 'receipt'],
};
const common = [
  'my',
  'parcel',
  'please',
  'the',
  'order',
  'hello',
  'box',
  'help',
  'today',
  'again',
  'is',
  'was',
];

export function parcelTexts(n: number): Example[] {
  const stream = randomStream(17);
  const pick = <T>(list: readonly T[]) => list[Math.floor(uniform(stream) * list.length)]!;
  const labels = Object.keys(words) as (keyof typeof words)[];
  return Array.from({ length: n }, (_, i) => {
    const label = pick(labels);
    const said = Array.from({ length: 9 }, () => pick(uniform(stream) < 0.4 ? words[label] : common));
    return {
      messages: [{ role: 'user', content: `${said.join(' ')} ${i}` }],
      answer: label,
      id: `example_${i}`,
      extra: {},
    };
  });
}
