/**
 * How well a student extracts on public data: `npm run bench -- extract`.
 *
 * The student is distilled from the training file of snips, its certificate's splits taken from that file as always, and
 * measured on the test file: answers that are the very JSON, and values by path. Beside it a baseline that needs no
 * training to speak of: the linear n-gram classifier for the intent, and for the slots a dictionary of every value that
 * the training file holds for that intent, longest first.
 *
 * @module
 */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  distill,
  evaluateStudent,
  inputText,
  ngramLinearPredictions,
  openStudent,
  readExamples,
  readStudentFolder,
} from '@kolben/distill';
import { KolbenError } from '@kolben/engine';
import type { Bench, BenchContext } from './bench.ts';
import { strangersAnswered } from './students.ts';

const seeds = [0, 1, 2];

interface Request {
  readonly intent: string;
  readonly slots: Readonly<Record<string, string>>;
}

interface Said {
  readonly text: string;
  readonly answer: Request;
}

interface Scores {
  /** Share of answers that are the very JSON. */
  exact: number;
  intent: number;
  /** Harmonic mean of precision and recall of the values of all slots. */
  slotF1: number;
}

interface Row extends Scores {
  seed: number;
  trainExamples: number;
  trainingSeconds: number;
  wholeSeconds: number;
  certifiedCoverage: number;
  disagreementAmongAnswered: number | null;
  answersPerSecond: number;
  latencyP50Ms: number;
  modelMegabytes: number;
  quantisedMegabytes: number;
  /** Agreement of the quantised copy on the test split. */
  quantisedAgreement: number | null;
  /** By set, the share of its texts that the student answers above its threshold, though they are no requests of its. */
  strangersAnswered: Record<string, number>;
  /** F1 by slot. */
  slots: Record<string, number>;
}

interface Result {
  testExamples: number;
  baseline: Scores;
  students: Row[];
}

export const extract: Bench = {
  name: 'extract',
  about:
    'exact JSON, values by slot, certified coverage and speed of a student on snips, beside a dictionary',
  async run(context) {
    const [train, test] = await dataFiles();
    const out = await mkdtemp(join(tmpdir(), 'kolben-bench-'));
    try {
      const asked = await load(test);
      context.progress('snips: baseline');
      const said = await baselineAnswers(await load(train), asked);
      const result: Result = { testExamples: asked.length, baseline: scoresOf(asked, said), students: [] };
      for (const seed of seeds) {
        context.progress(`snips: student, seed ${seed}`);
        result.students.push(await student(seed, { train, test, out: join(out, 'snips') }, asked, context));
      }
      return result;
    } finally {
      await rm(out, { recursive: true, force: true });
    }
  },
  describe(result) {
    const { baseline, students, testExamples } = result as Result;
    const line = (who: string, cells: readonly string[]) =>
      who.padEnd(26) + cells.map((cell) => cell.padStart(11)).join('');
    const figures = ({ exact, intent, slotF1 }: Scores) =>
      [exact, intent, slotF1].map((share) => share.toFixed(4));
    const weakest = Object.entries(students[0]?.slots ?? {})
      .sort(([, a], [, b]) => a - b)
      .slice(0, 8)
      .map(([slot, f1]) => `${slot} ${f1.toFixed(2)}`);
    return [
      line('who', ['exact JSON', 'intent', 'slots F1', 'coverage', 'wrong', 'training']),
      line('linear and dictionary', figures(baseline)),
      ...students.map((row) =>
        line(`student, seed ${row.seed}`, [
          ...figures(row),
          row.certifiedCoverage.toFixed(3),
          row.disagreementAmongAnswered?.toFixed(4) ?? '–',
          `${row.trainingSeconds.toFixed(0)} s`,
        ]),
      ),
      '',
      `${testExamples} examples of the test file. Answers a second: ${students.map((row) => Math.round(row.answersPerSecond)).join(', ')}.`,
      ...students.map((row) => {
        const strange = Object.entries(row.strangersAnswered).map(
          ([name, share]) => `${name} ${share.toFixed(3)}`,
        );
        return `Seed ${row.seed}: model ${row.modelMegabytes.toFixed(1)} MB; quantised ${row.quantisedMegabytes.toFixed(1)} MB, agreement ${row.quantisedAgreement?.toFixed(4) ?? '–'} on the test split; answered, though no case of the task: ${strange.join(', ')}.`;
      }),
      `Weakest slots of the first student: ${weakest.join(', ')}.`,
    ].join('\n');
  },
};

async function dataFiles(): Promise<[string, string]> {
  const folder = process.env.KOLBEN_TEST_DATA;
  const files = ['train.jsonl', 'test.jsonl'].map((name) => join(folder ?? '', 'snips', name));
  const found = folder && (await Promise.all(files.map((file) => stat(file).catch(() => undefined))));
  if (!found || found.includes(undefined))
    throw new KolbenError(
      'bench_data',
      'This bench needs the data set snips, a folder with train.jsonl and test.jsonl; name the folder that holds it in KOLBEN_TEST_DATA.',
    );
  return files as [string, string];
}

async function load(file: string): Promise<Said[]> {
  const loaded: Said[] = [];
  for await (const { messages, answer } of readExamples(file))
    if (answer !== undefined)
      loaded.push({ text: inputText(messages), answer: JSON.parse(answer) as Request });
  return loaded;
}

async function student(
  seed: number,
  { train, test, out }: { train: string; test: string; out: string },
  asked: readonly Said[],
  { signal }: BenchContext,
): Promise<Row> {
  const begun = performance.now();
  const report = await distill({
    examples: readExamples(train),
    out,
    task: 'snips',
    seed,
    source: 'snips',
    signal,
  });
  const wholeSeconds = (performance.now() - begun) / 1000;
  const measured = await evaluateStudent(out, readExamples(test), { chips: 2, signal });
  const opened = await openStudent(out, { chips: 2 });
  const said = await opened.answer(asked.map(({ text }) => text));
  await opened.close();
  const answers = said.map(({ answer }) => JSON.parse(answer) as Request);
  return {
    seed,
    ...scoresOf(asked, answers),
    exact: measured.agreement,
    trainExamples: report.dataset.train,
    trainingSeconds: report.training.seconds,
    wholeSeconds,
    certifiedCoverage: measured.coverage,
    disagreementAmongAnswered: measured.disagreementAmongAnswered,
    answersPerSecond: measured.answersPerSecond,
    latencyP50Ms: measured.latencyMs.p50,
    modelMegabytes: (await stat(join(out, 'onnx', 'model.onnx'))).size / 1e6,
    quantisedMegabytes: (await stat(join(out, 'onnx', 'model_quantized.onnx'))).size / 1e6,
    quantisedAgreement: (await readStudentFolder(out)).measurements.test.quantised ?? null,
    strangersAnswered: await strangersAnswered('snips', dirname(dirname(test)), out),
    slots: bySlot(asked, answers),
  };
}

/** The values of a request, as `slot=value`. */
const valuesOf = ({ slots }: Request) =>
  new Set(Object.entries(slots).map(([slot, value]) => `${slot}=${value}`));

function scoresOf(asked: readonly Said[], said: readonly Request[]): Scores {
  let [exact, intent, hits, wanted, given] = [0, 0, 0, 0, 0];
  asked.forEach(({ answer }, i) => {
    const [theirs, ours] = [valuesOf(answer), valuesOf(said[i]!)];
    const shared = [...theirs].filter((value) => ours.has(value)).length;
    const same = answer.intent === said[i]!.intent;
    intent += Number(same);
    exact += Number(same && shared === theirs.size && shared === ours.size);
    hits += shared;
    wanted += theirs.size;
    given += ours.size;
  });
  const n = asked.length;
  return { exact: exact / n, intent: intent / n, slotF1: f1(hits, wanted, given) };
}

const f1 = (hits: number, wanted: number, given: number) =>
  wanted + given === 0 ? 0 : (2 * hits) / (wanted + given);

function bySlot(asked: readonly Said[], said: readonly Request[]): Record<string, number> {
  const counts = new Map<string, { hits: number; wanted: number; given: number }>();
  const of = (slot: string) => {
    const found = counts.get(slot) ?? { hits: 0, wanted: 0, given: 0 };
    counts.set(slot, found);
    return found;
  };
  asked.forEach(({ answer }, i) => {
    const ours = said[i]!.slots;
    for (const [slot, value] of Object.entries(answer.slots)) {
      of(slot).wanted++;
      of(slot).hits += Number(ours[slot] === value);
    }
    for (const slot of Object.keys(ours)) of(slot).given++;
  });
  return Object.fromEntries(
    [...counts].map(([slot, { hits, wanted, given }]) => [slot, f1(hits, wanted, given)]),
  );
}

async function baselineAnswers(known: readonly Said[], asked: readonly Said[]): Promise<Request[]> {
  const intents = await ngramLinearPredictions({
    trainTexts: known.map(({ text }) => text),
    trainLabels: known.map(({ answer }) => answer.intent),
    testTexts: asked.map(({ text }) => text),
  });
  /** By intent and value in lower case, how often each slot held it. */
  const slots = new Map<string, Map<string, number>>();
  for (const { answer } of known)
    for (const [slot, value] of Object.entries(answer.slots)) {
      const key = `${answer.intent} ${value.toLowerCase()}`;
      const counts = slots.get(key) ?? new Map<string, number>();
      slots.set(key, counts.set(slot, (counts.get(slot) ?? 0) + 1));
    }
  return asked.map(({ text }, i) => {
    const intent = intents[i]!;
    const words = [...text.matchAll(/[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu)];
    const found: Record<string, string> = {};
    for (let from = 0; from < words.length; from++) {
      for (let to = words.length; to > from; to--) {
        const [first, last] = [words[from]!, words[to - 1]!];
        const value = text.slice(first.index, last.index + last[0].length);
        const counts = slots.get(`${intent} ${value.toLowerCase()}`);
        if (!counts) continue;
        const [slot] = [...counts].sort(([, a], [, b]) => b - a)[0]!;
        found[slot] ??= value;
        from = to - 1;
        break;
      }
    }
    return { intent, slots: found };
  });
}
