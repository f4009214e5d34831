import { expect, test } from 'vitest';
import { StoreValueError } from '../errors.ts';
import { newStore } from '../testing/folders.ts';

test('a route set at run time holds until it is set again or cleared', async () => {
  const { routes } = await newStore();
  expect(await routes.get('mail')).toBeUndefined();
  await routes.set('mail', 'shadow');
  await routes.set('mail', 'cascade');
  await routes.set('tickets', 'student');
  expect(await routes.get('mail')).toBe('cascade');
  expect(await routes.list()).toEqual(
    new Map([
      ['mail', 'cascade'],
      ['tickets', 'student'],
    ]),
  );
  expect(await routes.clear('mail')).toBe(true);
  expect(await routes.clear('mail')).toBe(false);
  expect(await routes.get('mail')).toBeUndefined();
});

test('a route that is none is refused', async () => {
  const { routes } = await newStore();
  await expect(routes.set('mail', 'detour' as 'teacher')).rejects.toThrow(StoreValueError);
  expect(await routes.list()).toEqual(new Map());
});
