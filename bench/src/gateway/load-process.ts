/**
 * Asks a gateway, in a process of its own: so many connections, each with its next request as soon as it has the answer
 * to the one before. Takes one JSON object a line (`Load`) and gives one (`Answers`). Ends with its input.
 *
 * @module
 */
import { createInterface } from 'node:readline';
import { Client, type Dispatcher } from 'undici';
import type { Answers, Load } from './load.ts';

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await put(JSON.parse(line) as Load))}\n`);
}
process.exit(0);

async function put({
  origin,
  path,
  headers,
  bodies,
  connections,
  seconds,
  requests,
  ending,
}: Load): Promise<Answers> {
  const milliseconds: number[] = [];
  const firstMilliseconds: number[] = [];
  const failures = new Map<string, number>();
  const begun = performance.now();
  const until = begun + 1000 * seconds;
  let asked = 0;
  const mayAsk = () => (requests === undefined ? performance.now() < until : asked < requests);
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const client = new Client(origin, { pipelining: 1, keepAliveTimeout: 60_000 });
      while (mayAsk()) {
        const body = bodies[asked % bodies.length];
        asked += 1;
        const start = performance.now();
        const { failure, first } = await ask(client, { origin, path, method: 'POST', headers, body }, ending);
        if (failure === undefined) {
          milliseconds.push(performance.now() - start);
          firstMilliseconds.push(first - start);
        } else failures.set(failure, (failures.get(failure) ?? 0) + 1);
      }
      await client.destroy();
    }),
  );
  const lasted = (performance.now() - begun) / 1000;
  milliseconds.sort((a, b) => a - b);
  firstMilliseconds.sort((a, b) => a - b);
  return {
    answered: milliseconds.length,
    perSecond: milliseconds.length / lasted,
    p50Ms: share(milliseconds, 0.5),
    p99Ms: share(milliseconds, 0.99),
    firstP50Ms: share(firstMilliseconds, 0.5),
    firstP99Ms: share(firstMilliseconds, 0.99),
    failures: Object.fromEntries(failures),
  };
}

/** Resolves when the answer has ended: why it doesn't count, or when its first byte came. */
function ask(
  client: Client,
  options: Dispatcher.DispatchOptions,
  ending: string,
): Promise<{ failure?: string; first: number }> {
  return new Promise((resolve) => {
    let status = 0;
    let first = 0;
    let last = '';
    client.dispatch(options, {
      onRequestStart() {},
      onResponseStart(_controller, code) {
        status = code;
      },
      onResponseData(_controller, piece) {
        if (first === 0) first = performance.now();
        // The end of an answer may lie across two pieces.
        last = (last + piece.toString('latin1', Math.max(0, piece.length - ending.length))).slice(
          -ending.length,
        );
      },
      onResponseEnd() {
        if (status !== 200) resolve({ failure: `status ${status}`, first });
        else if (last !== ending) resolve({ failure: 'cut off', first });
        else resolve({ first });
      },
      onResponseError(_controller, error) {
        resolve({ failure: 'code' in error ? String(error.code) : error.name, first });
      },
    });
  });
}

/** Of sorted values: the one that this share of them doesn't exceed; 0 where there are none. */
function share(sorted: readonly number[], part: number): number {
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? 0;
}
