/**
 * What a dataset of a million calls takes: `npm run bench -- dataset`, and from recorded calls too with `--store`.
 *
 * The calls are written first; a process of its own then reads and freezes them, and tells its time and its memory.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openStore } from '@kolben/store';
import type { Bench, BenchContext } from '../bench.ts';
import { type MadeCall, madeCalls } from './made-calls.ts';

const calls = 1_000_000;
const seed = 1;
const recordedAtOnce = 2_000;

interface Frozen {
  from: 'file' | 'store';
  /** Whether no call was said before, or nearly so. */
  allDistinct: boolean;
  calls: number;
  distinct: number;
  nearDuplicates: number;
  redacted: number;
  digest: string;
  seconds: number;
  callsPerSecond: number;
  peakMegabytes: number;
}

export const dataset: Bench = {
  name: 'dataset',
  about: 'memory and time of freezing a dataset of a million calls',
  flags: { store: 'from recorded calls too; recording a million takes some minutes' },

  async run({ progress, flags, signal }: BenchContext): Promise<{ frozen: Frozen[] }> {
    const folder = await mkdtemp(join(tmpdir(), 'kolben-bench-dataset-'));
    try {
      progress(`Writing ${calls.toLocaleString('en')} calls into a file`);
      const file = join(folder, 'calls.jsonl');
      await pipeline(Readable.from(lines(false)), createWriteStream(file), { signal });
      progress('Freezing them');
      const frozen = [await freeze('file', file, signal)];
      progress('The same with calls that are all distinct');
      await pipeline(Readable.from(lines(true)), createWriteStream(file), { signal });
      frozen.push({ ...(await freeze('file', file, signal)), allDistinct: true });
      if (flags.has('store')) {
        progress('Recording the same calls');
        const directory = join(folder, 'store');
        await record(directory, signal);
        progress('Freezing them');
        frozen.push(await freeze('store', directory, signal));
      }
      return { frozen };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },

  describe(result) {
    const { frozen } = result as { frozen: Frozen[] };
    return frozen
      .map(
        (one) =>
          `from the ${one.from}${one.allDistinct ? ', all distinct' : ''}: ${one.calls.toLocaleString('en')} calls, ${one.distinct.toLocaleString('en')} distinct, ${one.nearDuplicates.toLocaleString('en')} of them near duplicates, ${one.redacted.toLocaleString('en')} redacted; ${one.seconds.toFixed(0)} s, ${Math.round(one.callsPerSecond).toLocaleString('en')} calls/s, at most ${one.peakMegabytes.toFixed(0)} MB of memory`,
      )
      .join('\n');
  },
};

async function freeze(from: 'file' | 'store', path: string, signal: AbortSignal): Promise<Frozen> {
  const script = fileURLToPath(new URL('./freeze-process.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script, from, path], { signal });
  const told = JSON.parse(stdout) as Omit<Frozen, 'from' | 'allDistinct' | 'callsPerSecond'>;
  return { from, allDistinct: false, ...told, callsPerSecond: told.calls / told.seconds };
}

function* lines(distinct: boolean): Generator<string> {
  let chunk: string[] = [];
  for (const { text, answer, at } of madeCalls(calls, seed, { distinct })) {
    const messages = [
      { role: 'user', content: text },
      { role: 'assistant', content: answer },
    ];
    chunk.push(`${JSON.stringify({ messages, at })}\n`);
    if (chunk.length < 1000) continue;
    yield chunk.join('');
    chunk = [];
  }
  yield chunk.join('');
}

async function record(directory: string, signal: AbortSignal): Promise<void> {
  const store = await openStore({ directory });
  try {
    let waiting: Promise<string>[] = [];
    for (const call of madeCalls(calls, seed)) {
      waiting.push(store.calls.record(recorded(call)));
      if (waiting.length < recordedAtOnce) continue;
      await Promise.all(waiting);
      waiting = [];
      signal.throwIfAborted();
    }
    await Promise.all(waiting);
  } finally {
    await store.close();
  }
}

function recorded({ text, answer, at }: MadeCall) {
  return {
    at,
    task: 'queue',
    keyId: null,
    route: 'teacher',
    answeredBy: 'teacher',
    provider: 'acme',
    model: 'large',
    request: { model: 'kolben/queue', messages: [{ role: 'user', content: text }] },
    response: {
      choices: [{ index: 0, message: { role: 'assistant', content: answer }, finish_reason: 'stop' }],
    },
    status: 'ok',
    latencyMs: 800,
    usage: { promptTokens: 40, completionTokens: 3, estimated: false },
    cost: 0.0001,
    teacherCost: 0.0001,
    streamed: false,
  } as const;
}
