/**
 * How good a student is on public data, beside the linear n-gram baseline: `npm run bench -- students`.
 *
 * The student is distilled from a training file, its certificate's splits taken from that file as always, and
 * measured on the test file, as it is and by its quantised copy, and asked texts that belong to none of its labels: those
 * of the other sets. The baseline is trained twice: on the student's training split, and on the whole
 * training file, which favours it.
 *
 * @module
 */
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  distill,
  evaluateStudent,
  freezeDataset,
  inputText,
  ngramLinearPredictions,
  normaliseAnswer,
  openStudent,
  readExamples,
} from '@kolben/distill';
import { KolbenError } from '@kolben/engine';
import type { Bench, BenchContext } from './bench.ts';

const sets = ['banking77', 'massive_de'];
/** Whose test files hold texts that belong to no label of a student of another set, or to few. */
const strangers = ['banking77', 'massive_de', 'snips'];
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
  quantisedMegabytes: number;
  folderMegabytes: number;
  quantisedAgreement: number;
  /** By set, the share of its texts that the student answers above its threshold, though they belong to no label. */
  strangersAnswered: Record<string, number>;
}

interface Baseline {
  set: string;
  /** What it was trained on. */
  on: 'training split' | 'whole file';
  examples: number;
  agreement: number;
  seconds: number;
}

interface Result {
  baselines: Baseline[];
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
        result.baselines.push(...(await baselines(set, train, test)));
        for (const seed of seeds) {
          context.progress(`${set}: student, seed ${seed}`);
          result.students.push(
            await student(set, seed, { folder, train, test, out: join(out, set) }, context),
          );
        }
      }
      return result;
    } finally {
      await rm(out, { recursive: true, force: true });
    }
  },
  describe(result) {
    const { baselines, students } = result as Result;
    const line = (
      set: string,
      who: string,
      agreement: string,
      coverage: string,
      wrong: string,
      time: string,
    ) =>
      `${set.padEnd(12)}${who.padEnd(28)}${agreement.padStart(9)}${coverage.padStart(10)}${wrong.padStart(19)}${time.padStart(10)}`;
    const lines = [line('set', 'who', 'agreement', 'coverage', 'wrong of answered', 'training')];
    for (const set of sets) {
      for (const { on, agreement, seconds } of baselines.filter((one) => one.set === set))
        lines.push(line(set, `linear SVM, ${on}`, agreement.toFixed(4), '', '', `${seconds.toFixed(0)} s`));
      for (const row of students.filter((one) => one.set === set)) {
        const wrong = row.disagreementAmongAnswered?.toFixed(4) ?? '–';
        const coverage = row.certifiedCoverage.toFixed(3);
        const time = `${row.trainingSeconds.toFixed(0)} s`;
        lines.push(line(set, `student, seed ${row.seed}`, row.agreement.toFixed(4), coverage, wrong, time));
      }
    }
    lines.push(
      '',
      'A student’s files, and what it answers above its threshold though it belongs to no label:',
    );
    for (const row of students) {
      const { set, seed, modelMegabytes, quantisedMegabytes, folderMegabytes, quantisedAgreement } = row;
      const strange = Object.entries(row.strangersAnswered).map(
        ([name, share]) => `${name} ${share.toFixed(3)}`,
      );
      lines.push(
        `${set.padEnd(12)}seed ${seed}: model ${modelMegabytes.toFixed(1)} MB, quantised ${quantisedMegabytes.toFixed(1)} MB with agreement ${quantisedAgreement.toFixed(4)}, folder ${folderMegabytes.toFixed(1)} MB; ${strange.join(', ')}`,
      );
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

async function baselines(set: string, train: string, test: string): Promise<Baseline[]> {
  const [whole, asked] = [await load(train), await load(test)];
  const { splits } = await freezeDataset(readExamples(train), { seed: seeds[0] });
  const split = {
    texts: splits.train.map(({ text }) => text),
    answers: splits.train.map(({ answer }) => answer),
  };
  const measured: Baseline[] = [];
  for (const [on, learned] of [
    ['training split', split],
    ['whole file', whole],
  ] as const) {
    const begun = performance.now();
    const predictions = await ngramLinearPredictions({
      trainTexts: learned.texts,
      trainLabels: learned.answers,
      testTexts: asked.texts,
    });
    const seconds = (performance.now() - begun) / 1000;
    const agreed = predictions.filter((label, i) => label === asked.answers[i]).length;
    measured.push({
      set,
      on,
      examples: learned.texts.length,
      agreement: agreed / predictions.length,
      seconds,
    });
  }
  return measured;
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
  { folder, train, test, out }: { folder: string; train: string; test: string; out: string },
  { signal }: BenchContext,
): Promise<Row> {
  const begun = performance.now();
  const report = await distill({ examples: readExamples(train), out, task: set, seed, source: set, signal });
  const wholeSeconds = (performance.now() - begun) / 1000;
  const measured = await evaluateStudent(out, readExamples(test), { chips: 2, signal });
  return {
    set,
    seed,
    labels: report.task.kind === 'classify' ? report.task.labels.length : 0,
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
    modelMegabytes: await megabytes(out, ['onnx/model.onnx']),
    quantisedMegabytes: await megabytes(out, ['onnx/model_quantized.onnx']),
    folderMegabytes: await megabytes(out, await readdir(out, { recursive: true })),
    quantisedAgreement: await quantisedAgreement(out, await load(test)),
    strangersAnswered: await strangersAnswered(set, folder, out),
  };
}

async function megabytes(folder: string, names: readonly string[]): Promise<number> {
  const found = await Promise.all(names.map((name) => stat(join(folder, name))));
  return found.reduce((sum, one) => sum + (one.isFile() ? one.size : 0), 0) / 1e6;
}

async function quantisedAgreement(
  folder: string,
  { texts, answers }: { texts: string[]; answers: string[] },
): Promise<number> {
  const copy = await openStudent(folder, { quantised: true });
  try {
    const given = await copy.answer(texts);
    return given.filter(({ answer }, i) => answer === answers[i]).length / texts.length;
  } finally {
    await copy.close();
  }
}

/**
 * By set, the share of its texts that the student in `out` answers above its threshold, though they are no case of the
 * task of `set`; sets that `folder` doesn't hold are left out.
 */
export async function strangersAnswered(
  set: string,
  folder: string,
  out: string,
): Promise<Record<string, number>> {
  const opened = await openStudent(out);
  const shares: Record<string, number> = {};
  try {
    for (const other of strangers.filter((name) => name !== set)) {
      const file = join(folder, other, 'test.jsonl');
      if (!(await stat(file).catch(() => undefined))) continue;
      const answers = await opened.answer((await load(file)).texts);
      shares[other] = answers.filter(({ certified }) => certified).length / answers.length;
    }
    return shares;
  } finally {
    await opened.close();
  }
}
