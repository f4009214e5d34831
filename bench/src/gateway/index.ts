/**
 * What the gateway adds to a call, beside a peer from npm: `npm run bench -- gateway`.
 *
 * Four processes on one machine: one that asks, the gateway asked, a provider that answers at once, and this one, which
 * only says whose turn it is. Kolben records every call, sealed and synced; the peer records nothing. Turns are
 * interleaved: in each round the upstream is asked directly, through Kolben and through the peer.
 *
 * @module
 */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { distill, readExamples } from '@kolben/distill';
import { KolbenError } from '@kolben/engine';
import { readBanking77 } from '../banking77.ts';
import type { Bench, BenchContext } from '../bench.ts';
import { spreadOf } from '../training/statistics.ts';
import { describeGateway } from './describe.ts';
import { chunks, completion, model, requestBody } from './exchange.ts';
import type { Answers, Load } from './load.ts';
import { installPeer, peerHeaders, startPeer } from './peer.ts';
import { type ProcessUsage, type Running, runOurs } from './processes.ts';
import type { GatewayResult, MemoryFigures, Scene, SideFigures, StudentFigures } from './result.ts';
import { slopeOf } from './slope.ts';

const connectionCounts = [1, 32, 256];
const memoryCalls = 200_000;
const memoryParts = 20;
const path = '/v1/chat/completions';

export const gateway: Bench = {
  name: 'gateway',
  about: 'requests a second, added time and memory of the gateway, recording on, beside @portkey-ai/gateway',
  flags: {
    brief: 'two rounds of a second at 32 connections, neither students nor memory',
    teacher: 'no students',
  },
  async run(context) {
    const brief = context.flags.has('brief');
    const peer = await installPeer(context.progress);
    const directory = await mkdtemp(join(tmpdir(), 'kolben-bench-'));
    const student =
      brief || context.flags.has('teacher')
        ? undefined
        : await studentFolder(join(directory, 'student'), context);
    const running: { end(): Promise<void> }[] = [];
    const begin = <T extends { end(): Promise<void> }>(one: T): T => {
      running.unshift(one);
      return one;
    };
    try {
      const upstream = begin(runOurs('upstream-process'));
      const baseUrl = `http://127.0.0.1:${await upstream.next<number>()}/v1`;
      const kolben = begin(runOurs('kolben-process', [join(directory, 'store'), baseUrl, student ?? '']));
      const { url, secret } = await kolben.next<{ url: string; secret: string }>();
      const other = begin(await startPeer());
      const asking = begin(runOurs('load-process'));
      const sides: Record<SideName, Side> = {
        direct: {
          origin: new URL(baseUrl).origin,
          headers: {},
          model,
          usage: upstream.usage,
        },
        kolben: {
          origin: url,
          headers: { authorization: `Bearer ${secret}` },
          model: 'kolben/mail',
          usage: kolben.usage,
        },
        peer: { origin: other.origin, headers: peerHeaders(baseUrl), model, usage: other.usage },
      };
      const bench = new Rounds(asking, context, brief ? 2 : 5, brief ? 1 : 2);
      const scenes: Scene[] = [];
      for (const streamed of [false, true])
        for (const connections of brief ? [32] : connectionCounts)
          scenes.push(await bench.scene(sides, streamed, connections));
      const students =
        student === undefined ? null : await bench.students({ ...sides.kolben, model: 'kolben/intents' });
      const memory = brief ? null : await bench.memory(sides.kolben);
      const recorded = await kolben.ask<number>('count');
      return {
        peer,
        rounds: bench.rounds,
        secondsPerTurn: bench.seconds,
        bytes: {
          request: Buffer.byteLength(requestBody(model, false)),
          plain: Buffer.byteLength(completion),
          streamed: Buffer.byteLength(chunks.join('')),
        },
        scenes,
        students,
        memory,
        answered: bench.answeredByKolben,
        recorded,
        loadAtEnd: loadavg()[0] ?? 0,
      } satisfies GatewayResult;
    } finally {
      for (const one of running) await one.end();
      await rm(directory, { recursive: true, force: true });
    }
  },
  describe: (result) => describeGateway(result as GatewayResult),
};

type SideName = 'direct' | 'kolben' | 'peer';

interface Side {
  origin: string;
  headers: Record<string, string>;
  /** What the model is called there. */
  model: string;
  usage(): Promise<ProcessUsage>;
}

interface Turn extends Answers {
  cpuMicroseconds: number | null;
}

class Rounds {
  readonly rounds: number;
  readonly seconds: number;
  answeredByKolben = 0;
  readonly #asking: Running;
  readonly #context: BenchContext;

  constructor(asking: Running, context: BenchContext, rounds: number, seconds: number) {
    this.#asking = asking;
    this.#context = context;
    this.rounds = rounds;
    this.seconds = seconds;
  }

  async scene(sides: Record<SideName, Side>, streamed: boolean, connections: number): Promise<Scene> {
    const what = `${streamed ? 'streamed' : 'plain'}, ${connections} ${connections === 1 ? 'connection' : 'connections'}`;
    const turns: Record<SideName, Turn[]> = { direct: [], kolben: [], peer: [] };
    const load = (name: SideName) => ({
      bodies: [requestBody(sides[name].model, streamed)],
      connections,
      ending: streamed ? 'data: [DONE]\n\n' : '}',
    });
    for (let round = -1; round < this.rounds; round++) {
      this.#context.progress(`${what}: ${round < 0 ? 'warming up' : `round ${round + 1} of ${this.rounds}`}`);
      // Who goes first alternates.
      const names = Object.keys(sides) as SideName[];
      if (round % 2 === 1) names.reverse();
      for (const name of names) {
        const turn = await this.#turn(name, sides[name], load(name));
        if (round >= 0) turns[name].push(turn);
      }
    }
    const figures = async (name: 'kolben' | 'peer') =>
      this.#figures(turns[name], turns.direct, await sides[name].usage());
    const ratios = turns.kolben.map(({ perSecond }, i) => perSecond / turns.peer[i].perSecond);
    return {
      streamed,
      connections,
      direct: {
        requestsPerSecond: spreadOf(turns.direct.map(({ perSecond }) => perSecond)),
        p50Ms: spreadOf(turns.direct.map(({ p50Ms }) => p50Ms)),
        p99Ms: spreadOf(turns.direct.map(({ p99Ms }) => p99Ms)),
      },
      kolben: await figures('kolben'),
      peer: await figures('peer'),
      ratios,
      ratio: spreadOf(ratios),
    };
  }

  async students(side: Side): Promise<StudentFigures[]> {
    const texts = await readBanking77('test');
    const bodies = texts.map(({ text }) =>
      JSON.stringify({ model: side.model, messages: [{ role: 'user', content: text }] }),
    );
    const figures: StudentFigures[] = [];
    for (const connections of connectionCounts) {
      const turns: Turn[] = [];
      for (let round = -1; round < this.rounds; round++) {
        this.#context.progress(`students, ${connections} connections: round ${round + 1} of ${this.rounds}`);
        const turn = await this.#turn('kolben', side, { bodies, connections, ending: '}' });
        if (round >= 0) turns.push(turn);
      }
      figures.push({
        connections,
        answersPerSecond: spreadOf(turns.map(({ perSecond }) => perSecond)),
        p50Ms: spreadOf(turns.map(({ p50Ms }) => p50Ms)),
        p99Ms: spreadOf(turns.map(({ p99Ms }) => p99Ms)),
      });
    }
    return figures;
  }

  async memory(side: Side): Promise<MemoryFigures | null> {
    const samples: number[] = [];
    const requests = memoryCalls / memoryParts;
    for (let part = 1; part <= memoryParts; part++) {
      this.#context.progress(`memory: ${part * requests} of ${memoryCalls} calls`);
      const bodies = [requestBody(side.model, false)];
      await this.#turn('kolben', side, { bodies, connections: 32, ending: '}', requests });
      const { memoryMiB } = await side.usage();
      if (memoryMiB === null) return null;
      samples.push(memoryMiB);
    }
    const half = samples.slice(memoryParts / 2);
    return { calls: memoryCalls, samplesMiB: samples, slopeMiB: slopeOf(half) * (100_000 / requests) };
  }

  /** @throws KolbenError (`bench_failures`) where requests failed: figures of those that didn't say nothing then */
  async #turn(
    name: SideName,
    side: Side,
    load: Pick<Load, 'bodies' | 'connections' | 'ending' | 'requests'>,
  ): Promise<Turn> {
    this.#context.signal.throwIfAborted();
    const before = await side.usage();
    const answers = await this.#asking.ask<Answers>(
      JSON.stringify({
        origin: side.origin,
        path,
        headers: { 'content-type': 'application/json', ...side.headers },
        seconds: this.seconds,
        ...load,
      } satisfies Load),
    );
    const failed = Object.entries(answers.failures);
    if (failed.length > 0)
      throw new KolbenError(
        'bench_failures',
        `Requests to ${name} failed at ${load.connections} connections (${failed.map(([what, times]) => `${times} × ${what}`).join(', ')}), beside ${answers.answered} answers; what was answered is no fair measure.`,
      );
    if (name === 'kolben') this.answeredByKolben += answers.answered;
    const after = await side.usage();
    const cpuMicroseconds =
      after.cpuSeconds === null || before.cpuSeconds === null
        ? null
        : (1e6 * (after.cpuSeconds - before.cpuSeconds)) / answers.answered;
    return { ...answers, cpuMicroseconds };
  }

  #figures(turns: readonly Turn[], direct: readonly Turn[], { memoryMiB }: ProcessUsage): SideFigures {
    const of = (value: (turn: Turn, straight: Turn) => number) =>
      spreadOf(turns.map((turn, i) => value(turn, direct[i])));
    return {
      requestsPerSecond: of(({ perSecond }) => perSecond),
      p50Ms: of(({ p50Ms }) => p50Ms),
      p99Ms: of(({ p99Ms }) => p99Ms),
      addedP50Ms: of(({ p50Ms }, straight) => p50Ms - straight.p50Ms),
      addedP99Ms: of(({ p99Ms }, straight) => p99Ms - straight.p99Ms),
      firstByteP50Ms: of(({ firstP50Ms }) => firstP50Ms),
      cpuMicroseconds: turns.some(({ cpuMicroseconds }) => cpuMicroseconds === null)
        ? null
        : of(({ cpuMicroseconds }) => cpuMicroseconds ?? 0),
      memoryMiB,
    };
  }
}

/** A student of banking77: the folder that `KOLBEN_BENCH_STUDENT` names, or one that is distilled now. */
async function studentFolder(out: string, { progress, signal }: BenchContext): Promise<string> {
  const given = process.env.KOLBEN_BENCH_STUDENT;
  if (given !== undefined) {
    if (await stat(join(given, 'kolben.json')).catch(() => undefined)) return given;
    throw new KolbenError(
      'bench_student',
      'KOLBEN_BENCH_STUDENT names no student folder; leave it out and a student is distilled.',
    );
  }
  // Says what is missing where it is.
  await readBanking77('test');
  progress('distilling a student of banking77');
  const train = join(process.env.KOLBEN_TEST_DATA!, 'banking77', 'train.jsonl');
  await distill({ examples: readExamples(train), out, signal });
  return out;
}
