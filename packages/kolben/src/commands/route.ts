/**
 * `kolben route`: what the gateway does with a task's calls, changed while it runs.
 *
 * @module
 */
import { KolbenError } from '@kolben/engine/error';
import { routes } from '@kolben/store';
import { defineKolbenCommand } from '../cli/command.ts';
import { oneOf } from '../cli/options.ts';
import { table } from '../cli/table.ts';
import { storeArgs, withStore } from '../config/with-store.ts';

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
      if (name === undefined || wanted === undefined) {
        const shown = [...current].filter(([task]) => name === undefined || task === name);
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
      if (
        wanted === 'cascade' &&
        registered &&
        registered.certificate === null &&
        config?.tasks[name]?.student === undefined
      ) {
        context.note('The student has no certificate, so the cascade gives every call to the teacher.');
      }
      return {
        json: { task: name, route: wanted, before },
        text: `${name}: ${before ?? 'no route'} → ${wanted}`,
      };
    });
  },
});
