/**
 * A provider for tests: a real HTTP server that answers chats, embeddings not.
 *
 * @module
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Upstream {
  /** What goes into `baseUrl`. */
  url: string;
  /** The last message of each question, in order. */
  asked: string[];
  /** Answers from now on with this; a number is an HTTP status without an answer. */
  answer: (text: string) => string | number | Promise<string | number>;
}

export async function upstream(first: Upstream['answer']): Promise<Upstream> {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += String(piece);
    const { model, messages } = JSON.parse(body) as { model: string; messages: { content: string }[] };
    const text = messages.at(-1)?.content ?? '';
    of.asked.push(text);
    const said = await of.answer(text);
    response.setHeader('content-type', 'application/json');
    if (typeof said === 'number') {
      response.statusCode = said;
      response.end(JSON.stringify({ error: { message: 'This provider is out of order.' } }));
      return;
    }
    const choice = { index: 0, message: { role: 'assistant', content: said }, finish_reason: 'stop' };
    response.end(
      JSON.stringify({
        ...{ id: 'chatcmpl-test', object: 'chat.completion', created: 1_700_000_000, model },
        choices: [choice],
        usage: { prompt_tokens: 1_000, completion_tokens: 100, total_tokens: 1_100 },
      }),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  const of: Upstream = { url: `http://127.0.0.1:${port}/v1`, asked: [], answer: first };
  return of;
}
