/**
 * Tasks: what is done with their calls, how their students stand, and what an operator changes.
 *
 * @module
 */
import { KolbenError } from '@kolben/engine/error';
import { ApiError } from '@kolben/gateway';
import { alphasOf, certifyStudent, decideCall, knownLabels, switchRoute } from '@kolben/gateway/tasks';
import { disagreementOrders, routes, verdicts } from '@kolben/store';
import { Hono } from 'hono';
import { z } from 'zod';
import { input } from '../input.ts';
import { live } from '../live.ts';
import { type ConsoleEnv, type ConsoleServices, nowOf } from '../services.ts';
import { monthOf } from '../tasks/month-of-alpha.ts';
import { TaskReader } from '../tasks/task-reader.ts';
import { withOwn } from '../tasks/with-own.ts';
import { wholeCall } from './call-input.ts';

const thirtyDaysMs = 30 * 86_400_000;
const pageSize = 20;

export function tasksApi(services: ConsoleServices) {
  const { store, config, watch } = services;
  const tasks = new TaskReader(services);
  const traffic = async (task: string) => {
    const since = new Date(nowOf(services).getTime() - thirtyDaysMs);
    const { calls, teacherCost } = await store.ledger.totals({ task, since });
    return { calls, teacherCost, audit: tasks.configured(task).audit };
  };
  return (
    new Hono<ConsoleEnv>()
      .get('/', async (c) => c.json(await tasks.all()))
      .get('/live', (c) => live(c, services, () => tasks.all(), { everyMs: 2_000 }))
      .get('/one/:task', async (c) => c.json(await tasks.one(c.req.param('task'))))
      .get('/one/:task/live', (c) => {
        const name = c.req.param('task');
        tasks.configured(name);
        return live(c, services, () => tasks.one(name));
      })
      // Large, and others only with another student or audit: the page asks for them when there are others.
      .get('/curve/:task', async (c) => c.json(await tasks.curve(c.req.param('task'))))
      .get('/wealth/:task', async (c) => c.json({ course: await tasks.wealth(c.req.param('task')) }))
      .get('/alphas/:task', async (c) => {
        const name = c.req.param('task');
        tasks.configured(name);
        const current = await store.students.current(name);
        if (!current)
          return c.json({ student: null, choices: [], delta: null, setBefore: null, why: 'student_missing' });
        try {
          const { certificate: own, choices, delta } = await alphasOf(store, current.id);
          const { certified } = await tasks.curve(name);
          const now = await traffic(name);
          return c.json({
            ...{ student: current.id, delta, why: null },
            // An alpha that is no choice of the list is none of its claims.
            setBefore: own !== null && own.among === undefined ? own.alpha : null,
            choices: withOwn(choices, own, certified?.disagreement ?? null).map(
              ({ alpha, certificate, disagreement, refusal, isOwn }) => ({
                ...{ alpha, disagreement, refusal, isOwn },
                certificate: certificate && {
                  ...{ threshold: certificate.threshold, coverage: certificate.coverage, n: certificate.n },
                  upperBound: certificate.disagreementUpperBound,
                },
                month: certificate ? monthOf(now, certificate.coverage, disagreement ?? 0) : null,
              }),
            ),
          });
        } catch (error) {
          if (!KolbenError.isInstance(error)) throw error;
          return c.json({ student: current.id, choices: [], delta: null, setBefore: null, why: error.code });
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
      .get('/labels/:task', async (c) => {
        const task = c.req.param('task');
        tasks.configured(task);
        return c.json({ known: (await knownLabels(store, config, task)) ?? null });
      })
      .post(
        '/decide',
        input(
          'json',
          z.object({
            call: z.string().max(200),
            right: z.enum(verdicts).nullable(),
            answer: z.string().max(1_000_000).optional(),
            isNewLabel: z.boolean().default(false),
          }),
        ),
        async (c) => {
          const { call: callId, right, answer, isNewLabel } = c.req.valid('json');
          const by = c.get('session').key.id;
          if (right === null) {
            await store.decisions.remove(callId, by);
            return c.json({ decision: null });
          }
          const decision = await decideCall({
            ...{ store, config, call: callId, verdict: right, isNewLabel, by },
            ...(right === 'neither' && answer !== undefined && { answer }),
          });
          return c.json({ decision: { ...decision, at: decision.at.toISOString() } });
        },
      )
      .post('/route/:task', input('json', z.object({ route: z.enum(routes) })), async (c) => {
        const task = c.req.param('task');
        tasks.configured(task);
        const { route } = c.req.valid('json');
        const switched = await switchRoute({ store, config, task, route, actor: c.get('session').key.id });
        return c.json({ task, route, ...switched });
      })
      .post(
        '/certify/:task',
        input('json', z.object({ student: z.string(), alpha: z.number() })),
        async (c) => {
          const task = c.req.param('task');
          tasks.configured(task);
          const { student, alpha } = c.req.valid('json');
          const { to, certificate, promoted } = await certifyStudent({
            ...{ store, task, student, alpha, actor: c.get('session').key.id },
          });
          return c.json({ student: to.id, coverage: certificate.coverage, promoted });
        },
      )
      .post('/undo/:task', async (c) => {
        const task = c.req.param('task');
        tasks.configured(task);
        if (!watch)
          throw new ApiError(404, 'watch_missing', 'Nothing watches tasks here.', { type: 'server_error' });
        return c.json({ done: await watch.undo(task, c.get('session').key.id) });
      })
  );
}
