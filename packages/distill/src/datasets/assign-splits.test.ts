import { randomStream, uniform } from '@kolben/engine';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignAtRandom, assignByTime, type Group } from './assign-splits.ts';
import { SPLITS, type Split } from './dataset.ts';
import { DatasetError } from './dataset-error.ts';
import { splitSizes } from './split-sizes.ts';

function total(groups: Group[], dealt: Split[], split: Split): number {
  return groups.reduce((sum, group, i) => sum + (dealt[i] === split ? group.size : 0), 0);
}

const groupsOf = (size: fc.Arbitrary<number>) =>
  fc
    .array(
      fc.record({ size, label: fc.constantFrom('a', 'b', 'c', 'd'), time: fc.nat(1000), key: fc.nat() }),
      { minLength: 1, maxLength: 400, size: 'max' },
    )
    .map((drafts) =>
      drafts.map(({ label, key, ...rest }, i): Group => ({ ...rest, labels: [label], key: `${key}-${i}` })),
    );
const count = (groups: Group[]) => groups.reduce((sum, group) => sum + group.size, 0);

describe('splitSizes', () => {
  it('adds up, and gives each split at least one of fifty', () => {
    fc.assert(
      fc.property(fc.integer({ min: 50, max: 3_000_000 }), (n) => {
        const sizes = splitSizes(n);
        expect(SPLITS.reduce((sum, split) => sum + sizes[split], 0)).toBe(n);
        for (const split of SPLITS) expect(sizes[split]).toBeGreaterThan(0);
        expect(sizes.train).toBeGreaterThanOrEqual(0.59 * n);
      }),
      { seed: 1 },
    );
  });

  it('is what its documentation says, and grows with n', () => {
    expect(splitSizes(10_000)).toEqual({
      train: 8000,
      validation: 100,
      tune: 400,
      calibration: 1200,
      test: 300,
    });
    // A certificate at 5 % takes 59; a few hundred examples must do.
    expect(splitSizes(300).calibration).toBe(60);
    expect(splitSizes(1_000_000).train).toBeGreaterThan(980_000);
    for (const split of SPLITS) {
      let before = 0;
      for (let n = 50; n < 100_000; n += 97) {
        expect(splitSizes(n)[split]).toBeGreaterThanOrEqual(before - 1);
        before = splitSizes(n)[split];
      }
    }
  });

  it('takes fractions, and refuses those that are none', () => {
    const fractions = { train: 0.5, validation: 0, tune: 0.2, calibration: 0.3, test: 0 };
    expect(splitSizes(1000, fractions)).toEqual({
      train: 500,
      validation: 0,
      tune: 200,
      calibration: 300,
      test: 0,
    });
    for (const wrong of [
      { train: 0.6 },
      { train: 0, calibration: 0.8 },
      { tune: -0.2, test: 0.4 },
      { test: Number.NaN },
    ]) {
      expect(() => splitSizes(1000, { ...fractions, ...wrong })).toThrow(DatasetError);
    }
  });
});

describe('assignAtRandom', () => {
  it('gives single examples their exact shares, in every label too', () => {
    fc.assert(
      fc.property(groupsOf(fc.constant(1)), (groups) => {
        const labels = [...new Set(groups.flatMap((group) => group.labels))];
        const perLabel = labels.map((label) => groups.filter((group) => group.labels[0] === label));
        fc.pre(perLabel.every((same) => same.length >= 15));
        const sizes = splitSizes(groups.length);
        const dealt = assignAtRandom(groups, sizes);
        for (const split of SPLITS) {
          expect(total(groups, dealt, split)).toBe(sizes[split]);
          for (const same of perLabel) {
            const share = (sizes[split] / groups.length) * same.length;
            const given = same.filter((group) => dealt[groups.indexOf(group)] === split).length;
            // Dealing to whoever is furthest behind strays by less than two from any stretch's share.
            expect(Math.abs(given - share)).toBeLessThan(2.5);
          }
        }
      }),
      { seed: 2, numRuns: 50 },
    );
  });

  it('never gives a judging split more than its size, and teaches every label', () => {
    fc.assert(
      fc.property(groupsOf(fc.integer({ min: 1, max: 30 })), (groups) => {
        const sizes = splitSizes(count(groups));
        const dealt = assignAtRandom(groups, sizes);
        for (const split of SPLITS) {
          if (split !== 'train') expect(total(groups, dealt, split)).toBeLessThanOrEqual(sizes[split]);
        }
        const taught = new Set(groups.flatMap((group, i) => (dealt[i] === 'train' ? group.labels : [])));
        for (const { labels } of groups) for (const label of labels) expect(taught).toContain(label);
        expect(dealt.every((split) => SPLITS.includes(split))).toBe(true);
      }),
      { seed: 3 },
    );
  });

  it('depends on the keys, not on the order', () => {
    fc.assert(
      fc.property(groupsOf(fc.integer({ min: 1, max: 5 })), (groups) => {
        const sizes = splitSizes(count(groups));
        const dealt = assignAtRandom(groups, sizes);
        expect(assignAtRandom([...groups].reverse(), sizes).reverse()).toEqual(dealt);
      }),
      { seed: 4 },
    );
  });

  it('gives every example of a label the same chance of every split', () => {
    const sizes = { train: 60, validation: 10, tune: 10, calibration: 10, test: 10 };
    const draws = 2000;
    const stream = randomStream(1);
    // Example 0 is one of label a's 30, of 100 in all.
    const hits = new Map<Split, number>();
    for (let draw = 0; draw < draws; draw++) {
      const groups = Array.from({ length: 100 }, (_, i): Group => {
        return { size: 1, labels: [i < 30 ? 'a' : 'b'], key: uniform(stream).toFixed(12), time: 0 };
      });
      const split = assignAtRandom(groups, sizes)[0]!;
      hits.set(split, (hits.get(split) ?? 0) + 1);
    }
    for (const split of SPLITS) {
      const share = sizes[split] / 100;
      const error = Math.sqrt((share * (1 - share)) / draws);
      expect(Math.abs((hits.get(split) ?? 0) / draws - share)).toBeLessThan(5 * error + 0.01);
    }
  });

  it('keeps a label’s only group in train', () => {
    const groups = Array.from({ length: 200 }, (_, i): Group => {
      return { size: 1, labels: [i < 40 ? `only ${i}` : 'common'], key: `${i}`, time: 0 };
    });
    const dealt = assignAtRandom(groups, splitSizes(200));
    expect(dealt.slice(0, 40).every((split) => split === 'train')).toBe(true);
    expect(dealt.filter((split) => split === 'calibration')).toHaveLength(40);
  });

  it('keeps a label in train that occurs only beside others in a group', () => {
    const groups = Array.from({ length: 200 }, (_, i): Group => {
      return {
        size: 2,
        labels: ['common', ...(i % 50 === 0 ? [`rare ${i % 100}`] : [])],
        key: `${(i * 37) % 200}`,
        time: 0,
      };
    });
    const dealt = assignAtRandom(groups, splitSizes(400));
    const taught = groups.flatMap((group, i) => (dealt[i] === 'train' ? group.labels : []));
    expect(taught).toContain('rare 0');
    expect(taught).toContain('rare 50');
  });
});

describe('assignByTime', () => {
  it('trains on the older, judges on the newer', () => {
    fc.assert(
      fc.property(groupsOf(fc.integer({ min: 1, max: 4 })), (groups) => {
        const sizes = splitSizes(count(groups));
        const dealt = assignByTime(groups, sizes);
        const newest = Math.max(...groups.filter((_, i) => dealt[i] === 'train').map((group) => group.time));
        // Only a group that fits nowhere else may join train from the newer ones.
        const others = groups.filter((group, i) => dealt[i] !== 'train' && group.time < newest);
        const stray = groups.filter(
          (group, i) => dealt[i] === 'train' && group.size > 1 && group.time === newest,
        );
        if (stray.length === 0) expect(others).toEqual([]);
        for (const split of SPLITS) {
          if (split !== 'train') expect(total(groups, dealt, split)).toBeLessThanOrEqual(sizes[split]);
        }
      }),
      { seed: 5 },
    );
  });

  it('draws the judging splits alike from the whole of the newer time', () => {
    const groups = Array.from({ length: 10_000 }, (_, i): Group => {
      return {
        size: 1,
        labels: [i % 3 === 0 ? 'a' : 'b'],
        key: `${(i * 7919) % 10_007}`.padStart(6, '0'),
        time: i,
      };
    });
    const dealt = assignByTime(groups, splitSizes(10_000));
    expect(dealt.slice(0, 8000).every((split) => split === 'train')).toBe(true);
    for (const split of ['tune', 'calibration', 'test'] as const) {
      const times = groups.filter((_, i) => dealt[i] === split).map((group) => group.time);
      const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
      expect(Math.abs(mean - 9000)).toBeLessThan((5 * 2000) / Math.sqrt(12 * times.length));
    }
  });
});
