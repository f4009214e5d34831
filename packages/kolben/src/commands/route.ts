/**
 * `kolben route`: what the gateway does with a task's calls, changed while it runs.
 *
 * @module
 */
import { KolbenError } from '@kolben/engine/error';
import { readmitStudent } from '@kolben/gateway/students';
import { routes } from '@kolben/store';
import { defineKolbenCommand } from '../cli/command.ts';
import { oneOf } from '../cli/options.ts';
import { table } from '../cli/table.ts';
import { storeArgs, withStore } from '../config/with-store.ts';
import { currentStudent } from '../students/current-student.ts';
import { standingOf, standingRows } from '../watch/standing.ts';
import { routeSet } from '../watch/watched-task.ts';

export const route = defineKolbenCommand({
  name: 'route',
  description: "show the tasks' routes, or switch one, also while the gateway runs",
  examples: ['kolben route', 'kolben route mails cascade', 'kolben route mails teacher'],
  args: {
    task: { type: 'positional', required: false, description: 'the task' },
    route: { type: 'positional', required: false, description: routes.join(', ') },
    ...storeArgs,
  },
  async run(args, context) {
    const wanted = args.route === undefined ? undefined : oneOf('The route', args.route, routes);
    return withStore(args, context, async (store, config) => {
      const overrides = await store.routes.list();
      const current = new Map(Object.entries(config?.tasks ?? {}).map(([name, task]) => [name, task.route]));
      for (const [name, set] of overrides) current.set(name, set);
      const name = args.task;
      if (name !== undefined && config && !Object.hasOwn(config.tasks, name)) {
        throw new KolbenError(
          'task_unknown',
          `There is no task '${name}' in the configuration: it has ${Object.keys(config.tasks).join(', ') || 'none'}.`,
        );
      }
      if (name !== undefined && wanted === undefined) {
        const standing = await standingOf(store, config, name);
        const set = current.get(name) ?? null;
        return {
          json: { routes: set === null ? {} : { [name]: set }, standing: standing ?? null },
          text: table(
            [
              ['route', set ?? 'none'],
              ['student', standing?.student.id ?? 'none'],
              ...(standing ? standingRows(standing) : []),
            ],
            [],
            '',
          ),
        };
      }
      if (name === undefined || wanted === undefined) {
        const shown = [...current];
        return {
          json: { routes: Object.fromEntries(shown) },
          text:
            shown.length === 0
              ? 'There are no tasks here yet.'
              : table(
                  shown.map(([task, set]) => [task, set]),
                  [],
                  '',
                ),
        };
      }
      const student = config?.tasks[name]?.student ?? (await store.students.current(name))?.directory;
      if (wanted !== 'teacher' && student === undefined) {
        throw new KolbenError(
          'student_missing',
          `The task '${name}' has no student yet: 'kolben distill --task ${name}' trains one from its recorded calls.`,
        );
      }
      const before = current.get(name) ?? null;
      await store.routes.set(name, wanted);
      await store.audit({
        actor: 'cli',
        act: 'route.set',
        subject: name,
        detail: { from: before, to: wanted },
      });
      const registered = await store.students.current(name);
      const answering = wanted === 'teacher' ? registered : await currentStudent(store, config, name);
      await store.events.add({
        ...{ task: name, what: routeSet, student: answering?.id ?? null },
        // What an operator takes from a student, the watch doesn't give back by itself.
        detail: {
          from: before,
          to: wanted,
          by: 'operator',
          ...(wanted === 'teacher' && { bars: 'cascade' }),
        },
      });
      const readmitted =
        (wanted === 'cascade' || wanted === 'shadow') &&
        answering !== undefined &&
        (await readmitStudent(store, { task: name, ...answering }, 'cli'));
      if (readmitted) {
        context.note(
          'The student was withdrawn because it kept its promise no longer; it may answer again, and a new watch over its risk begins.',
        );
      }
      if (
        wanted === 'cascade' &&
        registered &&
        registered.certificate === null &&
        config?.tasks[name]?.student === undefined
      ) {
        context.note('The student has no certificate, so the cascade gives every call to the teacher.');
      }
      return {
        json: { task: name, route: wanted, before, ...(readmitted && { readmitted: answering.id }) },
        text: `${name}: ${before ?? 'no route'} → ${wanted}`,
      };
    });
  },
});
