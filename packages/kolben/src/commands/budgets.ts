/**
 * `kolben budgets`: what a month may cost, what it has cost so far, and what is left.
 *
 * @module
 */
import type { Config } from '@kolben/gateway/config';
import type { Key, Spending, Store } from '@kolben/store';
import { defineKolbenCommand } from '../cli/command.ts';
import { month } from '../cli/options.ts';
import { plain } from '../cli/plain.ts';
import { table } from '../cli/table.ts';
import { storeArgs, withStore } from '../config/with-store.ts';
import { count, dollars } from '../progress/words.ts';

interface Row {
  of: 'all' | 'task' | 'key';
  /** The task's name or the key's id; null of all, and of calls that belong to no task. */
  name: string | null;
  /** Of a key. */
  keyName?: string;
  calls: number;
  /** USD. */
  spent: number;
  /** Set aside for calls under way, USD. */
  reserved: number;
  /** What a month may cost, USD; null: no limit. */
  budget: number | null;
  /** What a further call may cost at most, USD, ≥ 0; null: no limit. */
  left: number | null;
}

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
      const rows = await rowsOf(store, config, wanted);
      return { json: { month: wanted, currency: 'USD', budgets: rows }, text: textOf(wanted, rows) };
    });
  },
});

async function rowsOf(store: Store, config: Config | undefined, wanted: string): Promise<Row[]> {
  const spending = await store.budgets.spending(wanted);
  const keys = await store.keys.list();
  const spentBy = (subject: Spending['subject'], name: string | null) =>
    spending.find((one) => one.subject === subject && one.name === name);
  const row = (
    of: Row['of'],
    name: string | null,
    spent: Spending | undefined,
    budget: number | null | undefined,
  ): Row => {
    const used = (spent?.spent ?? 0) + (spent?.reserved ?? 0);
    return {
      of,
      name,
      calls: spent?.calls ?? 0,
      spent: spent?.spent ?? 0,
      reserved: spent?.reserved ?? 0,
      budget: budget ?? null,
      left: budget == null ? null : Math.max(0, Math.round((budget - used) * 1e9) / 1e9),
    };
  };
  const tasks = new Set<string | null>(Object.keys(config?.tasks ?? {}));
  for (const { subject, name } of spending) if (subject === 'task') tasks.add(name);
  const listed = new Map(keys.filter(isListed).map((key) => [key.id, key]));
  for (const { subject, name } of spending) {
    const key = keys.find(({ id }) => id === name);
    if (subject === 'key' && key) listed.set(key.id, key);
  }
  return [
    row('all', null, spentBy('total', null), config?.budget?.usdPerMonth),
    ...[...tasks].map((task) =>
      row(
        'task',
        task,
        spentBy('task', task),
        task === null ? undefined : config?.tasks[task]?.budget?.usdPerMonth,
      ),
    ),
    ...[...listed.values()].map((key) => ({
      ...row('key', key.id, spentBy('key', key.id), key.limits.usdPerMonth),
      keyName: key.name,
    })),
  ];
}

/** Keys that can spend; of the others those that have spent are added. */
function isListed({ scope, revokedAt, expiresAt }: Key): boolean {
  return scope === 'use' && revokedAt === null && (expiresAt === null || expiresAt > new Date());
}

function textOf(wanted: string, rows: readonly Row[]): string {
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
