/**
 * A decoder in a folder as a provider of one's own: a server on loopback, for this process alone, that answers chats as
 * OpenAI's API does, and tells as many of the likeliest tokens as are wanted.
 *
 * @module
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { contentText, type LocalWriter, openLocalWriter } from '@kolben/distill';
import { z } from 'zod';

export interface DecoderServer {
  /** `http://127.0.0.1:…/v1`. */
  readonly url: string;
  /** Made for this server; nobody else knows it. */
  readonly key: string;
  close(): Promise<void>;
}

const bodyBytes = 32 * 1024 * 1024;
/** Where a request names no limit. */
const usualTokens = 512;

const count = z.int().nonnegative();
const chatSchema = z.object({
  max_tokens: count.nullish(),
  max_completion_tokens: count.nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().gt(0).max(1).nullish(),
  seed: z.int().nullish(),
  // What it cannot do is refused, not left out in silence.
  n: z.literal(1).nullish(),
  stop: z.null().optional(),
  tools: z.array(z.unknown()).max(0).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  messages: z.array(z.object({ role: z.string(), content: z.unknown() })).min(1),
  logprobs: z.boolean().nullish(),
  top_logprobs: count.nullish(),
});
class Refused extends Error {}

/** @throws KolbenError for a folder without such a decoder */
export async function serveDecoder(folder: string): Promise<DecoderServer> {
  const writer = await openLocalWriter(folder);
  const key = randomBytes(32).toString('hex');
  const expected = Buffer.from(`Bearer ${key}`);
  const server = createServer((request, response) => {
    answer(writer, expected, request, response).catch((error: unknown) => {
      if (response.headersSent) return response.destroy();
      const isRefused = error instanceof Refused;
      const message = isRefused ? error.message : 'The decoder could not answer.';
      json(response, isRefused ? 400 : 500, {
        error: { message, type: isRefused ? 'invalid_request_error' : 'server_error' },
      });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    key,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      await writer.release();
    },
  };
}

async function answer(
  writer: LocalWriter,
  expected: Buffer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const given = Buffer.from(request.headers.authorization ?? '');
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    return json(response, 401, {
      error: { message: 'The key is missing or wrong.', type: 'invalid_request_error' },
    });
  if (request.method !== 'POST' || request.url !== '/v1/chat/completions')
    return json(response, 404, {
      error: { message: 'There is nothing here.', type: 'invalid_request_error' },
    });
  const asked = chatRequest(writer, await read(request));
  const gone = new AbortController();
  response.once('close', () => gone.abort());

  const room = writer.positions + 1 - asked.prompt.length;
  if (room < 1)
    throw new Refused(
      `The request has ${asked.prompt.length} tokens, and the decoder reads ${writer.positions}.`,
    );
  const entries: object[] = [];
  const decoder = new TextDecoder();
  let text = '';
  let made = 0;
  let finish: 'stop' | 'length' = 'length';
  const head = {
    id: `chatcmpl-${randomBytes(12).toString('hex')}`,
    created: Math.floor(Date.now() / 1000),
    model: writer.name,
  };
  const chunk = (choices: object[], more: object = {}) =>
    response.write(
      `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices, ...more })}\n\n`,
    );
  const say = (content: string, entry?: object) =>
    chunk([
      {
        ...{ index: 0, finish_reason: null },
        delta: { ...(made === 1 && entry && { role: 'assistant' }), content },
        logprobs: asked.probabilities && entry ? { content: [entry], refusal: null } : null,
      },
    ]);
  if (asked.stream) response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  for await (const token of writer.write(asked.prompt, {
    ...asked.options,
    tokens: Math.min(asked.options.tokens, room),
    signal: gone.signal,
  })) {
    made++;
    const bytes = writer.bytesOf(token.id);
    const entry = {
      ...described(writer, token),
      top_logprobs: token.top.map((one) => described(writer, one)),
    };
    // The end is no token of the answer.
    if (asked.probabilities && !token.isEnd) entries.push(entry);
    const piece = token.isEnd ? '' : decoder.decode(bytes, { stream: true });
    if (token.isEnd) finish = 'stop';
    text += piece;
    if (asked.stream && !token.isEnd) say(piece, entry);
  }
  // A limit may have cut a letter in two.
  const rest = decoder.decode();
  text += rest;
  if (asked.stream && rest !== '') say(rest);
  const usage = {
    ...{ prompt_tokens: asked.prompt.length, completion_tokens: made },
    total_tokens: asked.prompt.length + made,
  };
  if (asked.stream) {
    chunk([{ index: 0, delta: {}, finish_reason: finish, logprobs: null }]);
    if (asked.usage) chunk([], { usage });
    response.end('data: [DONE]\n\n');
    return;
  }
  const logprobs = asked.probabilities ? { content: entries, refusal: null } : null;
  const message = { role: 'assistant', content: text, refusal: null };
  json(response, 200, {
    ...head,
    object: 'chat.completion',
    choices: [{ index: 0, message, finish_reason: finish, logprobs }],
    usage,
  });
}

interface Asked {
  readonly prompt: readonly number[];
  readonly options: Parameters<LocalWriter['write']>[1];
  readonly probabilities: boolean;
  readonly stream: boolean;
  readonly usage: boolean;
}

function chatRequest(writer: LocalWriter, body: unknown): Asked {
  const { messages, logprobs, top_logprobs: top, ...rest } = checked(chatSchema, body);
  const texts = messages.map(({ role, content }) => {
    const text = contentText(content);
    if (text === undefined) throw new Refused('The decoder reads texts; a message holds something else.');
    return { role, content: text };
  });
  const { max_completion_tokens: most, max_tokens: older, temperature, top_p: topP, seed } = rest;
  return {
    prompt: writer.promptOf(texts),
    options: {
      tokens: most ?? older ?? usualTokens,
      top: logprobs === true ? Math.min(top ?? 0, writer.vocabulary) : 0,
      ...(temperature != null && { temperature }),
      ...(topP != null && { topP }),
      ...(seed != null && { seed }),
    },
    probabilities: logprobs === true,
    stream: rest.stream === true,
    usage: rest.stream_options?.include_usage === true,
  };
}

function described(writer: LocalWriter, { id, logProbability }: { id: number; logProbability: number }) {
  const bytes = writer.bytesOf(id);
  return { id, token: Buffer.from(bytes).toString('utf8'), bytes: [...bytes], logprob: logProbability };
}

function checked<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Refused(`${issue!.path.join('.') || 'The request'}: ${issue!.message}.`);
}

async function read(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > bodyBytes) throw new Refused('The request is too large.');
    pieces.push(piece);
  }
  try {
    return JSON.parse(Buffer.concat(pieces).toString('utf8'));
  } catch {
    throw new Refused('The request is no JSON.');
  }
}

function json(response: ServerResponse, status: number, value: object): void {
  const body = JSON.stringify(value);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}
