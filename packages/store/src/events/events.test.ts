import { expect, test } from 'vitest';
import { StoreValueError } from '../errors.ts';
import { newStore } from '../testing/folders.ts';

test('events are written down and read from the newest on, by task and kind', async () => {
  const { events } = await newStore();
  const at = (n: number) => new Date(Date.UTC(2026, 0, n));
  await events.add({
    at: at(1),
    task: 'mail',
    what: 'student_trained',
    student: 's1',
    detail: { coverage: 0.7 },
  });
  await events.add({ at: at(2), task: 'mail', what: 'route_set', detail: { from: 'teacher', to: 'shadow' } });
  await events.add({ at: at(3), task: 'tickets', what: 'route_set' });
  expect(await events.list({ task: 'mail' })).toMatchObject([
    { at: at(2), what: 'route_set', student: null, detail: { to: 'shadow' } },
    { at: at(1), what: 'student_trained', student: 's1', detail: { coverage: 0.7 } },
  ]);
  expect(await events.list({ what: ['route_set'], limit: 1, before: at(3) })).toMatchObject([
    { task: 'mail' },
  ]);
  expect(await events.list()).toHaveLength(3);
  await expect(events.list({ limit: 0 })).rejects.toThrow(StoreValueError);
});
