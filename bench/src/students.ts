/**
 * How good a student is on public data, beside the linear n-gram baseline: `npm run bench -- students`.
 *
 * The student is distilled from a training file, its certificate's splits taken from that file as always, and
 * measured on the test file. The baseline gets the whole training file, which favours it.
 *
 * @module
 */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  distill,
  evaluateStudent,
  inputText,
  ngramLinearPredictions,
  normaliseAnswer,
  readExamples,
} from '@kolben/distill';
import { KolbenError } from '@kolben/engine';
import type { Bench, BenchContext } from './bench.ts';

const sets = ['banking77', 'massive_de'];
const seeds = [0, 1, 2];

interface Row {
  set: string;
  seed: number;
  labels: number;
  trainExamples: number;
  testExamples: number;
  trainingSeconds: number;
  wholeSeconds: number;
  agreement: number;
  certifiedCoverage: number;
  disagreementAmongAnswered: number | null;
  answersPerSecond: number;
  latencyP50Ms: number;
  latencyP99Ms: number;
  modelMegabytes: number;
}

interface Result {
  baselines: { set: string; agreement: number; seconds: number }[];
  students: Row[];
}

export const students: Bench = {
  name: 'students',
  about:
    'agreement, certified coverage and speed of a student on banking77 and massive_de, beside a linear SVM',
  async run(context) {
    const folder = await dataFolder();
    const out = await mkdtemp(join(tmpdir(), 'kolben-bench-'));
    const result: Result = { baselines: [], students: [] };
    try {
      for (const set of sets) {
        const [train, test] = [join(folder, set, 'train.jsonl'), join(folder, set, 'test.jsonl')];
        context.progress(`${set}: linear baseline`);
        result.baselines.push({ set, ...(await baseline(train, test)) });
        for (const seed of seeds) {
          context.progress(`${set}: student, seed ${seed}`);
          result.students.push(await student(set, seed, { train, test, out: join(out, set) }, context));
        }
      }
      return result;
    } finally {
      await rm(out, { recursive: true, force: true });
    }
  },
  describe(result) {
    const { baselines, students } = result as Result;
    const lines = ['set         who                agreement  coverage  wrong of answered  training'];
    for (const { set, agreement, seconds } of baselines) {
      lines.push(
        `${set.padEnd(12)}${'linear SVM'.padEnd(19)}${agreement.toFixed(4).padStart(9)}${' '.repeat(29)}${`${seconds.toFixed(0)} s`.padStart(10)}`,
      );
      for (const row of students.filter((one) => one.set === set)) {
        const wrong = row.disagreementAmongAnswered;
        lines.push(
          `${set.padEnd(12)}${`student, seed ${row.seed}`.padEnd(19)}${row.agreement.toFixed(4).padStart(9)}${row.certifiedCoverage.toFixed(3).padStart(10)}${(wrong === null ? '–' : wrong.toFixed(4)).padStart(19)}${`${row.trainingSeconds.toFixed(0)} s`.padStart(10)}`,
        );
      }
    }
    const speeds = students.map((row) => row.answersPerSecond);
    lines.push(
      '',
      `Answers a second: ${Math.round(Math.min(...speeds))} to ${Math.round(Math.max(...speeds))}.`,
    );
    return lines.join('\n');
  },
};

async function dataFolder(): Promise<string> {
  const folder = process.env.KOLBEN_TEST_DATA;
  const found = folder && (await stat(join(folder, sets[0])).catch(() => undefined));
  if (!folder || !found)
    throw new KolbenError(
      'bench_data',
      `This bench needs the data sets ${sets.join(' and ')}, each a folder with train.jsonl and test.jsonl; name the folder that holds them in KOLBEN_TEST_DATA.`,
    );
  return folder;
}

async function baseline(train: string, test: string): Promise<{ agreement: number; seconds: number }> {
  const [learned, asked] = [await load(train), await load(test)];
  const begun = performance.now();
  const predictions = await ngramLinearPredictions({
    trainTexts: learned.texts,
    trainLabels: learned.answers,
    testTexts: asked.texts,
  });
  const seconds = (performance.now() - begun) / 1000;
  return {
    agreement: predictions.filter((label, i) => label === asked.answers[i]).length / predictions.length,
    seconds,
  };
}

async function load(file: string): Promise<{ texts: string[]; answers: string[] }> {
  const loaded = { texts: [] as string[], answers: [] as string[] };
  for await (const { messages, answer } of readExamples(file)) {
    if (answer === undefined) continue;
    loaded.texts.push(inputText(messages));
    loaded.answers.push(normaliseAnswer(answer));
  }
  return loaded;
}

async function student(
  set: string,
  seed: number,
  { train, test, out }: { train: string; test: string; out: string },
  { signal }: BenchContext,
): Promise<Row> {
  const begun = performance.now();
  const report = await distill({ examples: readExamples(train), out, task: set, seed, source: set, signal });
  const wholeSeconds = (performance.now() - begun) / 1000;
  const measured = await evaluateStudent(out, readExamples(test), { chips: 2, signal });
  return {
    set,
    seed,
    labels: report.task.labels.length,
    trainExamples: report.dataset.train,
    testExamples: measured.n,
    trainingSeconds: report.training.seconds,
    wholeSeconds,
    agreement: measured.agreement,
    certifiedCoverage: measured.coverage,
    disagreementAmongAnswered: measured.disagreementAmongAnswered,
    answersPerSecond: measured.answersPerSecond,
    latencyP50Ms: measured.latencyMs.p50,
    latencyP99Ms: measured.latencyMs.p99,
    modelMegabytes: (await stat(join(out, 'onnx', 'model.onnx'))).size / 1e6,
  };
}
