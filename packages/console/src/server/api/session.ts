/**
 * The way in and out: `POST` a key, `GET` who one is, `DELETE` to sign out.
 *
 * @module
 */
import { ApiError } from '@kolben/gateway';
import { Hono } from 'hono';
import { z } from 'zod';
import { input } from '../input.ts';
import { requireSession } from '../security/require-session.ts';
import { requireOwnOrigin } from '../security/same-origin.ts';
import { csrfOf, forgetToken, lifeMs, setToken } from '../security/session-rules.ts';
import { Tries } from '../security/tries.ts';
import { type ConsoleEnv, type ConsoleServices, nowOf } from '../services.ts';

export function sessionApi(services: ConsoleServices) {
  const { store } = services;
  const tries = new Tries();
  const guard = requireSession(services);
  return new Hono<ConsoleEnv>()
    .post('/', input('json', z.object({ key: z.string().max(1_000) })), async (c) => {
      const { protocol } = requireOwnOrigin(c);
      const address = c.env?.incoming?.socket?.remoteAddress ?? '';
      const now = nowOf(services);
      const left = tries.leftMs(address, now.getTime());
      if (left > 0) {
        const seconds = Math.ceil(left / 1000);
        const message = `Too many wrong keys came from your address; try again in ${seconds} s.`;
        const headers = { 'retry-after': String(seconds) };
        throw new ApiError(429, 'too_many_tries', message, {
          ...{ type: 'rate_limit_error', headers },
          values: { seconds },
        });
      }
      const key = await store.keys.verify(c.req.valid('json').key.trim());
      if (key === undefined) {
        tries.failed(address, now.getTime());
        throw new ApiError(401, 'invalid_api_key', 'The key is not valid.', { type: 'authentication_error' });
      }
      if (key.scope !== 'admin') {
        tries.failed(address, now.getTime());
        const message = 'This key is for calling models; the console wants one of scope "admin".';
        throw new ApiError(403, 'wrong_scope', message, { type: 'permission_error' });
      }
      const token = await store.sessions.begin({ keyId: key.id, now, lifeMs });
      await store.audit({ actor: key.id, act: 'console.enter' });
      setToken(c, token, protocol === 'https:');
      return c.json({ ok: true });
    })
    .get('/', guard, async (c) => {
      const { key, expiresAt } = c.get('session');
      const { version } = await services.inside.status();
      return c.json({
        key: { id: key.id, name: key.name },
        csrf: csrfOf(c.get('token')),
        expiresAt: expiresAt.toISOString(),
        version,
      });
    })
    .delete('/', guard, async (c) => {
      await store.sessions.end(c.get('token'));
      await store.audit({ actor: c.get('session').key.id, act: 'console.leave' });
      forgetToken(c);
      return c.json({ ok: true });
    });
}
