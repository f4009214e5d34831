/**
 * `kolben audit`: what administrators did.
 *
 * @module
 */
import { defineKolbenCommand } from '../cli/command.ts';
import { pointInTime, whole } from '../cli/options.ts';
import { plain } from '../cli/plain.ts';
import { table } from '../cli/table.ts';
import { storeArgs, withStore } from '../config/with-store.ts';

export const audit = defineKolbenCommand({
  name: 'audit',
  description: 'list what administrators did, newest first: keys, routes, students, deletions',
  examples: ['kolben audit', 'kolben audit --before 2026-11-01 --limit 20 --json'],
  args: {
    before: {
      type: 'string',
      description: 'only what was done before a date, or more than 90m, 24h or 30d ago',
      valueHint: 'when',
    },
    limit: { type: 'string', description: 'at most so many, 1 to 1000', default: '50', valueHint: 'n' },
    ...storeArgs,
  },
  async run(args, context) {
    const limit = whole('--limit', args.limit, 1, 1000);
    const before = args.before === undefined ? undefined : pointInTime('--before', args.before, new Date());
    return withStore(args, context, async (store) => {
      const events = await store.auditTrail({ limit, ...(before && { before }) });
      const rows = events.map(({ at, actor, act, subject, detail }) => [
        at.toISOString().slice(0, 19).replace('T', ' '),
        plain(actor, 44),
        act,
        plain(subject ?? '–', 44),
        plain(Object.keys(detail).length === 0 ? '' : JSON.stringify(detail), 80),
      ]);
      return {
        json: { events },
        text:
          events.length === 0
            ? 'Nothing is written down yet.'
            : table([['at', 'by', 'act', 'on', 'detail'], ...rows], [], ''),
      };
    });
  },
});
