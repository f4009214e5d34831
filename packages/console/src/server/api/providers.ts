/**
 * Whom the gateway may ask: how each provider stands and has done, what it costs, what its terms and its law are, and
 * what would be left without it. Never a key.
 *
 * @module
 */
import { bansOf, type FallingBack, type TaskStatus } from '@kolben/gateway';
import { listPrices } from '@kolben/gateway/economics';
import { Hono } from 'hono';
import { z } from 'zod';
import { input } from '../input.ts';
import { type ConsoleEnv, type ConsoleServices, nowOf } from '../services.ts';

const question = z.object({
  /** How far back calls are looked at. */
  days: z.coerce.number().int().min(1).max(90).default(7),
});

/**
 * What a task would have left: `untouched`; `fallback`: another teacher; `reserve`: its first teacher, without a fallback
 * that it has; `student`: it answers all already; `part`: it
 * answers what its certificate covers; `ready`: it could, once the route is switched; `nothing`.
 */
export type Left = 'untouched' | 'fallback' | 'reserve' | 'student' | 'part' | 'ready' | 'nothing';

export function providersApi(services: ConsoleServices) {
  const { store, config, inside } = services;
  return new Hono<ConsoleEnv>().get('/', input('query', question), async (c) => {
    const { days } = c.req.valid('query');
    const since = new Date(nowOf(services).getTime() - days * 86_400_000);
    const performance = await store.performance.ofProviders({ since });
    const standings = new Map(inside.providers().map((one) => [one.name, one]));
    const { tasks } = await inside.status();
    const prices = listPrices(config);
    const providers = Object.entries(config.providers).map(([name, settings]) => {
      const { baseUrl, folder, jurisdiction, apiKeyEnv, terms } = settings;
      const standing = standings.get(name);
      const done = performance.find(({ provider }) => provider === name);
      return {
        name,
        address: baseUrl ?? folder ?? '',
        jurisdiction: jurisdiction ?? null,
        /** The variable's name; null: it needs none. */
        keyVariable: apiKeyEnv ?? null,
        canBeAsked: standing?.canBeAsked ?? false,
        suspended: standing?.suspended ?? false,
        leftAloneMs: standing?.leftAloneMs ?? 0,
        terms: terms ?? null,
        done: done
          ? {
              ...{ asked: done.asked, failed: done.failed, passedOn: done.passedOn, aborted: done.aborted },
              ...{ errorCodes: done.errorCodes, latency: done.latency, meanFailedMs: done.meanFailedMs },
              lastError: done.lastError && {
                at: done.lastError.at.toISOString(),
                code: done.lastError.code,
              },
            }
          : null,
        prices: prices.filter(({ provider }) => provider === name),
      };
    });
    const bans = bansOf(config).map(({ what, name, ...hit }) => ({
      ...{ what, name },
      tasks: tasks.map((task) => ({
        ...{ task: task.name, left: leftOf(task, hit) },
        /** Who would answer, where it is a teacher that the ban doesn't touch; else null. */
        teacher: hit.fallingBack.find((one) => one.task === task.name) ?? null,
      })),
    }));
    return c.json({ days, providers, bans });
  });
}

function leftOf(
  { name, route, student }: Pick<TaskStatus, 'name' | 'route' | 'student'>,
  hit: { tasks: readonly string[]; fallingBack: readonly FallingBack[] },
): Left {
  const back = hit.fallingBack.find(({ task }) => task === name);
  if (back) return back.isFirst ? 'reserve' : 'fallback';
  if (!hit.tasks.includes(name)) return 'untouched';
  if (student === null) return 'nothing';
  return route === 'student' ? 'student' : route === 'cascade' ? 'part' : 'ready';
}
