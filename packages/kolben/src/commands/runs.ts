/**
 * `kolben runs`: the trainings of students, at work and past.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { KolbenError } from '@kolben/engine/error';
import type { Store, WholeRun } from '@kolben/store';
import { defineKolbenCommand, type Group } from '../cli/command.ts';
import { whole } from '../cli/options.ts';
import { table } from '../cli/table.ts';
import { storeArgs, withStore } from '../config/with-store.ts';
import { at, progressOf, runRows } from '../runs/run-in-words.ts';

/** How often a run that was asked to stop is looked at, milliseconds. */
const lookMs = 250;

async function find(store: Store, id: string): Promise<WholeRun> {
  const run = await store.runs.get(id);
  if (run) return run;
  throw new KolbenError(
    'run_unknown',
    `There is no run ${id} in ${store.location}: 'kolben runs' lists those that there are.`,
  );
}

const list = defineKolbenCommand({
  name: 'list',
  description: 'list the runs, newest first',
  examples: ['kolben runs', 'kolben runs list --task mails --json'],
  args: {
    task: { type: 'string', description: 'only runs of this task', valueHint: 'task' },
    limit: { type: 'string', description: 'how many, 1 to 1,000', default: '30', valueHint: 'n' },
    ...storeArgs,
  },
  run: (args, context) =>
    withStore(args, context, async (store) => {
      const limit = whole('--limit', args.limit, 1, 1000);
      const runs = await store.runs.list({ limit, ...(args.task !== undefined && { task: args.task }) });
      const rows = runs.map((run) => [at(run.begunAt), run.task, run.state, progressOf(run), run.id]);
      return {
        json: { runs },
        text:
          runs.length === 0
            ? "There are no runs yet: 'kolben distill --task <task>' trains a student from recorded calls."
            : table([['begun', 'task', 'state', '', 'run'], ...rows], [], ''),
      };
    }),
});

const show = defineKolbenCommand({
  name: 'show',
  description: 'show one run: how far it is, its plan and why, its curves (with --json)',
  examples: [
    'kolben runs show run_0198c2f0-5b1e-7cc0-8a52-0f6f7f0f4f1e',
    'kolben runs show run_0198c2f0-5b1e-7cc0-8a52-0f6f7f0f4f1e --json',
  ],
  args: {
    run: { type: 'positional', required: true, description: 'the run’s id' },
    ...storeArgs,
  },
  run: (args, context) =>
    withStore(args, context, async (store) => {
      const run = await find(store, args.run);
      const points = await store.runs.points(run.id);
      return { json: { run, points }, text: table(runRows(run), [], '') };
    }),
});

const stop = defineKolbenCommand({
  name: 'stop',
  description: 'stop a run, wherever its process is; its state is kept',
  examples: ['kolben runs stop run_0198c2f0-5b1e-7cc0-8a52-0f6f7f0f4f1e'],
  args: {
    run: { type: 'positional', required: true, description: 'the run’s id' },
    ...storeArgs,
  },
  run: (args, context) =>
    withStore(args, context, async (store) => {
      let run = await find(store, args.run);
      const { id } = run;
      if (!(await store.runs.wantStop(id)))
        throw new KolbenError('run_not_at_work', `The run ${id} is not at work: it is ${run.state}.`);
      await store.audit({ actor: 'cli', act: 'run.stop', subject: id, detail: { task: run.task } });
      // Its process sees it within seconds; until then nobody knows whether it came in time.
      while (run.state === 'running') {
        await sleep(lookMs, undefined, { signal: context.signal }).catch(() => {
          context.signal.throwIfAborted();
        });
        run = await find(store, id);
      }
      return {
        json: { run: id, state: run.state },
        text:
          run.state === 'done'
            ? `The run ${id} was done before it could be stopped.`
            : `The run ${id} is ${run.state}; 'kolben runs resume ${id}' goes on with it.`,
      };
    }),
});

const resume = defineKolbenCommand({
  name: 'resume',
  description:
    'go on with a run that was stopped, interrupted or has failed, here and with the same settings',
  examples: ['kolben runs resume run_0198c2f0-5b1e-7cc0-8a52-0f6f7f0f4f1e'],
  args: {
    run: { type: 'positional', required: true, description: 'the run’s id' },
    ...storeArgs,
  },
  async run(args, context) {
    const run = await withStore(args, context, (store) => find(store, args.run));
    const { resumeRun } = await import('../runs/resume-run.ts');
    return resumeRun(run, args, context);
  },
});

export const runs: Group = {
  name: 'runs',
  description: 'the trainings of students: list, show, stop and resume them, wherever they are executed',
  default: 'list',
  commands: [list, show, stop, resume],
};
