/**
 * What it saves to label, train and certify at once instead of one after the other: `npm run bench -- factory`.
 *
 * A teacher replays banking77's labels over HTTP, behind the real gateway, as slowly as real ones answer. It is asked by
 * as many calls at once as make labelling take about as long as training, which is where overlap has most to give. The
 * wall time counts from the first call to the certified student.
 *
 * @module
 */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import {
  distill,
  distillWhileLabelling,
  evaluateStudent,
  labelExamples,
  readExamples,
  WorkFile,
  writeLabelled,
} from '@kolben/distill';
import { gatewayAsk, startGateway } from '@kolben/gateway';
import { type Example, openStore } from '@kolben/store';
import { readBanking77 } from './banking77.ts';
import type { Bench, BenchContext } from './bench.ts';

const latency = { medianMs: 600, deviation: 0.4 };
const mostAtOnce = 200;
/** Nothing here is paid, but a price must be named. */
const price = { inputPerMillion: 0.4, outputPerMillion: 1.6 };
/** Long enough that no slow machine shortens one training and not the other. */
const timeBudget = 3_600;

interface Round {
  /** One after the other. */
  labelSeconds: number;
  distillSeconds: number;
  sequentialSeconds: number;
  /** At once. */
  overlappedSeconds: number;
  ratio: number;
  sequentialAgreement: number;
  overlappedAgreement: number;
  sequentialCoverage: number;
  overlappedCoverage: number;
}

interface Result {
  inputs: number;
  callsAtOnce: number;
  meanLatencyMs: number;
  rounds: Round[];
}

export const factory: Bench = {
  name: 'factory',
  about:
    'labelling, training and certifying at once, beside the same steps one after the other, on banking77',
  flags: { twice: 'a second round in the other order' },
  async run(context) {
    await readBanking77('train');
    const folder = join(process.env.KOLBEN_TEST_DATA ?? '', 'banking77');
    const work = await mkdtemp(join(tmpdir(), 'kolben-factory-'));
    try {
      return await measure(folder, work, context);
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  },
  describe(result) {
    const { inputs, callsAtOnce, meanLatencyMs, rounds } = result as Result;
    const s = (seconds: number) => `${seconds.toFixed(0)} s`;
    const lines = rounds.map(
      (round) =>
        `one after the other ${s(round.sequentialSeconds)} (labelling ${s(round.labelSeconds)}, then the rest ${s(round.distillSeconds)}); at once ${s(round.overlappedSeconds)}: ratio ${round.ratio.toFixed(3)}\n` +
        `agreement on the test file ${round.sequentialAgreement.toFixed(4)} and ${round.overlappedAgreement.toFixed(4)}; coverage under the certificate ${round.sequentialCoverage.toFixed(3)} and ${round.overlappedCoverage.toFixed(3)}`,
    );
    const ratio = rounds.reduce((sum, round) => sum + round.ratio, 0) / rounds.length;
    return [
      `${inputs.toLocaleString('en')} inputs, ${callsAtOnce} calls at once, ${meanLatencyMs.toFixed(0)} ms a call`,
      ...lines,
      `Wall time from the first call to the certified student: ${ratio.toFixed(3)} of the same steps one after the other.`,
    ].join('\n');
  },
};

async function measure(folder: string, work: string, context: BenchContext): Promise<Result> {
  const { progress, signal, flags } = context;
  const [train, test] = [join(folder, 'train.jsonl'), join(folder, 'test.jsonl')];
  const inputs: Example[] = [];
  for await (const example of readExamples(train)) inputs.push({ ...example, answer: undefined });
  const meanLatencyMs = latency.medianMs * Math.exp(latency.deviation ** 2 / 2);
  let callsAtOnce = 0;

  const teacher = new Worker(new URL('./factory-teacher.js', import.meta.url), {
    workerData: { file: train, latency },
  });
  // Listened for at once: the teacher may well be up before the store is.
  const up = once(teacher, 'message');
  const store = await openStore({ directory: join(work, 'data') });
  const [port] = (await up) as [number];
  const gateway = await startGateway({
    store,
    port: 0,
    config: {
      providers: { bench: { baseUrl: `http://127.0.0.1:${port}/v1`, prices: { replay: price } } },
      tasks: { intents: { kind: 'classify', teacher: 'bench/replay' } },
    },
  });
  const { secret } = await store.keys.create({ name: 'bench', scope: 'use' });
  const ask = gatewayAsk({ url: gateway.url, key: secret, task: 'intents' });
  const settings = { teacher: 'bench/replay', price };

  const timed = async <T>(what: string, run: () => Promise<T>): Promise<[number, T]> => {
    signal.throwIfAborted();
    progress(what);
    const begun = performance.now();
    const result = await run();
    return [(performance.now() - begun) / 1000, result];
  };
  const judged = async (out: string) => {
    const { agreement, coverage } = await evaluateStudent(out, readExamples(test), { signal });
    return { agreement, coverage };
  };
  const common = { task: 'intents', timeBudget, signal };

  try {
    const rounds: Round[] = [];
    for (let round = 0; round < (flags.has('twice') ? 2 : 1); round++) {
      const at = (name: string) => join(work, `${name}-${round}`);
      const labelled = at('labelled.jsonl');

      const onlyDistill = () =>
        timed('the rest, after labelling', () =>
          // The file holds what labelling is about to write, which is checked below.
          distill({ ...common, examples: readExamples(train), out: at('sequential') }),
        );
      const onlyLabel = () =>
        timed(`labelling, ${callsAtOnce} calls at once`, async () => {
          const file = await WorkFile.open(at('label-work'));
          try {
            const options = { ...settings, ask, work: file, concurrency: callsAtOnce, signal };
            await labelExamples({ ...options, examples: inputs });
            await writeLabelled(labelled, listed(inputs), file, settings, signal);
          } finally {
            await file.close();
          }
        });
      const both = () =>
        timed('both at once', async () => {
          const file = await WorkFile.open(at('factory-work'));
          try {
            const labelling = { ...settings, ask, work: file, concurrency: callsAtOnce };
            return await distillWhileLabelling({ ...common, inputs, out: at('overlapped'), labelling });
          } finally {
            await file.close();
          }
        });

      let overlappedSeconds = 0;
      if (round === 1) [overlappedSeconds] = await both();
      const [distillSeconds, report] = await onlyDistill();
      // As many calls at once as make labelling last as long as training.
      if (round === 0)
        callsAtOnce = Math.max(
          4,
          Math.min(mostAtOnce, Math.round((inputs.length * meanLatencyMs) / 1000 / report.training.seconds)),
        );
      const [labelSeconds] = await onlyLabel();
      await sameLabels(labelled, train);
      if (round === 0) [overlappedSeconds] = await both();

      const sequential = await judged(at('sequential'));
      const overlapped = await judged(at('overlapped'));
      const sequentialSeconds = labelSeconds + distillSeconds;
      rounds.push({
        labelSeconds,
        distillSeconds,
        sequentialSeconds,
        overlappedSeconds,
        ratio: overlappedSeconds / sequentialSeconds,
        sequentialAgreement: sequential.agreement,
        overlappedAgreement: overlapped.agreement,
        sequentialCoverage: sequential.coverage,
        overlappedCoverage: overlapped.coverage,
      });
    }
    return { inputs: inputs.length, callsAtOnce, meanLatencyMs, rounds };
  } finally {
    ask.close();
    await gateway.close();
    await store.close();
    await teacher.terminate();
  }
}

async function* listed(examples: readonly Example[]): AsyncGenerator<Example> {
  yield* examples;
}

/** The answers that were paid for must be those that the other way was given. */
async function sameLabels(one: string, other: string): Promise<void> {
  const [a, b] = await Promise.all([one, other].map(readAnswers));
  if (a!.length !== b!.length || a!.some((answer, i) => answer !== b![i]))
    throw new Error('Labelling did not write what the teacher said.');
}

async function readAnswers(file: string): Promise<(string | undefined)[]> {
  const answers: (string | undefined)[] = [];
  for await (const { answer } of readExamples(file)) answers.push(answer);
  return answers;
}
