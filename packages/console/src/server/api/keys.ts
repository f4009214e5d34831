/**
 * Keys and what they may use, the month's budgets, and the audit log. Every act is written down with its actor.
 *
 * @module
 */
import { ApiError, budgetRows } from '@kolben/gateway';
import { type Key, scopes } from '@kolben/store';
import { Hono } from 'hono';
import { z } from 'zod';
import { input } from '../input.ts';
import { type ConsoleEnv, type ConsoleServices, nowOf } from '../services.ts';

const most = 1_000_000_000;
const day = 24 * 3_600_000;

const limits = z.strictObject({
  /** USD; null: no limit. */
  usdPerMonth: z.number().min(0).max(most).nullable(),
  requestsPerMinute: z.int().min(1).max(most).nullable(),
  tokensPerMinute: z.int().min(1).max(most).nullable(),
});

const newKey = z.strictObject({
  name: z.string().trim().min(1).max(200),
  scope: z.enum(scopes),
  expiresAt: z.iso.datetime({ offset: true }).nullable(),
  limits,
});

const page = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  /** Where the last page ended. */
  at: z.iso.datetime().optional(),
  id: z.string().max(100).optional(),
  act: z.string().max(100).optional(),
  /** By this key or other actor, or done to it. */
  of: z.string().max(300).optional(),
});

export function keysApi(services: ConsoleServices) {
  const { store, config } = services;
  return new Hono<ConsoleEnv>()
    .get('/', async (c) => {
      const now = nowOf(services);
      const spending = await store.budgets.spending();
      const keys = await store.keys.list();
      return c.json({
        keys: keys
          .map((key) => ({
            ...dated(key),
            state: stateOf(key, now),
            /** This month, USD. */
            spent: spending.find(({ subject, name }) => subject === 'key' && name === key.id)?.spent ?? 0,
            isYours: key.id === c.get('session').key.id,
          }))
          .reverse(),
      });
    })
    .post('/', input('json', newKey), async (c) => {
      const { name, scope, expiresAt, limits } = c.req.valid('json');
      const until = expiresAt === null ? undefined : new Date(expiresAt);
      if (until !== undefined && until <= nowOf(services))
        throw new ApiError(400, 'expiry_past', 'The day on which the key ends is over; choose a later one.', {
          ...{ type: 'invalid_request_error', param: 'expiresAt' },
        });
      const made = await store.keys.create({ name, scope, limits, ...(until && { expiresAt: until }) });
      await act(c.get('session').key.id, 'key.create', made.id, { name, scope, ...set(limits) });
      return c.json(made);
    })
    .put('/:id/limits', input('json', limits), async (c) => {
      const id = c.req.param('id');
      const wanted = c.req.valid('json');
      if (!(await store.keys.limit(id, wanted))) throw unknownKey();
      await act(c.get('session').key.id, 'key.limit', id, wanted);
      return c.json({ ok: true });
    })
    .post(
      '/:id/rotate',
      input(
        'json',
        z.strictObject({
          graceMs: z
            .int()
            .min(0)
            .max(90 * day),
        }),
      ),
      async (c) => {
        const id = c.req.param('id');
        const rotated = await store.keys.rotate(id, c.req.valid('json').graceMs);
        if (rotated === undefined) throw unknownKey();
        const oldWorksUntil = rotated.oldWorksUntil?.toISOString() ?? null;
        await act(c.get('session').key.id, 'key.rotate', id, { to: rotated.id, oldWorksUntil });
        return c.json({ id: rotated.id, secret: rotated.secret, oldWorksUntil });
      },
    )
    .post('/:id/revoke', async (c) => {
      const id = c.req.param('id');
      if (!(await store.keys.revoke(id))) throw unknownKey();
      await act(c.get('session').key.id, 'key.revoke', id);
      return c.json({ ok: true });
    })
    .get('/budgets', async (c) => c.json({ budgets: await budgetRows(store, config) }))
    .get('/audit', input('query', page), async (c) => {
      const { limit, at, id, act, of } = c.req.valid('query');
      const before = at === undefined || id === undefined ? undefined : { at: new Date(at), id };
      const events = await store.auditTrail({
        ...{ limit, ...(before && { before }), ...(act && { act }), ...(of && { of }) },
      });
      const names = new Map((await store.keys.list()).map((key) => [key.id, key.name]));
      return c.json({
        events: events.map((event) => ({
          ...{ id: event.id, at: event.at.toISOString(), actor: event.actor, act: event.act },
          ...{ subject: event.subject, detail: JSON.stringify(event.detail) },
          /** Of keys, whatever became of them. */
          actorName: names.get(event.actor) ?? null,
          subjectName: names.get(event.subject ?? '') ?? null,
        })),
      });
    });

  async function act(actor: string, what: string, subject: string, detail: Record<string, unknown> = {}) {
    await store.audit({ actor, act: what, subject, detail });
  }
}

function set(limits: Record<string, number | null>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(limits).filter((limit): limit is [string, number] => limit[1] !== null),
  );
}

function dated({ createdAt, lastUsedAt, expiresAt, revokedAt, ...key }: Key) {
  return {
    ...key,
    createdAt: createdAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
    expiresAt: expiresAt?.toISOString() ?? null,
    revokedAt: revokedAt?.toISOString() ?? null,
  };
}

function stateOf({ revokedAt, expiresAt }: Key, now: Date): 'active' | 'expired' | 'revoked' {
  if (revokedAt !== null) return 'revoked';
  return expiresAt !== null && expiresAt <= now ? 'expired' : 'active';
}

function unknownKey(): ApiError {
  return new ApiError(404, 'key_unknown', 'There is no active key of this id; load the list again.', {
    type: 'invalid_request_error',
  });
}
