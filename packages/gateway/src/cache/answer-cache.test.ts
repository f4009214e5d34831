import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AnswerCache } from './answer-cache.ts';

const roomy = { ttlSeconds: 60, entries: 100, bytes: 1 << 20 };
const answer = (body: string) => ({ callId: `call_${body}`, body });

test('an answer is there until its time is over', () => {
  let clock = 0;
  const cache = new AnswerCache(roomy, () => clock);
  cache.set('a', answer('1'));
  clock = 59_999;
  expect(cache.get('a')).toEqual(answer('1'));
  clock = 60_000;
  expect(cache.get('a')).toBeUndefined();
  expect(cache.size).toBe(0);
});

test('an answer that is given again doesn’t live longer, one that is set again does', () => {
  let clock = 0;
  const cache = new AnswerCache(roomy, () => clock);
  cache.set('a', answer('1'));
  cache.set('b', answer('1'));
  clock = 30_000;
  expect(cache.get('a')).toBeDefined();
  cache.set('b', answer('2'));
  clock = 60_000;
  expect(cache.get('a')).toBeUndefined();
  expect(cache.get('b')).toEqual(answer('2'));
});

test('beyond the number of entries those go that were not asked for longest', () => {
  const cache = new AnswerCache({ ...roomy, entries: 2 }, () => 0);
  cache.set('a', answer('1'));
  cache.set('b', answer('2'));
  cache.get('a');
  cache.set('c', answer('3'));
  expect(cache.get('b')).toBeUndefined();
  expect([cache.get('a'), cache.get('c')]).toEqual([answer('1'), answer('3')]);
});

test('memory is bounded, whatever is put in; the last that fits is there', () => {
  const texts = fc.array(fc.tuple(fc.nat({ max: 5 }), fc.nat({ max: 8_000 })), { maxLength: 40 });
  fc.assert(
    fc.property(texts, (puts) => {
      const cache = new AnswerCache({ ...roomy, bytes: 8_192 }, () => 0);
      for (const [name, length] of puts) {
        cache.set(`${name}`, answer('x'.repeat(length)));
        const fits = 2 * length + 512 <= 8_192;
        expect(cache.get(`${name}`) !== undefined).toBe(fits);
        const held = [0, 1, 2, 3, 4, 5].map((each) => cache.get(`${each}`)?.body.length);
        const bytes = held.reduce<number>((sum, each) => sum + (each === undefined ? 0 : 2 * each + 512), 0);
        expect(bytes).toBeLessThanOrEqual(8_192);
      }
    }),
  );
});
