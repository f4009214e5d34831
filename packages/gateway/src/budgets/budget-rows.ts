/**
 * What a month may cost, has cost and has left: of all calls, each task and each key.
 *
 * @module
 */
import type { Key, Spending, Store } from '@kolben/store';
import type { Config } from '../config/schema.ts';

export interface BudgetRow {
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

/**
 * @param config undefined: only what the store knows
 * @param month `2026-11`; the current one (UTC) where left out
 */
export async function budgetRows(
  store: Pick<Store, 'budgets' | 'keys'>,
  config: Pick<Config, 'budget' | 'tasks'> | undefined,
  month?: string,
): Promise<BudgetRow[]> {
  const spending = await store.budgets.spending(month);
  const keys = await store.keys.list();
  const spentBy = (subject: Spending['subject'], name: string | null) =>
    spending.find((one) => one.subject === subject && one.name === name);
  const row = (
    of: BudgetRow['of'],
    name: string | null,
    spent: Spending | undefined,
    budget: number | null | undefined,
  ): BudgetRow => {
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
