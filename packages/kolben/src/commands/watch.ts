/**
 * `kolben watch`: does by itself what a task needs next.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { KolbenError } from '@kolben/engine/error';
import type { Config } from '@kolben/gateway/config';
import type { Store } from '@kolben/store';
import { type Context, defineKolbenCommand, type Output } from '../cli/command.ts';
import { UsageError } from '../cli/errors.ts';
import { plain } from '../cli/plain.ts';
import { table } from '../cli/table.ts';
import { storeArgs, withStore } from '../config/with-store.ts';
import { showDistill } from '../progress/show-distill.ts';
import { count, percent } from '../progress/words.ts';
import { nextStep } from '../watch/next-step.ts';
import { standingOf, standingRows } from '../watch/standing.ts';
import { takeStep, undoStep } from '../watch/take-step.ts';
import { watchedTask } from '../watch/watched-task.ts';

interface Taken {
  task: string;
  step: string;
  why: string;
  done: string;
}

export const watch = defineKolbenCommand({
  name: 'watch',
  description:
    'take tasks from their first calls to a student in daily work, by the rules of the configuration',
  examples: [
    'kolben watch mails',
    'kolben watch --all --once',
    'kolben watch mails --dry-run',
    'kolben watch mails --status',
    'kolben watch mails --undo',
  ],
  args: {
    task: { type: 'positional', required: false, description: 'the task' },
    all: { type: 'boolean', description: 'all tasks of the configuration' },
    once: { type: 'boolean', description: 'do what can be done now, then end' },
    'dry-run': { type: 'boolean', description: 'say what would be done next, and why, and do nothing' },
    status: { type: 'boolean', description: 'show how the student stands in service, and what comes next' },
    undo: { type: 'boolean', description: 'take back the last step' },
    ...storeArgs,
  },
  run: (args, context) =>
    withStore(args, context, async (store, config) => {
      if (!config) throw new UsageError('kolben watch needs a configuration: the rules stand in it.');
      const tasks = chosen(args, config);
      const modes = ['once', 'dry-run', 'status', 'undo'] as const;
      const named = modes.filter((mode) => args[mode]);
      if (named.length > 1)
        throw new UsageError(`--${named[0]} and --${named[1]} don't go together: leave one of them out.`);
      if (args['dry-run']) return dryRun(store, config, tasks);
      if (args.status) return status(store, config, tasks);
      if (args.undo) return undo(store, config, tasks);
      return watching(store, config, tasks, args.once === true, context);
    }),
});

function chosen(
  { task, all }: { task?: string | undefined; all?: boolean | undefined },
  config: Config,
): string[] {
  const names = Object.keys(config.tasks);
  if ((task === undefined) === (all !== true))
    throw new UsageError('kolben watch needs a task, or --all for all of them.');
  if (task === undefined) return names;
  if (!Object.hasOwn(config.tasks, task))
    throw new KolbenError(
      'task_unknown',
      `There is no task '${task}' in the configuration: it has ${names.join(', ') || 'none'}.`,
    );
  return [task];
}

async function stepFor(store: Store, config: Config, task: string) {
  const watched = await watchedTask(store, config, task);
  return { ...watched, step: nextStep(watched.state, config.tasks[task]!.watch) };
}

async function dryRun(store: Store, config: Config, tasks: readonly string[]): Promise<Output> {
  const found = [];
  for (const task of tasks) {
    const { state, step } = await stepFor(store, config, task);
    found.push({ task, state, next: step });
  }
  return {
    json: { tasks: found },
    text: found.map(({ task, next }) => `${task}: ${nameOf(next)}, because ${next.why}.`).join('\n'),
  };
}

async function status(store: Store, config: Config, tasks: readonly string[]): Promise<Output> {
  const found = [];
  const texts: string[] = [];
  for (const task of tasks) {
    const { state, step } = await stepFor(store, config, task);
    const standing = (await standingOf(store, config, task)) ?? null;
    found.push({ task, state, next: step, standing });
    const certificate = state.student?.certificate;
    const rows = [
      ['task', task],
      ['route', state.route],
      [
        'student',
        state.student === null
          ? 'none'
          : `${state.student.id}, ${certificate ? `certified for ${percent(certificate.coverage)} of calls` : 'without a certificate'}`,
      ],
      ['calls', `${count(state.calls)} with a teacher's answer, ${count(state.newCalls)} of them new`],
      ...(standing ? standingRows(standing) : []),
      ['next', `${nameOf(step)}, because ${step.why}`],
    ];
    texts.push(table(rows, [], ''));
  }
  return { json: { tasks: found }, text: texts.join('\n\n') };
}

async function undo(store: Store, config: Config, tasks: readonly string[]): Promise<Output> {
  if (tasks.length !== 1) throw new UsageError('--undo takes back a step of one task: name it.');
  const done = await undoStep({ store, config, task: tasks[0]! });
  return { json: { task: tasks[0], done }, text: done };
}

async function watching(
  store: Store,
  config: Config,
  tasks: readonly string[],
  once: boolean,
  context: Context,
): Promise<Output> {
  const taken: Taken[] = [];
  const every = Math.min(...tasks.map((task) => config.tasks[task]!.watch.every));
  const waits = new Map<string, string>();
  const say = async (line: string) => {
    if (!context.json) await context.write(`${line}\n`);
  };
  for (;;) {
    for (const task of tasks) {
      const held = await store.alone(`watch-${task.replaceAll('_', '-')}`, async () => {
        for (;;) {
          context.signal.throwIfAborted();
          const { step } = await stepFor(store, config, task);
          if (step.kind === 'wait') {
            if (waits.get(task) !== step.why) await say(`${task}: waiting, because ${step.why}.`);
            waits.set(task, step.why);
            return;
          }
          await say(`${task}: ${nameOf(step)}, because ${step.why}.`);
          const shown = showDistill(context.progress);
          const { signal } = context;
          const done = await takeStep(step, {
            ...{ store, config, task, signal, onProgress: shown.onProgress, note: context.note },
          }).finally(() => shown.end());
          if (done === undefined) {
            waits.set(task, 'another process distils it');
            return;
          }
          taken.push({ task, step: nameOf(step), why: step.why, done });
          await say(`${task}: ${plain(done, 1000)}`);
        }
      });
      if (!held) {
        const busy = 'another process watches it';
        if (waits.get(task) !== busy) await say(`${task}: waiting, because ${busy}.`);
        waits.set(task, busy);
      }
    }
    if (once) return { json: { steps: taken, waits: Object.fromEntries(waits) }, text: '' };
    try {
      await sleep(every * 1000, undefined, { signal: context.signal });
    } catch {
      return { json: { steps: taken, waits: Object.fromEntries(waits) }, text: '' };
    }
  }
}

function nameOf(step: ReturnType<typeof nextStep>): string {
  if (step.kind === 'route') return `route ${step.to}`;
  return step.kind === 'distil' ? 'distil' : 'wait';
}
