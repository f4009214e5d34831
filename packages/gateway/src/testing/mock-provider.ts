/**
 * A provider for tests: a real HTTP server that does what each test tells it to, also badly.
 *
 * @module
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { isObject, type JsonObject } from '../json.ts';

/** What a provider was asked, as it came over the wire. */
export interface Asked {
  text: string;
  body: JsonObject;
  headers: IncomingMessage['headers'];
  path: string;
  /** Resolves when the connection of this request is gone or its answer is out. */
  over: Promise<void>;
}

export type Behaviour = (answer: ServerResponse, asked: Asked) => unknown;

export interface MockProvider {
  /** What goes into `baseUrl`. */
  url: string;
  asked: Asked[];
  /** Exchanges what it does from the next request on. */
  behave(behaviour: Behaviour): void;
  /** Stops listening and drops every connection. */
  close(): Promise<void>;
}

/** Where work is left that is to be done at the end: of the test, unless told otherwise. */
export type WhenOver = (work: () => Promise<void> | void) => void;

export async function mockProvider(
  first: Behaviour,
  whenOver: WhenOver = onTestFinished,
): Promise<MockProvider> {
  let behaviour = first;
  const asked: Asked[] = [];
  const server = createServer((request, answer) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const text = Buffer.concat(pieces).toString('utf8');
      const body: unknown = JSON.parse(text);
      const over = once(answer, 'close').then(() => {});
      const one = {
        text,
        body: isObject(body) ? body : {},
        headers: request.headers,
        path: request.url ?? '',
        over,
      };
      asked.push(one);
      behaviour(answer, one);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  whenOver(close);
  return {
    url: `http://127.0.0.1:${port}/v1`,
    asked,
    behave: (next) => {
      behaviour = next;
    },
    close,
  };
}

/** A chat completion as a provider would write it. */
export function completion(content: string, more: JsonObject = {}): JsonObject {
  return {
    id: 'chatcmpl-mock',
    object: 'chat.completion',
    created: 1_700_000_000,
    model: 'big-1',
    choices: [{ index: 0, message: { role: 'assistant', content }, logprobs: null, finish_reason: 'stop' }],
    usage: {
      prompt_tokens: 40,
      completion_tokens: 2,
      total_tokens: 42,
      prompt_tokens_details: { cached_tokens: 10 },
    },
    ...more,
  };
}

/** Answers with this JSON. */
export function plainly(body: unknown, status = 200, headers: Record<string, string> = {}): Behaviour {
  return (answer) => {
    answer.writeHead(status, { 'content-type': 'application/json', ...headers });
    answer.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

/** The chunks of a streamed answer of these pieces: role, content, finish, and usage where it is asked for. */
export function chunksOf(pieces: string[], usage: JsonObject | null): JsonObject[] {
  const chunk = (choices: JsonObject[], more: JsonObject = {}) => ({
    id: 'chatcmpl-mock',
    object: 'chat.completion.chunk',
    created: 1_700_000_000,
    model: 'big-1',
    choices,
    ...more,
  });
  return [
    chunk([{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }]),
    ...pieces.map((content) => chunk([{ index: 0, delta: { content }, finish_reason: null }])),
    chunk([{ index: 0, delta: {}, finish_reason: 'stop' }]),
    ...(usage ? [chunk([], { usage })] : []),
  ];
}

export const someUsage = { prompt_tokens: 40, completion_tokens: 2, total_tokens: 42 };

/** One event of a stream. */
export function event(data: unknown): string {
  return `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
}

/** Streams as OpenAI does: usage only where `stream_options.include_usage` asks for it. */
export function streaming(pieces: string[]): Behaviour {
  return (answer, { body }) => {
    const wantsUsage = isObject(body.stream_options) && body.stream_options.include_usage === true;
    answer.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    for (const chunk of chunksOf(pieces, wantsUsage ? someUsage : null)) answer.write(event(chunk));
    answer.end(event('[DONE]'));
  };
}
