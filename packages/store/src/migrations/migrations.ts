/**
 * All migrations, in order. To change the database, add one at the end.
 *
 * @module
 */
import { beginning } from './0001-beginning.ts';
import { drawn } from './0002-drawn.ts';
import { counters } from './0003-counters.ts';
import { endpoint } from './0004-endpoint.ts';
import { service } from './0005-service.ts';
import { clientRequestId } from './0006-client-request-id.ts';
import { consoleSessions } from './0007-console-sessions.ts';
import { decisions } from './0008-decisions.ts';
import { runs } from './0009-runs.ts';
import { failedAttempts } from './0010-failed-attempts.ts';
import type { Migration } from './migration.ts';

export const migrations: readonly Migration[] = [
  beginning,
  drawn,
  counters,
  endpoint,
  service,
  clientRequestId,
  consoleSessions,
  decisions,
  runs,
  failedAttempts,
];
