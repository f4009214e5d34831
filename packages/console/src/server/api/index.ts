/**
 * The console's API: one file per area, each a Hono app of chained routes, mounted here under its name.
 *
 * @module
 */
import { Hono } from 'hono';
import { requireSession } from '../security/require-session.ts';
import type { ConsoleEnv, ConsoleServices } from '../services.ts';
import { callsApi } from './calls.ts';
import { economicsApi } from './economics.ts';
import { keysApi } from './keys.ts';
import { overviewApi } from './overview.ts';
import { playgroundApi } from './playground.ts';
import { providersApi } from './providers.ts';
import { runsApi } from './runs.ts';
import { sessionApi } from './session.ts';
import { studentsApi } from './students.ts';
import { tasksApi } from './tasks.ts';

export function consoleApi(services: ConsoleServices) {
  return (
    new Hono<ConsoleEnv>()
      .route('/session', sessionApi(services))
      // Everything below wants a session, what doesn't exist included.
      .use(requireSession(services))
      .route('/overview', overviewApi(services))
      .route('/students', studentsApi(services))
      .route('/keys', keysApi(services))
      .route('/runs', runsApi(services))
      .route('/providers', providersApi(services))
      .route('/economics', economicsApi(services))
      .route('/calls', callsApi(services))
      .route('/tasks', tasksApi(services))
      .route('/playground', playgroundApi(services))
  );
}

/** What the page's client is typed by. */
export type ConsoleApi = ReturnType<typeof consoleApi>;
