import { expect, test } from 'vitest';
import { keep, type LoggedEvent, wordStudent } from '../testing/gateway-in-test.ts';
import type { ServingStudent } from './student.ts';
import { StudentPool, type StudentReference } from './student-pool.ts';

const folder = (directory: string, digest = 'd1', id = 'student-1'): StudentReference => ({
  id,
  directory,
  digest,
});

interface Loading {
  directory: string;
  finish: (student: ServingStudent) => void;
  fail: (error: Error) => void;
}

/** A pool whose loads are finished by the test, in any order. */
function poolByHand() {
  const loads: Loading[] = [];
  const events: LoggedEvent[] = [];
  const clock = { now: 0 };
  const pool = new StudentPool({
    load: (directory) => new Promise((finish, fail) => void loads.push({ directory, finish, fail })),
    log: keep(events),
    now: () => clock.now,
    retryMs: 1_000,
  });
  return { pool, loads, events, clock };
}

/** Lets what is ready to happen happen. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test('a folder is loaded once, however many calls and tasks ask for it at once', async () => {
  const { pool, loads } = poolByHand();
  const student = wordStudent();
  const leases = [
    pool.lease('a', folder('/s')),
    pool.lease('a', folder('/s')),
    pool.lease('b', folder('/s')),
  ];
  await settle();
  expect(loads).toHaveLength(1);
  loads[0]?.finish(student);
  for (const lease of await Promise.all(leases)) {
    expect(lease?.student).toBe(student);
    lease?.release();
  }
  expect(student.closed).toBe(0);
  await pool.close();
  expect(student.closed).toBe(1);
});

test('a new student takes over when it is loaded; until then, and for answers under way, the old one stays', async () => {
  const { pool, loads } = poolByHand();
  const [old, fresh] = [wordStudent(), wordStudent({ digest: 'digest-2' })];
  const first = pool.lease('a', folder('/s', 'd1', 'one'));
  loads[0]?.finish(old);
  const atWork = await first;

  const meanwhile = await pool.lease('a', folder('/s', 'd2', 'two'));
  expect(meanwhile?.student).toBe(old);
  expect(meanwhile?.reference.id).toBe('one');
  meanwhile?.release();

  loads[1]?.finish(fresh);
  await settle();
  const after = await pool.lease('a', folder('/s', 'd2', 'two'));
  expect(after?.student).toBe(fresh);
  expect(after?.reference.id).toBe('two');
  expect(old.closed).toBe(0);
  atWork?.release();
  atWork?.release();
  await settle();
  expect(old.closed).toBe(1);
  after?.release();
  await pool.close();
  expect([old.closed, fresh.closed]).toEqual([1, 1]);
});

test('a folder that can’t be loaded gives nothing, is told, and is tried again after a while', async () => {
  const { pool, loads, events, clock } = poolByHand();
  const first = pool.lease('a', folder('/s'));
  loads[0]?.fail(Object.assign(new Error('words of a file'), { code: 'student_folder_broken' }));
  expect(await first).toBeUndefined();
  expect(events).toEqual([
    { level: 'error', event: 'student_not_loaded', directory: '/s', reason: 'student_folder_broken' },
  ]);
  expect(await pool.lease('a', folder('/s'))).toBeUndefined();
  expect(loads).toHaveLength(1);
  clock.now = 1_000;
  const again = pool.lease('a', folder('/s'));
  const student = wordStudent();
  loads[1]?.finish(student);
  expect((await again)?.student).toBe(student);
});

test('where the new student can’t be loaded, the old one does not go on in its name', async () => {
  const { pool, loads } = poolByHand();
  const first = pool.lease('a', folder('/old'));
  const old = wordStudent();
  loads[0]?.finish(old);
  (await first)?.release();
  (await pool.lease('a', folder('/new')))?.release();
  loads[1]?.fail(new Error());
  await settle();
  expect(await pool.lease('a', folder('/new'))).toBeUndefined();
  // Back to the old one: it's still there.
  const back = await pool.lease('a', folder('/old'));
  expect(back?.student).toBe(old);
  expect(loads).toHaveLength(2);
  back?.release();
  await pool.close();
  expect(old.closed).toBe(1);
});

test('of two new students named one after the other the last one stays, in whatever order they are loaded', async () => {
  const { pool, loads } = poolByHand();
  const [one, two, three] = [wordStudent(), wordStudent(), wordStudent()];
  const first = pool.lease('a', folder('/1'));
  loads[0]?.finish(one);
  (await first)?.release();
  (await pool.lease('a', folder('/2')))?.release();
  (await pool.lease('a', folder('/3')))?.release();
  loads[2]?.finish(three);
  await settle();
  loads[1]?.finish(two);
  await settle();
  const lease = await pool.lease('a', folder('/3'));
  expect(lease?.student).toBe(three);
  expect([one.closed, two.closed, three.closed]).toEqual([1, 1, 0]);
  lease?.release();
  await pool.close();
  expect(three.closed).toBe(1);
});

test('closing waits for answers under way and for loads, and gives out nothing after', async () => {
  const { pool, loads } = poolByHand();
  const student = wordStudent();
  const waiting = pool.lease('a', folder('/s'));
  const closed = pool.close();
  loads[0]?.finish(student);
  await closed;
  expect(await waiting).toBeUndefined();
  expect(await pool.lease('a', folder('/s'))).toBeUndefined();
  expect(student.closed).toBe(1);
});

test('a student that can’t be closed is told and holds nobody up', async () => {
  const { pool, loads, events } = poolByHand();
  const lease = pool.lease('a', folder('/s'));
  loads[0]?.finish({ ...wordStudent(), close: () => Promise.reject(new Error()) });
  (await lease)?.release();
  await pool.close();
  expect(events.map(({ event }) => event)).toEqual(['student_loaded', 'student_not_closed']);
});

test('of students called by their own name the four asked last stay loaded; the tasks’ own stay anyway', async () => {
  const loaded = new Map<string, ReturnType<typeof wordStudent>>();
  const pool = new StudentPool({
    load: async (directory) => {
      const student = wordStudent({ digest: directory });
      loaded.set(directory, student);
      return student;
    },
    log: keep([]),
  });
  (await pool.lease('mail', folder('/own')))?.release();
  const atWork = await pool.lease('student/0', folder('/0'));
  for (let i = 1; i < 4; i += 1) (await pool.lease(`student/${i}`, folder(`/${i}`)))?.release();
  (await pool.lease('student/1', folder('/1')))?.release();
  for (let i = 4; i < 6; i += 1) (await pool.lease(`student/${i}`, folder(`/${i}`)))?.release();
  await settle();
  const closed = () => [...loaded].filter(([, { closed: times }]) => times > 0).map(([name]) => name);
  // The one that is still at work is closed when it is done.
  expect(closed()).toEqual(['/2']);
  atWork?.release();
  await settle();
  expect(closed()).toEqual(['/0', '/2']);
  await pool.close();
  expect([...loaded.values()].every(({ closed: times }) => times === 1)).toBe(true);
});
