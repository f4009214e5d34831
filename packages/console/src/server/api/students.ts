/**
 * The students: families, one student, why it answers as it does, two beside each other; and the acts of who looks after
 * them.
 *
 * @module
 */
import { distributions, EXPORT_FORMATS, studentCard } from '@kolben/distill';
import { promoteStudent, readmitStudent, rollBackStudent } from '@kolben/gateway/students';
import { Hono } from 'hono';
import { z } from 'zod';
import { input } from '../input.ts';
import type { ConsoleEnv, ConsoleServices } from '../services.ts';
import { compareStudents } from '../students/compare-students.ts';
import { explainText, LearnedTexts } from '../students/explain-text.ts';
import { ExportDesk } from '../students/export-desk.ts';
import { findStudent } from '../students/find-student.ts';
import { measureStudent, type StudentMeasurement } from '../students/measure-student.ts';
import { OneAtATime } from '../students/one-at-a-time.ts';
import { studentDetail } from '../students/student-detail.ts';
import { KnownFolders, studentList } from '../students/student-list.ts';

/** A registration's id, or a digest. */
const id = z.string().min(1).max(200);
const one = input('param', z.object({ id }));
/** As long as a text can be that is weighed word by word. */
const text = z.string().min(1).max(100_000);
/** Measurements that are kept for who comes back to the page. */
const mostKept = 100;

export function studentsApi(services: ConsoleServices) {
  const { store } = services;
  const work = new OneAtATime();
  const folders = new KnownFolders();
  const learned = new LearnedTexts();
  const exports = new ExportDesk(services);
  const measured = new Map<string, StudentMeasurement>();
  const keep = (digest: string, measurement: StudentMeasurement) => {
    measured.delete(digest);
    measured.set(digest, measurement);
    if (measured.size > mostKept) measured.delete(measured.keys().next().value!);
  };
  return new Hono<ConsoleEnv>()
    .get('/', async (c) => c.json(await studentList(services, folders)))
    .post('/compare', input('json', z.object({ one: id, other: id })), async (c) => {
      const wish = c.req.valid('json');
      const [first, second] = [
        await findStudent(services, wish.one),
        await findStudent(services, wish.other),
      ];
      const { signal } = c.req.raw;
      return c.json(await work.do(() => compareStudents(services, first, second, signal), signal));
    })
    .post(
      '/roll-back',
      input('json', z.object({ task: z.string().min(1).max(200), withdrawn: z.boolean().default(false) })),
      async (c) => {
        const { task, withdrawn } = c.req.valid('json');
        const { from, to } = await rollBackStudent(store, task, c.get('session').key.id, { withdrawn });
        return c.json({ from: from.id, to: to.id });
      },
    )
    .get('/exports/:token', input('param', z.object({ token: z.string().max(100) })), (c) =>
      exports.fetch(c.req.valid('param').token, c.get('token')),
    )
    .get('/:id', one, async (c) => {
      const student = await findStudent(services, c.req.valid('param').id);
      const detail = await studentDetail(services, student);
      return c.json({ ...detail, measured: measured.get(student.digest) ?? null });
    })
    .get('/:id/card', one, async (c) => {
      const { directory } = await findStudent(services, c.req.valid('param').id);
      return c.json({ card: await studentCard(directory) });
    })
    .post('/:id/measure', one, async (c) => {
      const student = await findStudent(services, c.req.valid('param').id);
      const { signal } = c.req.raw;
      const found = await work.do(() => measureStudent(services, student, signal), signal);
      keep(student.digest, found);
      return c.json(found);
    })
    .post('/:id/explain', one, input('json', z.object({ text, neighbours: z.boolean() })), async (c) => {
      const student = await findStudent(services, c.req.valid('param').id);
      const wish = c.req.valid('json');
      const { signal } = c.req.raw;
      const choice = { learned: wish.neighbours ? learned : undefined, signal };
      return c.json(await work.do(() => explainText(services, student, wish.text, choice), signal));
    })
    .post('/:id/promote', one, async (c) => {
      const { student, before } = await promoteStudent(
        store,
        c.req.valid('param').id,
        c.get('session').key.id,
      );
      return c.json({ id: student.id, before });
    })
    .post('/:id/readmit', one, async (c) => {
      const student = await findStudent(services, c.req.valid('param').id);
      return c.json({ readmitted: await readmitStudent(store, student, c.get('session').key.id) });
    })
    .post(
      '/:id/export',
      one,
      input(
        'json',
        z.object({
          to: z.enum(EXPORT_FORMATS),
          distribution: z.enum(distributions),
          halves: z.boolean().default(false),
        }),
      ),
      async (c) => {
        const student = await findStudent(services, c.req.valid('param').id);
        const who = { session: c.get('token'), actor: c.get('session').key.id, signal: c.req.raw.signal };
        return c.json(await work.do(() => exports.prepare(student, c.req.valid('json'), who), who.signal));
      },
    );
}
