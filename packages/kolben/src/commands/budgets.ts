/**
 * `kolben budgets`: what a month may cost, what it has cost so far, and what is left.
 *
 * @module
 */
import { type BudgetRow, budgetRows } from '@kolben/gateway/config';
import { defineKolbenCommand } from '../cli/command.ts';
import { month } from '../cli/options.ts';
import { plain } from '../cli/plain.ts';
import { table } from '../cli/table.ts';
import { storeArgs, withStore } from '../config/with-store.ts';
import { count, dollars } from '../progress/words.ts';

export const budgets = defineKolbenCommand({
  name: 'budgets',
  description: 'what a month may cost, has cost and has left: all calls, each task, each key',
  examples: ['kolben budgets', 'kolben budgets --month 2026-10 --json'],
  args: {
    month: {
      type: 'string',
      description: 'a calendar month of UTC; by default the current one',
      valueHint: '2026-11',
    },
    ...storeArgs,
  },
  run(args, context) {
    const wanted = month('--month', args.month, new Date());
    return withStore(args, context, async (store, config) => {
      const rows = await budgetRows(store, config, wanted);
      return { json: { month: wanted, currency: 'USD', budgets: rows }, text: textOf(wanted, rows) };
    });
  },
});

function textOf(wanted: string, rows: readonly BudgetRow[]): string {
  const money = (amount: number | null) => (amount === null ? '–' : dollars(amount));
  const cells = rows.map((row) => [
    row.of,
    row.keyName !== undefined ? `${plain(row.keyName, 40)} (${row.name})` : (row.name ?? '–'),
    count(row.calls),
    money(row.spent),
    money(row.reserved),
    money(row.budget),
    money(row.left),
  ]);
  const head = ['of', 'name', 'calls', 'spent', 'under way', 'budget', 'left'];
  return `${wanted} (UTC)\n${table([head, ...cells], [2, 3, 4, 5, 6], '')}`;
}
