/**
 * What is known of a task before anybody says anything: its recorded calls, its student, its configuration.
 *
 * @module
 */
import type { AnswererPerformance, Store } from '@kolben/store';
import { type FoundPrice, priceOf } from '../config/price-of.ts';
import type { Config } from '../config/schema.ts';
import { splitTeacher } from '../config/split-teacher.ts';
import type { FigureSource, KnownFigures } from './resolve-figures.ts';

/** How far back calls are looked at, days. */
export const recordedDays = 30;
const dayMs = 86_400_000;

export interface KnownOfTask {
  figures: KnownFigures;
  /** `provider/model`, whose prices are used; null where nobody named one. */
  teacher: string | null;
  /** Id or digest of the student whose certificate is used; null where there is none. */
  student: string | null;
  /** The calls that were looked at; null where there are none. */
  calls: { n: number; first: Date; last: Date } | null;
}

export interface TaskQuestion {
  /** Null: none in particular; then all must be given that only calls and a student tell. */
  task: string | null;
  store?: Store | undefined;
  config?: Pick<Config, 'providers' | 'tasks'> | undefined;
  /** `provider/model` instead of the task's own. */
  teacher?: string | undefined;
  now: Date;
}

export async function knownOfTask({ task, store, config, teacher, now }: TaskQuestion): Promise<KnownOfTask> {
  const settings =
    config && task !== null && Object.hasOwn(config.tasks, task) ? config.tasks[task] : undefined;
  const asked = teacher ?? settings?.teacher;
  const since = new Date(now.getTime() - recordedDays * dayMs);
  const [answerers, student] =
    store && task !== null
      ? [
          await store.performance.ofTask(task, { since }),
          await studentFigures(store, settings?.student, task, since),
        ]
      : [[], undefined];
  return {
    figures: {
      ...(settings && { auditShare: { value: settings.audit, source: 'configuration' as const } }),
      ...(asked !== undefined && config && teacherFigures(config, asked)),
      ...student?.figures,
      ...callFigures(answerers, now),
    },
    teacher: asked ?? null,
    student: student?.id ?? null,
    calls: spanOf(answerers),
  };
}

function spanOf(answerers: readonly AnswererPerformance[]): KnownOfTask['calls'] {
  if (answerers.length === 0) return null;
  const moments = answerers.flatMap(({ first, last }) => [first.getTime(), last.getTime()]);
  return {
    n: answerers.reduce((sum, { calls }) => sum + calls, 0),
    first: new Date(Math.min(...moments)),
    last: new Date(Math.max(...moments)),
  };
}

function callFigures(answerers: readonly AnswererPerformance[], now: Date): KnownFigures {
  const span = spanOf(answerers);
  if (span === null) return {};
  const recorded = (value: number) => ({ value, source: 'recorded' as const });
  const mean = (of: (one: AnswererPerformance) => number) =>
    recorded(answerers.reduce((sum, one) => sum + of(one), 0) / span.n);
  const student = answerers.find(({ answeredBy }) => answeredBy === 'student');
  return {
    // Of less than a day nobody can tell what a day has.
    callsPerDay: recorded(span.n / Math.max(1, (now.getTime() - span.first.getTime()) / dayMs)),
    promptTokens: mean(({ promptTokens }) => promptTokens),
    answerTokens: mean(({ completionTokens }) => completionTokens),
    cachedTokens: mean(({ cachedTokens }) => cachedTokens),
    ...(student && student.meanLatencyMs > 0 && { latencyMs: recorded(student.meanLatencyMs) }),
  };
}

function teacherFigures(config: Pick<Config, 'providers'>, teacher: string): KnownFigures {
  const [name, model] = splitTeacher(teacher);
  const provider = Object.hasOwn(config.providers, name) ? config.providers[name] : undefined;
  const found = provider && priceOf(provider, model);
  return found ? figuresOfPrice(found) : {};
}

function figuresOfPrice({ price, source: said }: FoundPrice): KnownFigures {
  const source: FigureSource = said === 'package' ? 'price package' : 'configuration';
  const { inputPerMillion, outputPerMillion, cachedInputPerMillion } = price;
  return {
    inputPerMillion: { value: inputPerMillion, source },
    outputPerMillion: { value: outputPerMillion, source },
    ...(cachedInputPerMillion !== undefined && {
      cachedInputPerMillion: { value: cachedInputPerMillion, source },
    }),
  };
}

/** Of the student that would answer: the configuration's folder, else the one promoted last. */
async function studentFigures(
  store: Store,
  pinned: string | undefined,
  task: string,
  since: Date,
): Promise<{ id: string; figures: KnownFigures } | undefined> {
  const registered = pinned === undefined ? await store.students.current(task) : undefined;
  const directory = pinned ?? registered?.directory;
  if (directory === undefined) return undefined;
  // Loaded where there is a student to read: it brings the kernels.
  const { readStudentFolder } = await import('@kolben/distill');
  // A folder that was moved away says nothing; what the store knows of it still counts.
  const folder = await readStudentFolder(directory).catch(() => undefined);
  const id = registered?.id ?? folder?.digest;
  if (id === undefined) return undefined;
  const certificate = readCertificate(folder?.certificate ?? registered?.certificate);
  const served = await store.calls.agreement({ task, student: id, route: 'cascade', since });
  return {
    id,
    figures: {
      ...(folder &&
        folder.measurements.training.seconds !== null && {
          trainingHours: { value: folder.measurements.training.seconds / 3_600, source: 'student' as const },
        }),
      ...(folder &&
        folder.measurements.test.agreement !== null && {
          agreement: { value: folder.measurements.test.agreement, source: 'student' as const },
        }),
      ...coverageFigures(certificate, served),
    },
  };
}

/** From daily work where that has seen more calls than the calibration did, else from the certificate. */
function coverageFigures(
  certificate: { coverage: number; examples: number } | undefined,
  served: { calls: number; certified: number },
): KnownFigures {
  if (certificate === undefined) return {};
  const [value, examples, source] =
    served.calls > certificate.examples
      ? ([served.certified / served.calls, served.calls, 'recorded'] as const)
      : ([certificate.coverage, certificate.examples, 'certificate'] as const);
  return { coverage: { value, source }, coverageExamples: { value: examples, source } };
}

/** The coverage, and how many examples calibrated it: those that were answered, by their share. */
function readCertificate(
  said: object | null | undefined,
): { coverage: number; examples: number } | undefined {
  const { coverage, n } = (said ?? {}) as { coverage?: unknown; n?: unknown };
  if (typeof coverage !== 'number' || typeof n !== 'number' || !(coverage > 0 && coverage <= 1) || !(n > 0))
    return undefined;
  return { coverage, examples: Math.round(n / coverage) };
}
