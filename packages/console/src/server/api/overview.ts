/**
 * What is true of the whole installation, in a span of time.
 *
 * @module
 */
import { Hono } from 'hono';
import { z } from 'zod';
import { input } from '../input.ts';
import { live } from '../live.ts';
import { overviewReader } from '../overview/read-overview.ts';
import { spanNames } from '../overview/span.ts';
import type { ConsoleEnv, ConsoleServices } from '../services.ts';

const wanted = z.object({
  span: z.enum(spanNames).default('week'),
  /** Minutes that the reader's clock is behind UTC. */
  offset: z.coerce
    .number()
    .int()
    .min(-14 * 60)
    .max(14 * 60)
    .default(0),
});

export function overviewApi(services: ConsoleServices) {
  const read = overviewReader(services);
  return new Hono<ConsoleEnv>()
    .get('/', input('query', wanted), async (c) => c.json(await read(c.req.valid('query'))))
    .get('/live', input('query', wanted), (c) => {
      const question = c.req.valid('query');
      return live(c, services, () => read(question), { everyMs: 2_000 });
    });
}
