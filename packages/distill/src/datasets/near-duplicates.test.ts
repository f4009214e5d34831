import { randomStream, uniform } from '@kolben/engine';
import { describe, expect, it } from 'vitest';
import { DisjointSets } from './disjoint-sets.ts';
import { findNearDuplicates, NEAR_DUPLICATE } from './near-duplicates.ts';
import { similarity, sketch } from './sketch.ts';

/** Sentences of random words, some of them copies of an earlier one with a word or a letter changed. */
function sentences(count: number, seed: number): string[] {
  const stream = randomStream(seed);
  const pick = (n: number) => Math.floor(uniform(stream) * n);
  const word = () => Array.from({ length: 3 + pick(6) }, () => 'abcdefghijklmnop'[pick(16)]).join('');
  const texts: string[] = [];
  for (let i = 0; i < count; i++) {
    if (i > 0 && pick(3) === 0) {
      const copied = texts[pick(i)]!.split(' ');
      copied[pick(copied.length)] = word();
      texts.push(copied.join(' '));
    } else {
      texts.push(Array.from({ length: 6 + pick(30) }, word).join(' '));
    }
  }
  return texts;
}

async function grouped(texts: string[]): Promise<DisjointSets> {
  const sets = new DisjointSets();
  for (const _ of texts) sets.add();
  await findNearDuplicates(
    texts.length,
    (i) => texts[i]!,
    (one, other) => sets.union(one, other),
  );
  return sets;
}

describe('findNearDuplicates', () => {
  it('links whom comparing everybody with everybody links', async () => {
    const texts = sentences(600, 1);
    const sets = await grouped(texts);
    const exact = new DisjointSets();
    for (const _ of texts) exact.add();
    const sketches = texts.map((text) => sketch(text));
    let pairs = 0;
    for (let i = 0; i < texts.length; i++) {
      for (let j = 0; j < i; j++) {
        if (similarity(sketches[i]!, sketches[j]!) < NEAR_DUPLICATE) continue;
        pairs++;
        exact.union(i, j);
      }
    }
    expect(pairs).toBeGreaterThan(50);
    const differing = texts.flatMap((text, i) =>
      texts
        .slice(0, i)
        .flatMap((other, j) =>
          (sets.find(i) === sets.find(j)) === (exact.find(i) === exact.find(j)) ? [] : [[text, other]],
        ),
    );
    expect(differing).toEqual([]);
  });

  it('does not count case, and leaves apart what is merely on the same subject', async () => {
    const texts = [
      'When will my new card arrive at my home address?',
      'WHEN WILL MY NEW CARD ARRIVE AT MY HOME ADDRESS',
      'My card was declined at the shop today, what now?',
    ];
    const sets = await grouped(texts);
    expect(sets.find(0)).toBe(sets.find(1));
    expect(sets.find(0)).not.toBe(sets.find(2));
  });

  it('finds a great many copies of one template without comparing them all', async () => {
    const body = 'Your order has been received and will be sent to the address that you gave us. '.repeat(5);
    const texts = Array.from({ length: 3000 }, (_, i) => `${body} Order number ${i * 7919}`);
    const sets = await grouped(texts);
    expect(new Set(texts.map((_, i) => sets.find(i))).size).toBe(1);
  });

  it('stops when told, and gives other work a turn', async () => {
    const controller = new AbortController();
    const texts = sentences(5000, 2);
    const running = findNearDuplicates(
      texts.length,
      (i) => texts[i]!,
      () => {},
      controller.signal,
    );
    setImmediate(() => controller.abort());
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
  });
});
