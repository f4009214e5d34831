/**
 * Recorded calls: a page of them, one of them, searched, counted, exported.
 *
 * @module
 */
import { ApiError } from '@kolben/gateway';
import { callGrains } from '@kolben/store';
import { Hono } from 'hono';
import { stream, streamSSE } from 'hono/streaming';
import { z } from 'zod';
import { input } from '../input.ts';
import type { ConsoleEnv, ConsoleServices } from '../services.ts';
import {
  cursorOf,
  cursorSchema,
  cursorText,
  filterOf,
  filterSchema,
  rowOf,
  wholeCall,
} from './call-input.ts';

const pageSize = 100;
/** Searches under way at once, over all pages: each opens words as fast as it can. */
const mostSearches = 4;
const exportedAtOnce = 500;

/** Filters, and after which call to go on. */
const placeSchema = filterSchema.extend({ before: cursorSchema.optional() });

export function callsApi({ store, config, inside }: ConsoleServices) {
  let searches = 0;
  return (
    new Hono<ConsoleEnv>()
      .get(
        '/',
        input('query', placeSchema.extend({ skip: z.coerce.number().int().min(0).optional() })),
        async (c) => {
          const { before, skip = 0, ...query } = c.req.valid('query');
          const calls = await store.calls.list({
            ...filterOf(query),
            ...{ limit: pageSize, skip },
            ...(before !== undefined && { before: cursorOf(before) }),
          });
          const last = calls.at(-1);
          return c.json({
            calls: calls.map(rowOf),
            next: calls.length === pageSize && last ? cursorText(last) : null,
          });
        },
      )
      .get('/count', input('query', placeSchema), async (c) => {
        const { before, ...query } = c.req.valid('query');
        const filter = { ...filterOf(query), ...(before !== undefined && { before: cursorOf(before) }) };
        return c.json({ calls: await store.calls.count(filter, c.req.raw.signal) });
      })
      .get('/timeline', input('query', filterSchema.extend({ grain: z.enum(callGrains) })), async (c) => {
        const { grain, ...query } = c.req.valid('query');
        return c.json({ columns: await store.calls.timeline(filterOf(query), grain, c.req.raw.signal) });
      })
      .get('/choices', async (c) => {
        const keys = await store.keys.list();
        return c.json({
          tasks: Object.keys(config.tasks),
          providers: Object.keys(config.providers),
          keys: keys.map(({ id, name }) => ({ id, name })),
        });
      })
      .get('/search', input('query', placeSchema.extend({ text: z.string().min(1).max(1_000) })), (c) => {
        const { text, before, ...query } = c.req.valid('query');
        if (searches >= mostSearches) {
          const message = 'Other searches are under way; wait until one of them ends.';
          throw new ApiError(429, 'search_busy', message, { type: 'rate_limit_error' });
        }
        const from = before === undefined ? undefined : cursorOf(before);
        searches += 1;
        return streamSSE(c, async (events) => {
          const leave = new AbortController();
          const end = () => leave.abort();
          events.onAbort(end);
          inside.stopping.addEventListener('abort', end, { once: true });
          try {
            const found = store.calls.search({
              ...filterOf(query),
              ...{ text, signal: leave.signal },
              ...(from && { before: from }),
            });
            for await (const { hits, looked, wordless, reached, next, done } of found)
              await events.writeSSE({
                event: 'step',
                data: JSON.stringify({
                  hits: hits.map(rowOf),
                  ...{ looked, wordless, done, reached: reached?.at.toISOString() ?? null },
                  next: next && cursorText(next),
                }),
              });
          } catch (error) {
            if (!leave.signal.aborted) {
              await events.writeSSE({ event: 'failed', data: '' });
              throw error;
            }
          } finally {
            inside.stopping.removeEventListener('abort', end);
            searches -= 1;
          }
        });
      })
      .get('/one/:id', async (c) => {
        const call = await store.calls.get(c.req.param('id'));
        if (!call)
          throw new ApiError(404, 'call_unknown', 'There is no such call.', {
            type: 'invalid_request_error',
          });
        const decision = (await store.decisions.get(call.id)) ?? null;
        const key = (await store.keys.list()).find(({ id }) => id === call.keyId);
        const student = call.student && (await store.students.get(call.student.id));
        return c.json({
          ...{ call: wholeCall(call), decision },
          /** What people call them by; null where the store doesn't have them. */
          names: { key: key?.name ?? null, student: student?.digest ?? null },
        });
      })
      // No GET: words leave the store, and that is written down.
      .post('/export', input('json', filterSchema), async (c) => {
        const query = c.req.valid('json');
        const filter = filterOf(query);
        await store.audit({
          ...{ actor: c.get('session').key.id, act: 'calls.export', subject: filter.task ?? null },
          detail: { filter: JSON.parse(JSON.stringify(filter)), to: 'console' },
        });
        c.header('content-type', 'application/jsonl; charset=utf-8');
        c.header('content-disposition', 'attachment; filename="calls.jsonl"');
        return stream(c, async (out) => {
          let gone = false;
          out.onAbort(() => {
            gone = true;
          });
          let before: { at: Date; id: string } | undefined;
          while (!gone && !inside.stopping.aborted) {
            const calls = await store.calls.list({
              ...filter,
              limit: exportedAtOnce,
              ...(before && { before }),
            });
            if (calls.length > 0)
              await out.write(`${calls.map((call) => JSON.stringify(call)).join('\n')}\n`);
            before = calls.at(-1);
            if (calls.length < exportedAtOnce) return;
          }
        });
      })
  );
}
