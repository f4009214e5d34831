/**
 * A teacher for the bench of the factory, in a thread of its own: answers over HTTP what stands in a file, after a time
 * that is drawn for each input from a log-normal distribution, the same each time it is asked.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

/** Of a call, milliseconds; the deviation is that of its logarithm. */
interface Latency {
  readonly medianMs: number;
  readonly deviation: number;
}

const { file, latency } = workerData as { file: string; latency: Latency };

const answers = new Map<string, string>();
for (const line of readFileSync(file, 'utf8').trim().split('\n')) {
  const { messages } = JSON.parse(line) as { messages: { role: string; content: string }[] };
  answers.set(messages.at(-2)!.content, messages.at(-1)!.content);
}

const server = createServer((request, response) => {
  const pieces: Buffer[] = [];
  request.on('data', (piece: Buffer) => pieces.push(piece));
  request.on('end', () => {
    const { messages } = JSON.parse(Buffer.concat(pieces).toString('utf8')) as {
      messages: { content: string }[];
    };
    const text = messages.at(-1)!.content;
    const content = answers.get(text) ?? '';
    const body = JSON.stringify({
      id: 'bench',
      object: 'chat.completion',
      created: 0,
      model: 'replay',
      choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 120, completion_tokens: 8, total_tokens: 128 },
    });
    setTimeout(() => {
      response.setHeader('content-type', 'application/json');
      response.end(body);
    }, latencyOf(text));
  });
});
server.listen(0, '127.0.0.1', () => parentPort!.postMessage((server.address() as AddressInfo).port));

/** Box and Muller's normal number from the text's own hash. */
function latencyOf(text: string): number {
  const bytes = createHash('sha256').update(text).digest();
  const [u, v] = [(bytes.readUInt32LE(0) + 1) / 2 ** 32, bytes.readUInt32LE(4) / 2 ** 32];
  const normal = Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v);
  return latency.medianMs * Math.exp(latency.deviation * normal);
}
