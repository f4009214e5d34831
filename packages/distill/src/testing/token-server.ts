/**
 * A server that tells the next tokens after others, as llama.cpp's does, with a decoder of ours behind it.
 *
 * @module
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openLocalWriter } from '../teachers/local-writer.ts';

export interface TokenServer {
  readonly url: string;
  readonly asked: number;
  close(): Promise<void>;
}

/** @param most tokens that it tells of, however many are asked for */
export async function serveTokens(folder: string, most = Number.POSITIVE_INFINITY): Promise<TokenServer> {
  const writer = await openLocalWriter(folder);
  let asked = 0;
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += String(piece);
    const { prompt, logprobs } = JSON.parse(body) as { prompt: number[]; logprobs: number };
    asked++;
    const top = Math.min(most, logprobs);
    for await (const token of writer.write(prompt, { tokens: 1, top })) {
      const told = token.top.map(({ id, logProbability }) => {
        const bytes = [...writer.bytesOf(id)];
        return { id, token: Buffer.from(bytes).toString(), bytes, logprob: logProbability };
      });
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({ choices: [{ text: '', logprobs: { content: [{ top_logprobs: told }] } }] }),
      );
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    get asked() {
      return asked;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await writer.release();
    },
  };
}
