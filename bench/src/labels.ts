/**
 * How many labels a student needs, where they are chosen and where they are drawn at random: `npm run bench -- labels`.
 *
 * The training file of banking77 is a pool of inputs whose answers a teacher gives when asked, through the very function
 * behind `kolben label --choose`; the student is distilled from what was labelled and measured on the test file. Of both
 * kinds of labels the same share judges and is not learnt from.
 *
 * @module
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Ask,
  distill,
  evaluateStudent,
  freezeDataset,
  labelChosen,
  ngramLinearPredictions,
  readExamples,
  WorkFile,
  writeLabelled,
} from '@kolben/distill';
import type { Example } from '@kolben/store';
import { type Banking77Text, readBanking77 } from './banking77.ts';
import type { Bench, BenchContext } from './bench.ts';

const counts = [1_000, 2_000, 3_000, 5_000];
/** The labels whose agreement is to be reached with fewer. */
const reference = 5_000;
const seed = 0;
/** Long enough that no slow machine shortens a training. Seconds. */
const timeBudget = 3_600;

interface Row {
  labels: number;
  /** Of these in the training split. */
  taught: number;
  drawn: 'random' | 'chosen';
  /** Different answers among those that were taught. */
  answers: number;
  agreement: number;
  /** Of the student's certificate, on the test file; null for the linear model, which has none. */
  coverage: number | null;
  disagreementAmongAnswered: number | null;
}

interface Result {
  student: 'distilled' | 'linear';
  rows: Row[];
  /** The fewest chosen labels measured that agree at least as well as `reference` random ones; null: none did. */
  chosenThatReach: number | null;
}

export const labels: Bench = {
  name: 'labels',
  about: 'agreement against number of labels on banking77, chosen beside drawn at random',
  flags: {
    proxy: 'trains the linear model instead of students: seconds instead of an hour',
    short: 'only 5,000 random labels and 3,000 chosen ones',
  },
  async run(context) {
    const proxy = context.flags.has('proxy');
    const [train, test] = [await readBanking77('train'), await readBanking77('test')];
    const answerOf = new Map(train.map(({ text, intent }) => [text, intent]));
    const short = context.flags.has('short');
    const folder = await mkdtemp(join(tmpdir(), 'kolben-bench-'));
    const rows: Row[] = [];
    try {
      for (const drawn of ['random', 'chosen'] as const) {
        for (const labels of short ? [drawn === 'random' ? reference : 3_000] : counts) {
          context.progress(`${labels} labels, ${drawn}`);
          const file = join(folder, `${drawn}-${labels}.jsonl`);
          const inputs = train.map(({ text }) => asked(text));
          // What is drawn at random is labelled as a pool of its own, of which nothing is left to choose.
          const pool = drawn === 'chosen' ? inputs : shuffled(inputs).slice(0, labels);
          await labelTo(file, pool, labels, answerOf, context.signal);
          const measure = proxy ? byLinearModel : byStudent;
          rows.push({ labels, drawn, ...(await measure(file, test, join(folder, 'student'), context)) });
        }
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    const aim = rows.find((row) => row.drawn === 'random' && row.labels === reference)!.agreement;
    const reaching = rows.filter((row) => row.drawn === 'chosen' && row.agreement >= aim);
    return {
      student: proxy ? 'linear' : 'distilled',
      rows,
      chosenThatReach: reaching.length > 0 ? Math.min(...reaching.map((row) => row.labels)) : null,
    } satisfies Result;
  },
  describe(result) {
    const { student, rows, chosenThatReach } = result as Result;
    const line = (...cells: string[]) =>
      cells.map((cell, i) => (i < 2 ? cell.padEnd(10) : cell.padStart(11))).join('');
    return [
      student === 'linear' ? 'Linear model on n-grams.' : 'Distilled students.',
      line('labels', 'drawn', 'taught', 'answers', 'agreement', 'coverage', 'wrong'),
      ...rows.map((row) =>
        line(
          `${row.labels}`,
          row.drawn,
          `${row.taught}`,
          `${row.answers}`,
          row.agreement.toFixed(4),
          row.coverage?.toFixed(3) ?? '–',
          row.disagreementAmongAnswered?.toFixed(4) ?? '–',
        ),
      ),
      '',
      chosenThatReach === null
        ? `No number of chosen labels measured agrees as well as ${reference} random ones.`
        : `${chosenThatReach} chosen labels agree at least as well as ${reference} random ones (target: 3,000 or fewer).`,
    ].join('\n');
  },
};

function asked(text: string): Example {
  return { messages: [{ role: 'user', content: text }], answer: undefined, extra: {} };
}

/** In an order that has nothing to do with the choice's own lot, and is the same every time. */
function shuffled<T>(items: readonly T[]): T[] {
  const order = [...items.keys()].sort((a, b) => scatter(a) - scatter(b) || a - b);
  return order.map((index) => items[index]!);
}

/** The finaliser of MurmurHash3. */
function scatter(number: number): number {
  let h = Math.imul(number + 1, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

async function labelTo(
  file: string,
  inputs: readonly Example[],
  choose: number,
  answerOf: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<void> {
  const ask: Ask = async ({ messages }) => {
    const content = answerOf.get(messages.at(-1)!.content)!;
    return {
      status: 200,
      headers: {},
      body: { choices: [{ message: { role: 'assistant', content }, finish_reason: 'stop' }] },
      cost: 0,
    };
  };
  const settings = { teacher: 'bench/replay', price: { inputPerMillion: 0, outputPerMillion: 0 } };
  const work = await WorkFile.open(`${file}.work`);
  try {
    const options = { ...settings, ask, work, examples: inputs, choose, seed, signal, concurrency: 256 };
    const { drawnOf } = await labelChosen(options);
    await writeLabelled(file, stream(inputs), work, settings, signal, drawnOf);
  } finally {
    await work.remove();
  }
}

async function* stream<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}

type Measured = Omit<Row, 'labels' | 'drawn'>;

async function byLinearModel(
  file: string,
  test: readonly Banking77Text[],
  _: string,
  { signal }: BenchContext,
): Promise<Measured> {
  const { splits, labels } = await freezeDataset(readExamples(file), { seed, signal });
  const predictions = await ngramLinearPredictions({
    trainTexts: splits.train.map(({ text }) => text),
    trainLabels: splits.train.map(({ answer }) => answer),
    testTexts: test.map(({ text }) => text),
    signal,
  });
  return {
    taught: splits.train.length,
    answers: labels.length,
    agreement: predictions.filter((label, i) => label === test[i]!.intent).length / test.length,
    coverage: null,
    disagreementAmongAnswered: null,
  };
}

async function byStudent(
  file: string,
  test: readonly Banking77Text[],
  out: string,
  { signal, progress }: BenchContext,
): Promise<Measured> {
  await rm(out, { recursive: true, force: true });
  const examples = readExamples(file);
  const report = await distill({ examples, out, task: 'banking77', seed, timeBudget, signal });
  const asked = test.map(({ text, intent }) => ({
    messages: [{ role: 'user' as const, content: text }],
    answer: intent,
    extra: {},
  }));
  const { agreement, coverage, disagreementAmongAnswered } = await evaluateStudent(out, stream(asked), {
    chips: 2,
    signal,
  });
  progress(`agreement ${agreement.toFixed(4)}, certified coverage ${coverage.toFixed(3)}`);
  return {
    taught: report.dataset.train,
    answers: report.task.kind === 'classify' ? report.task.labels.length : 0,
    agreement,
    coverage,
    disagreementAmongAnswered,
  };
}
