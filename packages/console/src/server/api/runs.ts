/**
 * Runs: the trainings of students. Whoever shares the store may write into them, so what is told here is what stands
 * there; acts on them are wishes in the store, or trainings of this process.
 *
 * @module
 */
import {
  type PackedTimeline,
  type RunDataset,
  type RunOutcome,
  type RunPlan,
  type RunProgress,
  type RunTimelines,
  unpackTimeline,
} from '@kolben/distill';
import { chipUse, makespan } from '@kolben/engine';
import { ApiError } from '@kolben/gateway';
import type { Run, WholeRun } from '@kolben/store';
import { Hono } from 'hono';
import { z } from 'zod';
import { input } from '../input.ts';
import { live } from '../live.ts';
import type { ConsoleEnv, ConsoleServices, ConsoleTrainings } from '../services.ts';

/** Runs of a page of the list. */
const mostRuns = 100;
/** Points that a live run's page is told again: more than come in the time in which it may have lost its connection. */
const latestPoints = 240;

const page = z.object({ task: z.string().max(200).optional() });
const order = z.object({ task: z.string().min(1).max(200) });

export function runsApi(services: ConsoleServices) {
  const { store, config } = services;
  const list = async (task?: string) => ({
    runs: (await store.runs.list({ limit: mostRuns, ...(task !== undefined && { task }) })).map(inShort),
    /** Tasks that a student can be trained for from here. */
    tasks: services.trainings ? Object.keys(config.tasks) : [],
  });
  const find = async (id: string): Promise<WholeRun> => {
    const run = await store.runs.get(id);
    if (run) return run;
    throw new ApiError(404, 'run_unknown', 'There is no such run.', { type: 'invalid_request_error' });
  };
  const trainings = (): ConsoleTrainings => {
    if (services.trainings) return services.trainings;
    const message = 'This gateway does not train by itself; use the command line.';
    throw new ApiError(409, 'training_elsewhere', message, { type: 'invalid_request_error' });
  };
  return new Hono<ConsoleEnv>()
    .get('/', input('query', page), async (c) => c.json(await list(c.req.valid('query').task)))
    .get('/live', (c) => live(c, services, () => list()))
    .post('/', input('json', order), async (c) => {
      const { task } = c.req.valid('json');
      const id = await trainings().start(task);
      await store.audit({ actor: c.get('session').key.id, act: 'run.start', subject: id, detail: { task } });
      return c.json({ id });
    })
    .get('/:id', async (c) => {
      const run = await find(c.req.param('id'));
      const points = await store.runs.points(run.id);
      return c.json({ run: whole(run), points, canResume: services.trainings !== undefined });
    })
    .get('/:id/live', async (c) => {
      const { id } = await find(c.req.param('id'));
      return live(c, services, async () => {
        const run = await find(id);
        const { step } = (run.progress ?? { step: null }) as Pick<RunProgress, 'step'>;
        const points = await store.runs.points(id, { after: Math.max(0, (step ?? 0) - latestPoints) });
        // Timelines are large and change seldom: the page asks for them when there are others.
        return { run: whole(run), points: points.slice(-latestPoints) };
      });
    })
    .get('/:id/timelines', async (c) => {
      const { timeline } = await find(c.req.param('id'));
      if (timeline === null) return c.json({ timelines: null });
      const { step, real, simulated } = timeline as RunTimelines;
      return c.json({ timelines: { step, real: unpacked(real), simulated: unpacked(simulated) } });
    })
    .post('/:id/stop', async (c) => {
      const run = await find(c.req.param('id'));
      if (!(await store.runs.wantStop(run.id)))
        throw new ApiError(409, 'run_not_at_work', 'The run is not at work.', {
          type: 'invalid_request_error',
        });
      const { id } = c.get('session').key;
      await store.audit({ actor: id, act: 'run.stop', subject: run.id, detail: { task: run.task } });
      return c.json({ id: run.id });
    })
    .post('/:id/resume', async (c) => {
      const run = await find(c.req.param('id'));
      await trainings().resume(run.id);
      const { id } = c.get('session').key;
      await store.audit({ actor: id, act: 'run.resume', subject: run.id, detail: { task: run.task } });
      return c.json({ id: run.id });
    });
}

/** What a list shows of a run. */
function inShort({ id, task, source, kind, state, begunAt, endedAt, stopWantedAt, process, ...run }: Run) {
  return {
    ...{ id, task, source, kind, state, begunAt, endedAt, stopWantedAt, process },
    progress: run.progress as RunProgress | null,
    end: run.end as RunOutcome | null,
  };
}

function whole(run: WholeRun) {
  const timeline = run.timeline as RunTimelines | null;
  return {
    ...inShort(run),
    settings: run.settings,
    dataset: run.dataset as RunDataset | null,
    plan: run.plan as RunPlan | null,
    /** The step that the latest timelines end with; null where there are none. */
    timelineStep: timeline?.step ?? null,
  };
}

/** A timeline with what each of its chips did all the time, as shares of it, 0 to 1. */
function unpacked(packed: PackedTimeline) {
  const timeline = unpackTimeline(packed);
  const length = makespan(timeline);
  const share = (ms: number) => (length > 0 ? ms / length : 0);
  return {
    ...timeline,
    use: chipUse(timeline).map(({ busy, transfer, idle }) => ({
      ...{ busy: share(busy), transfer: share(transfer), idle: share(idle) },
    })),
  };
}
