/**
 * What differs between the endpoints of a provider: what it is sent, what it answers with, and how its stream is read.
 *
 * @module
 */
import type { Endpoint } from '@kolben/store';
import type { JsonObject } from '../../json.ts';
import type { Teacher } from '../provider.ts';

export interface TeacherRequest {
  /** The body to send. */
  body: string;
  /** The gateway asked for the usage of a stream, the client didn't: the chunk that tells it is taken out again. */
  stripUsage: boolean;
}

/** What was heard in one event of a stream. */
export interface HeardEvent {
  /** It holds a piece of the answer. */
  hasToken: boolean;
  /** It holds the usage and nothing else. */
  isUsageAlone: boolean;
  /** Nothing comes after it. */
  isEnd?: boolean;
  /** The provider's words where it tells of an error; empty where it has none. */
  error?: string | undefined;
}

/** Listens to a stream and puts its answer together. */
export interface StreamListener {
  hear(event: JsonObject): HeardEvent;
  /** The answer that a plain call would have got, as far as it came; null where nothing did. */
  answer(): JsonObject | null;
  /** The provider has said that the answer is at its end. */
  readonly isFinished: boolean;
}

export interface Protocol {
  readonly endpoint: Endpoint;
  /**
   * The client's request as this teacher gets it.
   *
   * @param text the body as the client wrote it; `request` is what it says
   * @param first the task's own teacher, whom clients know
   */
  requestFor(text: string, request: JsonObject, teacher: Teacher, first: Teacher): TeacherRequest;
  /**
   * What this teacher says as clients know it from the first one: a plain answer, or a chunk of a stream. Undefined where it
   * is so already.
   */
  translate?(said: JsonObject, isChunk: boolean, teacher: Teacher, first: Teacher): JsonObject | undefined;
  /** Is this an answer of the endpoint? */
  isAnswer(body: JsonObject): boolean;
  /** The usage that an answer tells, in the form that chat completions have; undefined where it tells none. */
  usageOf(answer: JsonObject): unknown;
  listen(): StreamListener;
}
