/**
 * What becomes of short texts of mixed length, by how they are put into batches: `npm run bench -- packing`.
 *
 * An encoder is trained on the texts of banking77 four ways, on one chip, in turn: every text padded to the longest
 * of all, to the longest of its batch, in batches of like length, and side by side in rows with a mask.
 *
 * @module
 */
import {
  bucketByLength,
  type Chip,
  type Microbatch,
  makespan,
  nn,
  packRows,
  paddingShare,
  randomStream,
  sequential,
  shuffle,
  sliceSteps,
  startChip,
  train,
} from '@kolben/engine';
import { readBanking77 } from './banking77.ts';
import type { Bench } from './bench.ts';
import { type Spread, spreadOf } from './training/statistics.ts';
import { wordNumbers } from './word-numbers.ts';

const rounds = 7;
const [warmUp, steps] = [4, 8];
const [batch, microbatches] = [64, 4];
const rowLength = 128;
const vocabulary = 4096;

const shape = { vocabulary, width: 128, layers: 2, heads: 4, keyValueHeads: 4, hidden: 352, positions: 256 };

interface Text {
  readonly tokens: readonly number[];
  readonly label: number;
}

const ways = ['longest of all', 'longest of the batch', 'buckets', 'packed'] as const;
type Way = (typeof ways)[number];

interface WayResult {
  way: Way;
  /** Useful tokens a second. */
  tokensPerSecond: Spread;
  /** Beside padding to the longest of all, in the same round. */
  ratio: Spread;
  paddingShare: number;
}

interface PackingResult {
  texts: number;
  meanTokens: number;
  longestTokens: number;
  rounds: number;
  ways: WayResult[];
}

export const packing: Bench = {
  name: 'packing',
  about: 'useful tokens a second on short texts of mixed length: padded, in buckets, packed',
  async run(context) {
    const { texts, classes } = await readTexts();
    const chip = await startChip(0);
    try {
      const speeds = new Map<Way, number[]>(ways.map((way) => [way, []]));
      const padding = new Map<Way, number>();
      for (let round = 0; round <= rounds; round++) {
        context.signal.throwIfAborted();
        context.progress(round === 0 ? 'warm-up' : `round ${round} of ${rounds}`);
        for (const way of ways) {
          const measured = await measure(way, texts, classes, chip, context.signal);
          if (round > 0) speeds.get(way)?.push(measured.tokensPerSecond);
          padding.set(way, measured.paddingShare);
        }
      }
      const base = speeds.get(ways[0]) as number[];
      const lengths = texts.map(({ tokens }) => tokens.length);
      return {
        texts: texts.length,
        meanTokens: lengths.reduce((a, b) => a + b, 0) / lengths.length,
        longestTokens: Math.max(...lengths),
        rounds,
        ways: ways.map((way) => {
          const own = speeds.get(way) as number[];
          return {
            way,
            tokensPerSecond: spreadOf(own),
            ratio: spreadOf(own.map((speed, i) => speed / base[i])),
            paddingShare: padding.get(way) as number,
          };
        }),
      } satisfies PackingResult;
    } finally {
      await chip.close();
    }
  },
  describe(result) {
    const { texts, meanTokens, longestTokens, ways: all } = result as PackingResult;
    const lines = all.map(({ way, tokensPerSecond, ratio, paddingShare: share }) =>
      [
        way.padEnd(22),
        Math.round(tokensPerSecond.median).toLocaleString('en').padStart(10),
        `${(100 * share).toFixed(1)} %`.padStart(9),
        `${ratio.median.toFixed(2)} ×`.padStart(9),
        `  (${ratio.lowerQuartile.toFixed(2)} to ${ratio.upperQuartile.toFixed(2)})`,
      ].join(''),
    );
    return [
      `${texts.toLocaleString('en')} texts of ${meanTokens.toFixed(1)} words on average, ${longestTokens} at most; ${rounds} rounds.`,
      `${'padded to'.padEnd(22)}${'tokens/s'.padStart(10)}${'padding'.padStart(9)}${'ratio'.padStart(9)}`,
      ...lines,
    ].join('\n');
  },
};

/** Words as numbers: this bench is about lengths, not about learning. */
async function readTexts(): Promise<{ texts: Text[]; classes: number }> {
  const labels = new Map<string, number>();
  const texts = (await readBanking77('train')).map(({ text, intent }): Text => {
    if (!labels.has(intent)) labels.set(intent, labels.size);
    return { tokens: wordNumbers(text, vocabulary), label: labels.get(intent) as number };
  });
  return { texts, classes: labels.size };
}

async function measure(way: Way, texts: readonly Text[], classes: number, chip: Chip, signal: AbortSignal) {
  const lengths = texts.map(({ tokens }) => tokens.length);
  const total = warmUp + steps;
  const batches =
    way === 'buckets'
      ? bucketByLength(lengths, { batch: batch / microbatches, seed: 1, epoch: 0 })
      : inTurn(shuffle([...texts.keys()], randomStream(1)), batch / microbatches);
  let [useful, positions] = [0, 0];
  const { timeline } = await train({
    loss: nn.encoderClassifier(shape, { classes }).loss,
    cuts: [],
    schedule: sequential({ stages: 1, microbatches }),
    chips: [chip],
    steps: total,
    microbatches: (step) =>
      Array.from({ length: microbatches }, (_, m) => {
        const given = microbatchOf(way, batches[step * microbatches + m], texts, Math.max(...lengths));
        if (step >= warmUp) {
          useful += given.useful;
          positions += given.positions;
        }
        return given.inputs;
      }),
    learningRate: () => 1e-3,
    optimizer: { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0 },
    bounds: { B: batch, T: 256, S: batch },
    seed: 1,
    signal,
    timelineSteps: steps,
  });
  const seconds = makespan(sliceSteps(timeline, warmUp, total)) / 1000;
  return { tokensPerSecond: useful / seconds, paddingShare: paddingShare(useful, positions) };
}

function inTurn(order: readonly number[], size: number): number[][] {
  return Array.from({ length: Math.floor(order.length / size) }, (_, i) =>
    order.slice(i * size, (i + 1) * size),
  );
}

function microbatchOf(way: Way, members: readonly number[], texts: readonly Text[], longest: number) {
  const own = members.map((index) => texts[index]);
  const lengths = own.map(({ tokens }) => tokens.length);
  const rows =
    way === 'packed' ? packRows(lengths, rowLength) : own.map((_, index) => [{ index, offset: 0 }]);
  const length = way === 'packed' ? rowLength : way === 'longest of all' ? longest : Math.max(...lengths);
  const dims = [rows.length, length];
  const place = (padding: number, of: (text: number, i: number) => number) => {
    const numbers = new Array<number>(rows.length * length).fill(padding);
    for (const [row, packed] of rows.entries()) {
      for (const { index, offset } of packed)
        for (let i = 0; i < lengths[index]; i++) numbers[row * length + offset + i] = of(index, i);
    }
    return numbers;
  };
  const integers = (numbers: readonly number[], at = dims) => ({
    data: BigInt64Array.from(numbers, BigInt),
    dims: at,
  });
  const inputs: Microbatch = {
    tokens: integers(place(0, (text, i) => own[text].tokens[i])),
    positions: integers(place(0, (_, i) => i)),
    segments: integers(place(-1, (text) => text)),
    texts: integers(place(0, (text) => text)),
    shares: { data: Float32Array.from(place(0, (text) => 1 / lengths[text])), dims },
    labels: integers(
      own.map(({ label }) => label),
      [own.length],
    ),
    weights: { data: new Float32Array(own.length).fill(1 / batch), dims: [own.length] },
  };
  return { inputs, useful: lengths.reduce((a, b) => a + b, 0), positions: rows.length * length };
}
