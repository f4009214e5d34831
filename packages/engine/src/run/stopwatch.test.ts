import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Stopwatch } from './stopwatch.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

test('counts while it runs, on top of what was counted before', () => {
  const watch = new Stopwatch(10);
  vi.advanceTimersByTime(1000);
  expect(watch.seconds).toBe(10);
  watch.start();
  vi.advanceTimersByTime(2500);
  expect(watch.seconds).toBe(12.5);
  watch.stop();
  vi.advanceTimersByTime(1000);
  expect(watch.seconds).toBe(12.5);
  watch.start();
  vi.advanceTimersByTime(500);
  watch.stop();
  watch.stop();
  expect(watch.seconds).toBe(13);
});
