/**
 * Whether this chip computes faster with fewer bits: `npm run bench -- precision`.
 *
 * The products of training, on one chip, in float32 and with operands of fewer bits, in turn. Conversions are counted
 * where a training in mixed precision would make them.
 *
 * @module
 */
import { type Chip, KolbenError, type LoadedProgram, randomStream, startChip, uniform } from '@kolben/engine';
import type { Bench, BenchContext } from '../bench.ts';
import { type Spread, spreadOf } from '../training/statistics.ts';
import { type ProductShape, productProgram, type Way, ways } from './product-program.ts';

const rounds = 7;
const warmUpRounds = 2;
/** Of products, in a turn. */
const multiplications = 2e9;

const shapes: readonly ProductShape[] = [
  { name: 'feed-forward of the narrow decoder', rows: 1024, inputs: 128, hidden: 352 },
  { name: 'feed-forward of the wide decoder', rows: 1024, inputs: 256, hidden: 704 },
  { name: 'head of the wide decoder', rows: 1024, inputs: 256, hidden: 4096 },
  { name: 'square, 1,024 wide', rows: 1024, inputs: 1024, hidden: 1024 },
];

interface WayResult {
  readonly way: Way;
  /** What the runtime says where it has no such product. */
  readonly refused?: string;
  readonly gigaflops?: Spread;
  /** Speed beside float32, in the same round: above 1 is faster. */
  readonly ratio?: Spread;
  /** Root of the mean square of the difference from float32, as a share of the size of the result. */
  readonly difference?: number;
}

interface ShapeResult extends ProductShape {
  readonly ways: readonly WayResult[];
}

interface PrecisionResult {
  rounds: number;
  shapes: ShapeResult[];
}

export const precision: Bench = {
  name: 'precision',
  about: "the matrix products of training with 16 and 8 bits, beside float32's",
  async run(context) {
    const chip = await startChip(0);
    try {
      const results: ShapeResult[] = [];
      for (const shape of shapes) results.push({ ...shape, ways: await measureShape(shape, chip, context) });
      return { rounds, shapes: results } satisfies PrecisionResult;
    } finally {
      await chip.close();
    }
  },
  describe(result) {
    const { shapes: all } = result as PrecisionResult;
    return all
      .map(({ name, rows, inputs, hidden, ways: found }) =>
        [`${name}: ${rows} rows, ${inputs} ↔ ${hidden}`, ...found.map(describeWay)].join('\n'),
      )
      .join('\n\n');
  },
};

function describeWay({ way, refused, gigaflops, ratio, difference }: WayResult): string {
  if (!gigaflops || !ratio || difference === undefined) return `  ${way.padEnd(22)}not there: ${refused}`;
  const { median, lowerQuartile, upperQuartile } = ratio;
  return [
    `  ${way.padEnd(22)}`,
    `${gigaflops.median.toFixed(0)} GFLOP/s`.padStart(13),
    `${median.toFixed(2)} × (${lowerQuartile.toFixed(2)} to ${upperQuartile.toFixed(2)})`.padStart(24),
    `   differs by ${(100 * difference).toPrecision(2)} %`,
  ].join('');
}

interface Contestant {
  readonly way: Way;
  readonly program: LoadedProgram;
  readonly y: Float32Array;
  readonly times: number[];
}

async function measureShape(
  shape: ProductShape,
  chip: Chip,
  { progress, signal }: BenchContext,
): Promise<WayResult[]> {
  const { rows, inputs, hidden } = shape;
  const pairs = Math.max(1, Math.round(multiplications / (2 * rows * inputs * hidden)));
  const draw = randomStream('rows');
  const x = { data: Float32Array.from({ length: rows * inputs }, () => uniform(draw)), dims: [rows, inputs] };
  const contestants: Contestant[] = [];
  const refusals = new Map<Way, string>();
  for (const way of ways) {
    try {
      const program = await chip.load(productProgram(way, shape, pairs));
      contestants.push({ way, program, y: (await program.run({ x })).y.data as Float32Array, times: [] });
    } catch (error) {
      if (!KolbenError.isInstance(error)) throw error;
      refusals.set(way, error.message);
    }
  }
  for (let round = -warmUpRounds; round < rounds; round++) {
    progress(`${shape.name}: ${round < 0 ? 'warming up' : `round ${round + 1} of ${rounds}`}`);
    for (const { program, times } of contestants) {
      signal.throwIfAborted();
      const begun = performance.now();
      await program.run({ x });
      if (round >= 0) times.push(performance.now() - begun);
    }
  }
  for (const { program } of contestants) await program.release();

  const [base] = contestants;
  const operations = 4 * pairs * rows * inputs * hidden;
  return ways.map((way): WayResult => {
    const found = contestants.find((one) => one.way === way);
    if (!found) return { way, refused: refusals.get(way) };
    return {
      way,
      gigaflops: spreadOf(found.times.map((time) => operations / time / 1e6)),
      ratio: spreadOf(found.times.map((time, round) => base.times[round] / time)),
      difference: relativeDifference(found.y, base.y),
    };
  });
}

function relativeDifference(found: Float32Array, expected: Float32Array): number {
  let [squares, size] = [0, 0];
  for (const [i, value] of expected.entries()) {
    squares += (found[i] - value) ** 2;
    size += value ** 2;
  }
  return Math.sqrt(squares / size);
}
