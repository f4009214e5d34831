/**
 * What the gateway tells of itself to those who watch it. The interface, and the one that tells nothing, which costs
 * nothing: it makes no object and keeps none.
 *
 * @module
 */
import type { Endpoint, NewCall, Route } from '@kolben/store';
import type { JsonObject } from '../json.ts';
import type { Log } from '../log/log.ts';
import type { AttemptOutcome } from './names.ts';

/** A call that has just come in. */
export interface CallStart {
  id: string;
  endpoint: Endpoint;
  task: string | null;
  route: Route;
  request: JsonObject;
  /** The header `traceparent` of W3C: the trace of the application that asks. */
  traceparent: string | undefined;
}

/** Who is asked for an answer. */
export type Attempt =
  | { kind: 'student'; task: string }
  | { kind: 'provider'; provider: string; model: string; address: URL };

/** How an attempt ended; `error` is a code of ours. */
export type EndAttempt = (outcome: AttemptOutcome, error?: string) => void;

export interface CallWatch {
  attempt(attempt: Attempt): EndAttempt;
  /** @param reason why it was this one who answered */
  end(call: NewCall, reason: string): void;
}

/** Watches what is asked of a teacher in the background, to audit a student. */
export interface AuditWatch extends Pick<CallWatch, 'attempt'> {
  /** @param audit `agreed`: null where there was nothing to compare; `cost` in USD */
  end(audit: { task: string; agreed: boolean | null; cost: number }): void;
}

export interface Telemetry {
  begin(start: CallStart): CallWatch;
  audits: AuditWatch;
  /** A request that became no call. @param code one of ours */
  refused(code: string): void;
  /** The log, listened to. */
  listen(log: Log): Log;
  /** What Prometheus reads; undefined where that is off. */
  metrics?: () => Promise<{ contentType: string; text: string }>;
  /** Sends what is still to be sent. Never rejects. */
  close(): Promise<void>;
}

/** What is asked of the gateway when its metrics are read. */
export interface Gauges {
  underWay(): number;
  backlog(): { calls: number; bytes: number };
  /** By provider: whether it is left alone for now. */
  suspended(): ReadonlyMap<string, boolean>;
}

const nothing = () => {};
export const noWatch: CallWatch = { attempt: () => nothing, end: nothing };
export const noAudits: AuditWatch = { attempt: () => nothing, end: nothing };

export const noTelemetry: Telemetry = {
  begin: () => noWatch,
  audits: noAudits,
  refused: nothing,
  listen: (log) => log,
  close: async () => {},
};
