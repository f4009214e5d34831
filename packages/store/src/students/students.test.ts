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

test('a student is promoted and rolled back by hand, as far back as there is one', async () => {
  const { students } = await newStore();
  const register = (n: number, promote?: boolean) =>
    students.register(
      { task: 'mail', directory: `/s/${n}`, digest: `d${n}`, certificate: null },
      promote === undefined ? {} : { promote },
    );
  const first = await register(1);
  const waiting = await register(2, false);
  expect(waiting.promotedAt).toBeNull();
  expect((await students.current('mail'))?.id).toBe(first.id);
  expect(await students.promote('student_nowhere')).toBeUndefined();
  expect(await students.promote(waiting.id)).toMatchObject({ id: waiting.id, promotedAt: expect.any(Date) });
  const third = await register(3);
  expect((await students.current('mail'))?.id).toBe(third.id);
  expect((await students.before('mail'))?.id).toBe(waiting.id);
  expect(await students.rollBack('mail')).toMatchObject({ from: { id: third.id }, to: { id: waiting.id } });
  expect((await students.current('mail'))?.id).toBe(waiting.id);
  await students.promote(third.id);
  expect((await students.current('mail'))?.id).toBe(third.id);
  await students.rollBack('mail');
  expect(await students.rollBack('mail')).toMatchObject({ from: { id: waiting.id }, to: { id: first.id } });
  expect(await students.before('mail')).toBeUndefined();
  expect(await students.rollBack('mail')).toBeUndefined();
  expect((await students.current('mail'))?.id).toBe(first.id);
  expect(await students.list('mail')).toHaveLength(3);
});
