import { openStore } from '@kolben/store';
import { expect, onTestFinished, test } from 'vitest';
import { parseConfig } from '../config/parse-config.ts';
import { keep, type LoggedEvent, newFolder } from '../testing/gateway-in-test.ts';
import { providersOf } from '../upstream/provider.ts';
import { tasksOf } from './task.ts';
import { TaskBook, type TaskBookOptions } from './task-book.ts';

const config = parseConfig({
  providers: {
    p: { baseUrl: 'http://127.0.0.1:9', prices: { m: { inputPerMillion: 0, outputPerMillion: 0 } } },
  },
  tasks: {
    mail: { kind: 'classify', teacher: 'p/m', route: 'shadow' },
    pinned: { kind: 'classify', teacher: 'p/m', student: '/pinned' },
  },
});
const tasks = tasksOf(config, providersOf(config, {}));
const mail = tasks.get('mail')!;

async function bookOf(options: Partial<TaskBookOptions> = {}) {
  const store = await openStore({ directory: newFolder() });
  onTestFinished(() => store.close());
  const events: LoggedEvent[] = [];
  return { store, events, book: new TaskBook({ store, log: keep(events), refreshMs: 0, ...options }) };
}

test('the configured route holds until one is set at run time, by whatever process', async () => {
  const { store, book, events } = await bookOf();
  expect(await book.state(mail)).toEqual({ route: 'shadow', student: undefined, withdrawn: new Set() });
  await store.routes.set('mail', 'cascade');
  expect((await book.state(mail)).route).toBe('cascade');
  await store.routes.clear('mail');
  expect((await book.state(mail)).route).toBe('shadow');
  expect(events.map(({ event, from, to }) => [event, from, to])).toEqual([
    ['route_switched', 'shadow', 'cascade'],
    ['route_switched', 'cascade', 'shadow'],
  ]);
});

test('the student is the one registered last, unless the configuration names a folder', async () => {
  const { store, book } = await bookOf();
  await store.students.register({ task: 'mail', directory: '/one', digest: 'd1', certificate: null });
  const two = await store.students.register({
    task: 'mail',
    directory: '/two',
    digest: 'd2',
    certificate: null,
  });
  await store.students.register({
    task: 'pinned',
    directory: '/registered',
    digest: 'd3',
    certificate: null,
  });
  expect((await book.state(mail)).student).toMatchObject({ id: two.id, directory: '/two', digest: 'd2' });
  expect((await book.state(tasks.get('pinned')!)).student).toEqual({
    id: undefined,
    directory: '/pinned',
    digest: undefined,
  });
});

test('what is known is read again when it has grown old, once for all calls that come together', async () => {
  const clock = { now: 0 };
  let reads = 0;
  const { store } = await bookOf();
  const routes = {
    ...store.routes,
    get: (task: string) => {
      reads += 1;
      return store.routes.get(task);
    },
  };
  const log = keep([]);
  const book = new TaskBook({
    store: { routes, students: store.students, watches: store.watches },
    log,
    refreshMs: 250,
    now: () => clock.now,
  });
  await Promise.all([book.state(mail), book.state(mail), book.state(mail)]);
  expect(reads).toBe(1);
  await store.routes.set('mail', 'cascade');
  clock.now = 249;
  expect((await book.state(mail)).route).toBe('shadow');
  clock.now = 250;
  expect((await book.state(mail)).route).toBe('cascade');
  expect(reads).toBe(2);
});

test('what has not grown old yet is read ahead, and nobody waits for it', async () => {
  const clock = { now: 0 };
  const { store, book } = await bookOf({ refreshMs: 250, aheadMs: 100, now: () => clock.now });
  await book.state(mail);
  await store.routes.set('mail', 'cascade');
  clock.now = 150;
  expect((await book.state(mail)).route).toBe('shadow');
  await expect.poll(async () => (await book.state(mail)).route).toBe('cascade');
});

test('a store that can’t be read leaves everything as it was', async () => {
  const { store, book, events } = await bookOf();
  await store.routes.set('mail', 'cascade');
  await book.state(mail);
  await store.close();
  expect((await book.state(mail)).route).toBe('cascade');
  expect(events.at(-1)).toEqual({
    level: 'error',
    event: 'task_state_not_read',
    task: 'mail',
    reason: 'store_closed',
  });
});

test('a student that is withdrawn is so at once, also while an older state is being read', async () => {
  const clock = { now: 0 };
  const { store } = await bookOf();
  let readOn = () => {};
  let held = Promise.resolve();
  const watches = {
    ...store.watches,
    withdrawn: async () => {
      await held;
      return new Set<string>();
    },
  };
  const book = new TaskBook({
    store: { routes: store.routes, students: store.students, watches },
    log: keep([]),
    now: () => clock.now,
  });
  await book.state(mail);
  book.withdraw('mail', 'd1');
  expect((await book.state(mail)).withdrawn).toEqual(new Set(['d1']));
  // What the store said before it knew of it.
  held = new Promise((resolve) => {
    readOn = resolve;
  });
  clock.now = 250;
  const reading = book.state(mail);
  await new Promise((resolve) => setImmediate(resolve));
  book.withdraw('mail', 'd2');
  readOn();
  expect((await reading).withdrawn).toEqual(new Set(['d2']));
  clock.now = 500;
  expect((await book.state(mail)).withdrawn).toEqual(new Set());
});
