import { expect, test, vi } from 'vitest';
import { newStore } from '../testing/folders.ts';

test('a lease is one owner’s until it is given up or has run out', async () => {
  const { leases } = await newStore();
  expect(await leases.take('watch mail', 'one', 60_000)).toBe(true);
  expect(await leases.take('watch mail', 'other', 60_000)).toBe(false);
  expect(await leases.take('watch mail', 'one', 60_000)).toBe(true);
  expect(await leases.take('watch tickets', 'other', 60_000)).toBe(true);
  await leases.release('watch mail', 'other');
  expect(await leases.take('watch mail', 'other', 60_000)).toBe(false);
  await leases.release('watch mail', 'one');
  expect(await leases.take('watch mail', 'other', 60_000)).toBe(true);
  expect(await leases.take('watch mail', 'third', 60_000, (owner) => owner === 'one')).toBe(false);
  expect(await leases.take('watch mail', 'third', 60_000, (owner) => owner === 'other')).toBe(true);
  const clock = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_001);
  expect(await leases.take('watch mail', 'one', 60_000)).toBe(true);
  clock.mockRestore();
});
