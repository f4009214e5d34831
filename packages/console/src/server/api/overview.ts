/**
 * What is true of the whole installation.
 *
 * @module
 */
import { Hono } from 'hono';
import { live } from '../live.ts';
import type { ConsoleEnv, ConsoleServices } from '../services.ts';

export function overviewApi(services: ConsoleServices) {
  const read = async () => {
    const { tasks } = await services.inside.status();
    return { tasks };
  };
  return new Hono<ConsoleEnv>()
    .get('/', async (c) => c.json(await read()))
    .get('/live', (c) => live(c, services, read));
}
