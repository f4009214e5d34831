/**
 * Tasks: what is done with their calls, how their students stand, and what an operator changes.
 *
 * @module
 */
import { alarmOf, readScores, readStudentFolder, readWatch, riskCoverage } from '@kolben/distill';
import { KolbenError } from '@kolben/engine/error';
import { ApiError, findDrift } from '@kolben/gateway';
import { alphasOf, certifyStudent, currentStudent, routeNeeds, switchRoute } from '@kolben/gateway/tasks';
import { disagreementOrders, routes, type Store, verdicts } from '@kolben/store';
import { Hono } from 'hono';
import { z } from 'zod';
import { input } from '../input.ts';
import { type ConsoleEnv, type ConsoleServices, nowOf } from '../services.ts';
import { monthOf } from '../tasks/month-of-alpha.ts';
import { wealthCourse } from '../tasks/wealth-course.ts';
import { wholeCall } from './call-input.ts';

const thirtyDaysMs = 30 * 86_400_000;
const driftDays = 7;
const pageSize = 20;
const curvePoints = 200;
/** As many as are read at once. */
const mostAudits = 1_000;

export function tasksApi(services: ConsoleServices) {
  const { store, config, inside, watch } = services;
  const known = (task: string) => {
    if (Object.hasOwn(config.tasks, task)) return config.tasks[task]!;
    throw new ApiError(404, 'task_unknown', 'There is no such task in the configuration.', {
      type: 'invalid_request_error',
    });
  };
  const traffic = async (task: string) => {
    const since = new Date(nowOf(services).getTime() - thirtyDaysMs);
    const { calls, teacherCost } = await store.ledger.totals({ task, since });
    return { calls, teacherCost, audit: known(task).audit };
  };
  return new Hono<ConsoleEnv>()
    .get('/', async (c) => {
      const { tasks } = await inside.status();
      return c.json({
        tasks: await Promise.all(
          tasks.map(async ({ name, kind, teacher, route }) => {
            const current = await store.students.current(name);
            const { disagreements, decided } = await store.decisions.counts(name);
            const done = Object.values(decided).reduce((sum, n) => sum + n, 0);
            return {
              ...{ name, kind, teacher, route, undecided: disagreements - done },
              hasStudent: current !== undefined || config.tasks[name]?.student !== undefined,
              certificate: certificateOf(current?.certificate),
              withdrawn: current !== undefined && (await store.watches.withdrawn(name)).has(current.digest),
            };
          }),
        ),
      });
    })
    .get('/one/:task', async (c) => {
      const name = c.req.param('task');
      const { kind, teacher, audit, route: configured, driftAlarm, budget } = known(name);
      const route = (await store.routes.get(name)) ?? configured;
      const current = await currentStudent(store, config, name);
      const month = await store.budgets.spending();
      return c.json({
        ...{ name, kind, teacher: [teacher].flat()[0]!, audit, route, configured },
        needs: {
          shadow: await routeNeeds({ store, config, task: name }, 'shadow'),
          cascade: await routeNeeds({ store, config, task: name }, 'cascade'),
        },
        student: current ? await studentOf(store, name, current) : null,
        drift: current ? await driftOf(store, name, current, driftAlarm) : null,
        budget: {
          usdPerMonth: budget?.usdPerMonth ?? null,
          spent: month.find((row) => row.subject === 'task' && row.name === name)?.spent ?? 0,
        },
        disagreements: await store.decisions.counts(name),
        next: watch ? await watch.next(name) : null,
      });
    })
    .get('/alphas/:task', async (c) => {
      const name = c.req.param('task');
      known(name);
      const current = await store.students.current(name);
      if (!current) return c.json({ student: null, choices: [], delta: null, why: 'student_missing' });
      try {
        const { choices, delta } = await alphasOf(store, current.id);
        const now = await traffic(name);
        return c.json({
          ...{ student: current.id, delta, why: null },
          choices: choices.map(({ alpha, certificate, disagreement, reason, callsNeeded }) => ({
            ...{ alpha, disagreement, reason, callsNeeded },
            certificate: certificate && {
              ...{ threshold: certificate.threshold, coverage: certificate.coverage, n: certificate.n },
              upperBound: certificate.disagreementUpperBound,
            },
            month: certificate ? monthOf(now, certificate.coverage, disagreement ?? 0) : null,
          })),
        });
      } catch (error) {
        if (!KolbenError.isInstance(error)) throw error;
        return c.json({ student: current.id, choices: [], delta: null, why: error.code });
      }
    })
    .get(
      '/disagreements/:task',
      input(
        'query',
        z.object({
          order: z.enum(disagreementOrders).default('newest'),
          decided: z.enum(['true', 'false']).optional(),
          after: z.string().max(200).optional(),
        }),
      ),
      async (c) => {
        const task = c.req.param('task');
        const { order, decided, after } = c.req.valid('query');
        const last = after === undefined ? undefined : await store.calls.get(after);
        const found = await store.decisions.disagreements({
          ...{ task, order, limit: pageSize },
          ...(decided !== undefined && { decided: decided === 'true' }),
          ...(last && { after: last }),
        });
        return c.json({
          disagreements: found.map(({ call, decision }) => ({
            call: wholeCall(call),
            decision: decision && { ...decision, at: decision.at.toISOString() },
          })),
          next: found.length === pageSize ? found.at(-1)!.call.id : null,
          counts: await store.decisions.counts(task),
        });
      },
    )
    .post(
      '/decide',
      input(
        'json',
        z.object({
          call: z.string().max(200),
          right: z.enum(verdicts).nullable(),
          answer: z.string().max(1_000_000).optional(),
        }),
      ),
      async (c) => {
        const { call: callId, right, answer } = c.req.valid('json');
        const by = c.get('session').key.id;
        if (right === null) {
          await store.decisions.remove(callId, by);
          return c.json({ decision: null });
        }
        const decision = await store.decisions.set({
          ...{ callId, verdict: right, by },
          ...(right === 'neither' && answer !== undefined && { answer }),
        });
        return c.json({ decision: { ...decision, at: decision.at.toISOString() } });
      },
    )
    .post('/route/:task', input('json', z.object({ route: z.enum(routes) })), async (c) => {
      const task = c.req.param('task');
      known(task);
      const { route } = c.req.valid('json');
      const switched = await switchRoute({ store, config, task, route, actor: c.get('session').key.id });
      return c.json({ task, route, ...switched });
    })
    .post(
      '/certify/:task',
      input('json', z.object({ student: z.string(), alpha: z.number() })),
      async (c) => {
        const { student, alpha } = c.req.valid('json');
        const { to, certificate, promoted } = await certifyStudent({
          ...{ store, student, alpha, actor: c.get('session').key.id },
        });
        return c.json({ student: to.id, coverage: certificate.coverage, promoted });
      },
    )
    .post('/undo/:task', async (c) => {
      const task = c.req.param('task');
      known(task);
      if (!watch)
        throw new ApiError(404, 'watch_missing', 'Nothing watches tasks here.', { type: 'server_error' });
      return c.json({ done: await watch.undo(task, c.get('session').key.id) });
    });
}

function certificateOf(certificate: Record<string, unknown> | null | undefined) {
  const { alpha, delta, coverage, threshold } = certificate ?? {};
  return typeof alpha === 'number' && typeof coverage === 'number' && typeof threshold === 'number'
    ? { alpha, delta: Number(delta), coverage, threshold }
    : null;
}

async function studentOf(store: Store, task: string, { id, digest, directory }: Current) {
  const registered = await store.students.get(id);
  const folder = await readStudentFolder(directory).catch(() => undefined);
  const scores = await readScores(directory).catch(() => undefined);
  const kept = await store.watches.get(task, digest);
  const state = kept && readWatch(kept.state);
  const certificate = certificateOf(folder?.certificate ?? registered?.certificate);
  const curve = scores
    ? riskCoverage(scores.calibration.map(({ score, correct }) => ({ confidence: score, agrees: correct })))
    : [];
  const at = certificate && curve.findLast(({ threshold }) => threshold >= certificate.threshold);
  const every = Math.ceil(curve.length / curvePoints);
  const alarm = state && alarmOf(state);
  return {
    ...{ id, digest, certificate },
    createdAt: registered?.createdAt.toISOString() ?? null,
    isRegistered: registered !== undefined,
    isWhole: folder !== undefined,
    withdrawnAt: kept?.withdrawnAt?.toISOString() ?? null,
    curve: curve.filter((_, i) => i === curve.length - 1 || i % every === 0),
    certified: at ? { coverage: at.coverage, disagreement: at.disagreement } : null,
    risk:
      state && alarm
        ? {
            ...{ audits: state.audits, disagreements: state.losses, alpha: state.alpha },
            ...{ wealth: alarm.wealth, threshold: alarm.threshold },
            course:
              state.audits <= mostAudits
                ? wealthCourse(state, await store.watches.list(task, digest, { limit: mostAudits }))
                : [],
          }
        : null,
  };
}

type Current = NonNullable<Awaited<ReturnType<typeof currentStudent>>>;

/** Null where there is nothing to compare with. */
async function driftOf(store: Store, task: string, student: Current, threshold: number) {
  const folder = await readStudentFolder(student.directory).catch(() => undefined);
  const calibrated = folder?.measurements.calibrated;
  if (calibrated === undefined) return null;
  const { confidence, unknownGrams, drifted } = await findDrift(store, {
    ...{ task, student, calibrated, threshold, days: driftDays },
  });
  return { confidence, unknownGrams, drifted: drifted.map(String), threshold, days: driftDays };
}
