/**
 * `kolben events`: what Kolben did to a task's students and routes, and why.
 *
 * @module
 */
import type { Event } from '@kolben/store';
import { defineKolbenCommand } from '../cli/command.ts';
import { whole } from '../cli/options.ts';
import { plain } from '../cli/plain.ts';
import { table } from '../cli/table.ts';
import { storeArgs, withStore } from '../config/with-store.ts';

export const events = defineKolbenCommand({
  name: 'events',
  description: 'what happened to the tasks’ students and routes, and why, newest first',
  examples: ['kolben events', 'kolben events mails --limit 20 --json'],
  args: {
    task: { type: 'positional', required: false, description: 'only events of this task' },
    limit: { type: 'string', description: 'how many, 1 to 1,000', default: '30', valueHint: 'n' },
    ...storeArgs,
  },
  run: (args, context) =>
    withStore(args, context, async (store) => {
      const limit = whole('--limit', args.limit, 1, 1000);
      const found = await store.events.list({ limit, ...(args.task !== undefined && { task: args.task }) });
      const rows = found.map((event) => [
        event.at.toISOString().slice(0, 19).replace('T', ' '),
        event.task,
        event.what.replaceAll('_', ' '),
        plain(inWords(event), 160),
      ]);
      return {
        json: { events: found },
        text: found.length === 0 ? 'Nothing has happened yet.' : table(rows, [], ''),
      };
    }),
});

/** The figures of an event, one after the other. */
function inWords({ student, detail }: Event): string {
  const figures = Object.entries(detail).flatMap(([name, value]) => {
    if (value === null || name === 'digest') return [];
    if (typeof value === 'number') return [`${name} ${Number(value.toPrecision(4))}`];
    if (typeof value === 'object') return [];
    return [`${name} ${String(value)}`];
  });
  return [...(student === null ? [] : [student]), ...figures].join(', ');
}
