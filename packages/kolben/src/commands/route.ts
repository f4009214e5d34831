/**
 * `kolben route`: what the gateway does with a task's calls, changed while it runs.
 *
 * @module
 */
import { KolbenError } from '@kolben/engine/error';
import { switchRoute } from '@kolben/gateway/tasks';
import { routes } from '@kolben/store';
import { defineKolbenCommand } from '../cli/command.ts';
import { oneOf } from '../cli/options.ts';
import { table } from '../cli/table.ts';
import { storeArgs, withStore } from '../config/with-store.ts';
import { standingOf, standingRows } from '../watch/standing.ts';

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
      const { before, readmitted, isUncertified } = await switchRoute({
        ...{ store, config, task: name, route: wanted, actor: 'cli' },
      });
      if (readmitted !== null) {
        context.note(
          'The student was withdrawn because it kept its promise no longer; it may answer again, and a new watch over its risk begins.',
        );
      }
      if (wanted === 'cascade' && isUncertified) {
        context.note('The student has no certificate, so the cascade gives every call to the teacher.');
      }
      return {
        json: { task: name, route: wanted, before, ...(readmitted !== null && { readmitted }) },
        text: `${name}: ${before ?? 'no route'} → ${wanted}`,
      };
    });
  },
});
