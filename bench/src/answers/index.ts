/**
 * How fast a student answers, beside Transformers.js with the same folder: `npm run bench -- answers`.
 *
 * A student of banking77 is distilled; then two processes, one that opens it through Kolben and one through a
 * text-classification pipeline, take turns at the same texts of the test file: alone, and many at once. Each side is
 * used as its documentation shows it, on as many cores as it takes.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { distill, inputText, readExamples } from '@kolben/distill';
import { KolbenError } from '@kolben/engine';
import type { Bench, BenchContext } from '../bench.ts';

const rounds = 7;
const alone = 300;
const together = 256;

interface Side {
  /** Of one text asked alone, the median over all rounds. */
  latencyP50Ms: number;
  latencyP99Ms: number;
  /** When 256 are asked at once, the median of the rounds. */
  answersPerSecond: number;
}

interface Result {
  texts: number;
  rounds: number;
  kolben: Side;
  transformers: Side;
  /** Share of the texts to which both give the same label. */
  sameAnswers: number;
  /** Of each round, Kolben's answers a second over the peer's. */
  ratios: number[];
}

export const answers: Bench = {
  name: 'answers',
  about: 'time of one answer and answers a second of a student, beside Transformers.js with the same folder',
  async run(context) {
    const peer = transformersPath();
    const data = await dataFolder();
    const out = await mkdtemp(join(tmpdir(), 'kolben-bench-'));
    try {
      context.progress('distilling a student of banking77');
      const student = join(out, 'student');
      const { signal } = context;
      await distill({ examples: readExamples(join(data, 'train.jsonl')), out: student, signal });
      const texts: string[] = [];
      for await (const { messages } of readExamples(join(data, 'test.jsonl')))
        texts.push(inputText(messages));
      return await compare(student, peer, texts, context);
    } finally {
      await rm(out, { recursive: true, force: true });
    }
  },
  describe(result) {
    const { texts, rounds: times, kolben, transformers, sameAnswers, ratios } = result as Result;
    const line = (who: string, { latencyP50Ms, latencyP99Ms, answersPerSecond }: Side) =>
      `${who.padEnd(18)}${latencyP50Ms.toFixed(2).padStart(9)}${latencyP99Ms.toFixed(2).padStart(9)}${Math.round(answersPerSecond).toString().padStart(12)}`;
    return [
      `${'who'.padEnd(18)}${'p50 ms'.padStart(9)}${'p99 ms'.padStart(9)}${'answers/s'.padStart(12)}`,
      line('Kolben', kolben),
      line('Transformers.js', transformers),
      '',
      `${texts} texts, ${times} rounds in turn; answers a second ${ratios.map((ratio) => ratio.toFixed(2)).join(', ')} times the peer's. Both give the same label to ${(100 * sameAnswers).toFixed(2)} % of the texts.`,
    ].join('\n');
  },
};

async function compare(
  student: string,
  peer: string,
  texts: readonly string[],
  { progress, signal }: BenchContext,
): Promise<Result> {
  const sides = { kolben: start('kolben', student), transformers: start(peer, student) };
  try {
    for (const side of Object.values(sides)) {
      await side.ready();
      // The first runs are slower than all others.
      await side.ask(texts.slice(0, together), 1);
    }
    const single: Record<string, number[]> = { kolben: [], transformers: [] };
    const speeds: Record<string, number[]> = { kolben: [], transformers: [] };
    const labels: Record<string, string[]> = {};
    for (let round = 0; round < rounds; round++) {
      progress(`round ${round + 1} of ${rounds}`);
      // Who goes first alternates.
      const order = Object.entries(sides);
      if (round % 2 === 1) order.reverse();
      for (const [name, side] of order) {
        signal.throwIfAborted();
        single[name].push(...(await side.ask(texts.slice(0, alone), 1)).milliseconds);
        const many = await side.ask(texts, together);
        speeds[name].push((1000 * texts.length) / many.milliseconds.reduce((sum, one) => sum + one, 0));
        labels[name] = many.labels;
      }
    }
    const sideOf = (name: string): Side => ({
      latencyP50Ms: quantile(single[name], 0.5),
      latencyP99Ms: quantile(single[name], 0.99),
      answersPerSecond: quantile(speeds[name], 0.5),
    });
    const same = texts.filter((_, i) => labels.kolben[i] === labels.transformers[i]).length;
    return {
      texts: texts.length,
      rounds,
      kolben: sideOf('kolben'),
      transformers: sideOf('transformers'),
      sameAnswers: same / texts.length,
      ratios: speeds.kolben.map((speed, round) => speed / speeds.transformers[round]),
    };
  } finally {
    for (const side of Object.values(sides)) side.end();
  }
}

/** A process that answers; its input is its life. */
function start(who: string, student: string) {
  const script = fileURLToPath(new URL('./answering-process.js', import.meta.url));
  const child: ChildProcess = spawn(process.execPath, [script, who, student], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done)
      throw new KolbenError(
        'bench_peer',
        `The process that answers through ${who} has ended; what it wrote above says why.`,
      );
    return value as string;
  };
  return {
    ready: next,
    async ask(texts: readonly string[], many: number) {
      child.stdin!.write(`${JSON.stringify({ texts, together: many })}\n`);
      return JSON.parse(await next()) as { labels: string[]; milliseconds: number[] };
    },
    end: () => child.stdin!.end(),
  };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/** Transformers.js is installed beside the tests of other people's programs, and not with the rest. */
function transformersPath(): string {
  const interop = createRequire(new URL('../../../interop/package.json', import.meta.url));
  try {
    return interop.resolve('@huggingface/transformers');
  } catch {
    throw new KolbenError(
      'bench_peer',
      'This bench compares with @huggingface/transformers, which is not installed; install it with `npm ci --prefix interop`.',
    );
  }
}

async function dataFolder(): Promise<string> {
  const folder = process.env.KOLBEN_TEST_DATA && join(process.env.KOLBEN_TEST_DATA, 'banking77');
  if (!folder || !(await stat(folder).catch(() => undefined)))
    throw new KolbenError(
      'bench_data',
      'This bench needs the data set banking77, a folder with train.jsonl and test.jsonl; name the folder that holds it in KOLBEN_TEST_DATA.',
    );
  return folder;
}
