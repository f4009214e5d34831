/**
 * `kolben ledger`: what the calls cost, and what the teacher alone would have cost.
 *
 * @module
 */
import { defineKolbenCommand } from '../cli/command.ts';
import { pointInTime } from '../cli/options.ts';
import { table } from '../cli/table.ts';
import { storeArgs, withStore } from '../config/with-store.ts';
import { count, dollars } from '../progress/words.ts';

export const ledger = defineKolbenCommand({
  name: 'ledger',
  description: 'what the calls cost, and what the teacher alone would have cost',
  examples: ['kolben ledger', 'kolben ledger --task mails --since 30d --json'],
  args: {
    task: { type: 'string', description: 'only this task', valueHint: 'task' },
    since: {
      type: 'string',
      description: 'only calls since a date, or of the last 90m, 24h or 30d',
      valueHint: 'when',
    },
    ...storeArgs,
  },
  async run(args, context) {
    const since = args.since === undefined ? undefined : pointInTime('--since', args.since, new Date());
    const filter = { ...(args.task !== undefined && { task: args.task }), ...(since && { since }) };
    return withStore(args, context, async (store) => {
      const rows = await store.ledger.summary(filter);
      const total = await store.ledger.totals(filter);
      const cells = (name: string, by: string, sums: typeof total) => [
        name,
        by,
        count(sums.calls),
        count(sums.promptTokens),
        count(sums.completionTokens),
        dollars(sums.cost),
        dollars(sums.teacherCost),
        dollars(sums.saved),
      ];
      const head = [
        'task',
        'answered by',
        'calls',
        'tokens in',
        'tokens out',
        'cost',
        'teacher alone',
        'saved',
      ];
      const text =
        rows.length === 0
          ? 'No calls are recorded here yet.'
          : table(
              [
                head,
                ...rows.map((row) => cells(row.task ?? '–', row.answeredBy, row)),
                cells('all', '', total),
              ],
              [2, 3, 4, 5, 6, 7],
              '',
            );
      return { json: { currency: 'USD', rows, total }, text };
    });
  },
});
