import { expect, test, vi } from 'vitest';
import { newStore } from '../testing/folders.ts';

test('the student registered last for a task is its current one', async () => {
  const { students } = await newStore();
  expect(await students.current('mail')).toBeUndefined();
  const certificate = { alpha: 0.05, threshold: 0.875, coverageInterval: [0.5, 0.75] };
  const first = await students.register({ task: 'mail', directory: '/s/1', digest: 'd1', certificate });
  expect(await students.current('mail')).toEqual(first);
  expect(first).toMatchObject({ task: 'mail', directory: '/s/1', digest: 'd1', certificate });
  const second = await students.register({
    task: 'mail',
    directory: '/s/2',
    digest: 'd2',
    certificate: null,
  });
  const other = await students.register({
    task: 'tickets',
    directory: '/s/3',
    digest: 'd3',
    certificate: null,
  });
  expect(await students.current('mail')).toEqual(second);
  expect(await students.list()).toHaveLength(3);
  expect(await students.list('mail')).toEqual([second, first]);
  expect(await students.get(other.id)).toEqual(other);
  expect(await students.get('student_nowhere')).toBeUndefined();
});

test('the last one is the current one although the clock was set back', async () => {
  const { students } = await newStore();
  await students.register({ task: 'mail', directory: '/s/1', digest: 'd1', certificate: null });
  const clock = vi.spyOn(Date, 'now').mockReturnValue(0);
  const last = await students.register({ task: 'mail', directory: '/s/2', digest: 'd2', certificate: null });
  clock.mockRestore();
  expect((await students.current('mail'))?.id).toBe(last.id);
});
