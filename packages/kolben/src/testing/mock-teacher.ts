/**
 * A teacher for tests: a real HTTP server that counts what it is asked, by input.
 *
 * @module
 */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface MockTeacher {
  readonly port: number;
  /** How often each last message was asked. */
  readonly asked: Map<string, number>;
  /** How often each was answered with its whole answer. */
  readonly answered: Map<string, number>;
  /** Under way now. */
  readonly waiting: number;
  readonly bodies: Record<string, unknown>[];
  close(): Promise<void>;
}

/** @param answer what it says to a text; a number is the status of an error. It keeps silent `until` then. */
export async function mockTeacher(
  answer: (text: string) => string | number,
  { delayMs = () => 0, until }: { delayMs?: () => number; until?: Promise<void> } = {},
): Promise<MockTeacher> {
  const asked = new Map<string, number>();
  const answered = new Map<string, number>();
  const bodies: Record<string, unknown>[] = [];
  let waiting = 0;
  const count = (counts: Map<string, number>, text: string) => counts.set(text, (counts.get(text) ?? 0) + 1);
  const send = (response: ServerResponse, text: string) => {
    waiting--;
    if (response.destroyed) return;
    const said = answer(text);
    response.setHeader('content-type', 'application/json');
    if (typeof said === 'number') {
      response.writeHead(said);
      response.end(JSON.stringify({ error: { message: 'Out of order.' } }));
      return;
    }
    response.once('finish', () => count(answered, text));
    response.end(
      JSON.stringify({
        id: 'x',
        object: 'chat.completion',
        created: 0,
        model: 'm',
        choices: [{ index: 0, message: { role: 'assistant', content: said }, finish_reason: 'stop' }],
        usage: { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 },
      }),
    );
  };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece) => {
      body += String(piece);
    });
    request.on('end', () => {
      const parsed = JSON.parse(body) as { messages: { content: string }[] };
      const text = parsed.messages.at(-1)!.content;
      bodies.push(parsed);
      count(asked, text);
      waiting++;
      const later = () => setTimeout(() => send(response, text), delayMs());
      if (until) void until.then(later);
      else later();
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    answered,
    bodies,
    get waiting() {
      return waiting;
    },
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
