/**
 * What is true now, told as it changes: server-sent events.
 *
 * The state is looked at again and again and sent whole whenever it is another one. That is more than a difference would
 * be, and nothing can get out of step: who connects anew has everything with the first event.
 *
 * @module
 */
import { setTimeout as wait } from 'node:timers/promises';
import { ApiError } from '@kolben/gateway';
import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import { findSession } from './security/require-session.ts';
import type { ConsoleEnv, ConsoleServices } from './services.ts';

export interface LiveOptions {
  /** How often the state is looked at, milliseconds. Left out, every second. */
  everyMs?: number;
}

/** Streams open at once, over all pages. */
const mostOpen = 100;
/** After so long without a word, a sign of life: proxies hang up on who is silent. Milliseconds. */
const silenceMs = 15_000;
const open = new WeakMap<ConsoleServices, number>();

/**
 * Events: `state` with the state as JSON, first at once; `over` when the session has ended. Ends with the session, the
 * client or the gateway.
 *
 * @param read the state; what it throws ends the stream, and the page asks again
 * @throws ApiError 429 where too many are open
 */
export function live(
  c: Context<ConsoleEnv>,
  services: ConsoleServices,
  read: () => Promise<unknown>,
  { everyMs = 1_000 }: LiveOptions = {},
): Response {
  const { stopping, log } = services.inside;
  const token = c.get('token');
  const now = open.get(services) ?? 0;
  if (now >= mostOpen) {
    const message = 'Too many pages are open that want to be told of changes; close some.';
    throw new ApiError(429, 'live_too_many', message, { type: 'rate_limit_error' });
  }
  open.set(services, now + 1);
  c.header('x-accel-buffering', 'no');
  return streamSSE(
    c,
    async (stream) => {
      const leave = new AbortController();
      const end = () => leave.abort();
      stream.onAbort(end);
      stopping.addEventListener('abort', end, { once: true });
      if (stopping.aborted) end();
      let sent: string | undefined;
      let spokeAt = 0;
      try {
        while (!leave.signal.aborted) {
          if (!(await findSession(services, token, false))) {
            await stream.writeSSE({ event: 'over', data: 'session' });
            return;
          }
          const state = JSON.stringify(await read());
          if (state !== sent) {
            await stream.writeSSE({ event: 'state', data: state });
            sent = state;
            spokeAt = Date.now();
          } else if (Date.now() - spokeAt >= silenceMs) {
            await stream.write(':\n\n');
            spokeAt = Date.now();
          }
          await wait(everyMs, undefined, { signal: leave.signal }).catch(() => {});
        }
      } finally {
        stopping.removeEventListener('abort', end);
        open.set(services, (open.get(services) ?? 1) - 1);
      }
    },
    async (error) => {
      log.warn('console_live_ended', { reason: error instanceof Error ? error.name : 'unknown' });
    },
  );
}
