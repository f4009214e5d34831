import { expect, onTestFinished, test } from 'vitest';
import { StoreValueError } from '../errors.ts';
import { newFolder, newStore, openStore } from '../testing/folders.ts';

test('histograms of several gateways are added up, by student and day', async () => {
  const directory = newFolder();
  const stores = await Promise.all([openStore({ directory }), openStore({ directory })]);
  onTestFinished(async () => void (await Promise.all(stores.map((store) => store.close()))));
  await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      stores[i % 2]!.drift.add('mail', 'd1', 20_000, { confidence: [1, 0, 2], unknownGrams: [0, 1] }),
    ),
  );
  await stores[0]!.drift.add('mail', 'd1', 20_001, { confidence: [0, 0, 0, 5] });
  await stores[0]!.drift.add('mail', 'd2', 20_001, { confidence: [7] });
  expect(await stores[1]!.drift.list('mail', 'd1')).toEqual([
    { day: 20_000, histograms: { confidence: [20, 0, 40], unknownGrams: [0, 20] } },
    { day: 20_001, histograms: { confidence: [0, 0, 0, 5] } },
  ]);
  expect(await stores[1]!.drift.list('mail', 'd1', { since: 20_001 })).toHaveLength(1);
});

test('what is no count is refused', async () => {
  const { drift } = await newStore();
  await expect(drift.add('mail', 'd1', 1, { confidence: [-1] })).rejects.toThrow(StoreValueError);
  await expect(drift.add('mail', 'd1', 1, { confidence: [0.5] })).rejects.toThrow(StoreValueError);
  expect(await drift.list('mail', 'd1')).toEqual([]);
});
