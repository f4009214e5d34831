/**
 * A teacher that is no language model: an OpenAI-compatible server that answers with labels people gave.
 *
 * It is there so that the whole path can be tried without an account anywhere. It listens on loopback, takes as
 * long as it is told to (log-normal, seeded, so that two runs wait alike), and counts its tokens at four
 * characters each.
 *
 * @module
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

export interface ReplayOptions {
  /** The name it answers to. */
  model: string;
  /** The answer to each text of a user's message. */
  answers: ReadonlyMap<string, string>;
  /** Median of the waiting time, in milliseconds. */
  medianMs: number;
  /** Spread of the waiting time: the standard deviation of its logarithm. 0.35 puts the 99th percentile at 2.3 medians. */
  spread: number;
  seed: number;
}

export interface ReplayTeacher {
  /** Where its API begins: `http://127.0.0.1:<port>/v1`. */
  baseUrl: string;
  close(): Promise<void>;
}

/** A deterministic stream of numbers in [0, 1): mulberry32, which is in the public domain. */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function fail(response: ServerResponse, status: number, message: string): void {
  send(response, status, { error: { message, type: 'invalid_request_error', param: null, code: null } });
}

const tokens = (text: string) => Math.ceil(text.length / 4);

export async function startReplayTeacher(options: ReplayOptions): Promise<ReplayTeacher> {
  const random = randomNumbers(options.seed);
  const waitingTime = () => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return options.medianMs * Math.exp(options.spread * normal);
  };
  let served = 0;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body: unknown = JSON.parse(await readBody(request));
    const { model, messages, stream } = body as {
      model?: string;
      messages?: { role: string; content: string }[];
      stream?: boolean;
    };
    if (model !== options.model)
      return fail(response, 404, `There is no model '${model}' here, only '${options.model}'.`);
    if (stream) return fail(response, 400, 'This teacher does not stream.');
    const asked = messages?.findLast(({ role }) => role === 'user')?.content;
    const content = asked === undefined ? undefined : options.answers.get(asked);
    if (content === undefined)
      return fail(response, 422, 'Nobody has labelled this text, and this teacher only replays labels.');
    await wait(waitingTime());
    const promptTokens = messages!.reduce((sum, message) => sum + tokens(message.content) + 4, 0);
    const completionTokens = tokens(content);
    served += 1;
    send(response, 200, {
      id: `replay-${served}`,
      object: 'chat.completion',
      created: Math.floor(Date.now() / 1000),
      model,
      choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop', logprobs: null }],
      usage: {
        prompt_tokens: promptTokens,
        completion_tokens: completionTokens,
        total_tokens: promptTokens + completionTokens,
      },
    });
  }

  const server = createServer((request, response) => {
    if (request.method !== 'POST' || request.url !== '/v1/chat/completions')
      return fail(response, 404, 'There is only POST /v1/chat/completions here.');
    answer(request, response).catch((error: unknown) => {
      if (!response.headersSent) fail(response, 400, error instanceof Error ? error.message : String(error));
    });
  });
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(0, '127.0.0.1', listening);
  });
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
