/**
 * What the endpoints work with.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Key, Store } from '@kolben/store';
import type { GatewayStatus } from '../admin/status.ts';
import type { Limits } from '../config/limits-schema.ts';
import type { Pages } from '../inside/gateway-inside.ts';
import type { Log } from '../log/log.ts';
import type { Recorder } from '../record/recorder.ts';
import type { Choice } from '../tasks/match-target.ts';
import type { TaskBook } from '../tasks/task-book.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Desks } from './answer-call.ts';
import type { CallSlots } from './call-slots.ts';
import type { Client } from './client-connection.ts';

export interface Services {
  /** What a model's name may stand for. */
  choice: Choice;
  keys: Store['keys'];
  book: TaskBook;
  desks: Desks;
  recorder: Recorder;
  slots: CallSlots;
  limits: Limits;
  /** Clients whose calls are under way. */
  clients: Set<Client>;
  isMeant: (host: string | undefined) => boolean;
  isStopping: () => boolean;
  telemetry: Telemetry;
  /** Web pages beside the endpoints, under `/console`. */
  pages: Pages | undefined;
  /** What is true of this gateway, for its administrators. */
  status: () => Promise<GatewayStatus>;
  log: Log;
}

/** Whose call it is: its key, and what that may use. */
export type Caller = Pick<Key, 'id' | 'limits'>;

/** A request and the response to it. */
export interface Exchange {
  incoming: IncomingMessage;
  outgoing: ServerResponse;
}
