import { expect, test, vi } from 'vitest';
import { uuid7 } from './uuid7.ts';

test('ids are UUIDs of version 7 that begin with the time', () => {
  const before = Date.now();
  const id = uuid7();
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const time = Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
  expect(time).toBeGreaterThanOrEqual(before);
});

test('ids ascend, within a millisecond, beyond its counter, and when the clock is set back', () => {
  const clock = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 1_000_000);
  const ids = Array.from({ length: 10_000 }, uuid7);
  clock.mockReturnValue(0);
  ids.push(...Array.from({ length: 10 }, uuid7));
  clock.mockRestore();
  expect(ids).toEqual([...ids].sort());
  expect(new Set(ids).size).toBe(ids.length);
});
