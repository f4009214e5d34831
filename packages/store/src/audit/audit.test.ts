import { expect, test } from 'vitest';
import { StoreValueError } from '../errors.ts';
import { newStore } from '../testing/folders.ts';

test('events are written down and read from the newest on', async () => {
  const store = await newStore();
  const at = (n: number) => new Date(Date.UTC(2026, 0, n));
  await store.audit({
    at: at(1),
    actor: 'cli',
    act: 'key.create',
    subject: 'key_1',
    detail: { scope: 'use' },
  });
  await store.audit({
    at: at(2),
    actor: 'key_1',
    act: 'route.set',
    subject: 'mail',
    detail: { odd: 'a\0\ud800' },
  });
  await store.audit({ actor: 'cli', act: 'key.revoke' });
  const trail = await store.auditTrail();
  expect(trail.map((event) => event.act)).toEqual(['key.revoke', 'route.set', 'key.create']);
  expect(trail[0]).toMatchObject({ subject: null, detail: {} });
  expect(trail[1]).toMatchObject({ at: at(2), actor: 'key_1', detail: { odd: 'a\0\ud800' } });
  expect(await store.auditTrail({ limit: 1, before: at(2) })).toMatchObject([
    { act: 'key.create', at: at(1) },
  ]);
  await expect(store.auditTrail({ limit: 0 })).rejects.toThrow(StoreValueError);
});

test('pages go on at the very event where the last one ended, also among those of one moment', async () => {
  const store = await newStore();
  const at = new Date(Date.UTC(2026, 0, 1));
  for (let i = 0; i < 7; i += 1) await store.audit({ at, actor: 'cli', act: `act.${i}` });
  const seen: string[] = [];
  let page = await store.auditTrail({ limit: 3 });
  while (page.length > 0) {
    seen.push(...page.map(({ act }) => act));
    page = await store.auditTrail({ limit: 3, before: page.at(-1)! });
  }
  expect(seen).toEqual([6, 5, 4, 3, 2, 1, 0].map((i) => `act.${i}`));
});
