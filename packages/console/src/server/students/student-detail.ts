/**
 * One student: what its folder says, how large it is, and its place in service.
 *
 * @module
 */
import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import {
  readStudentFolder,
  type StudentContents,
  StudentFolderError,
  shareInterval,
  sourceOfCalls,
} from '@kolben/distill';
import { studentBefore } from '@kolben/gateway/students';
import type { ConsoleServices } from '../services.ts';
import type { FoundStudent } from './find-student.ts';
import { placeOf, type StudentPlace } from './student-list.ts';

export interface StudentFacts {
  readonly family: string;
  readonly kind: 'classify' | 'extract' | 'generate';
  /** Of a classifier. */
  readonly labels: readonly string[] | null;
  readonly certificate: StudentContents['certificate'];
  /** Why there is none. */
  readonly reason: string | null;
  /** The same for other languages; null of students that were made before it was kept, too. */
  readonly refusal: NonNullable<StudentContents['refusal']> | null;
  readonly test: {
    readonly n: number;
    readonly agreement: number | null;
    /** Exact, at 95 %. */
    readonly interval: readonly [number, number] | null;
    /** Agreement of the smaller copy. */
    readonly quantised: number | null;
  };
  readonly baselines: { readonly majority: number | null; readonly ngramLinear: number | null };
  readonly training: {
    readonly seconds: number | null;
    readonly tokensPerSecond: number | null;
    readonly steps: number;
    readonly chips: number;
    readonly schedule: string;
    readonly bubble: number | null;
  };
  readonly lineage: {
    readonly kolben: string;
    /** ISO 8601. */
    readonly created: string;
    readonly source: string | null;
    /** The source is the recorded calls of its task. */
    readonly isOfCalls: boolean;
    readonly parent: string | null;
    readonly teachers: readonly string[];
    readonly answers: readonly {
      readonly provider: string | null;
      readonly model: string | null;
      readonly calls: number;
    }[];
    readonly terms: {
      readonly verdict: string;
      readonly distribution: string;
      readonly providers: readonly {
        readonly provider: string | null;
        readonly verdict: string;
        readonly clause: string | null;
        readonly url: string | null;
        readonly date: string | null;
        readonly permission: { readonly reference: string; readonly date: string } | null;
      }[];
    } | null;
    readonly dataset: {
      readonly digest: string;
      readonly parent: string | null;
      readonly splitBy: string;
      readonly asOf: string | null;
      readonly n: number;
      readonly train: number;
      readonly validation: number;
      readonly tune: number;
      readonly calibration: number;
      readonly test: number;
    };
    readonly base: {
      readonly id: string;
      readonly revision: string | null;
      readonly licence: string | null;
    } | null;
    readonly recipe: string;
    readonly seed: number;
    readonly machine: { readonly cpu: string; readonly cores: number; readonly node: string };
  };
}

export interface StudentDetail extends StudentPlace {
  /** Whom a roll back would put back; null: it isn't in service, or none was before it. */
  readonly before: { readonly digest: string; readonly withdrawnAt: string | null } | null;
  readonly directory: string;
  /** Why its folder tells nothing; null where it does. */
  readonly missing: string | null;
  /** The same for other languages, where its folder can't be read; null where another student lies there. */
  readonly fault: Pick<StudentFolderError, 'code' | 'values'> | null;
  readonly facts: StudentFacts | null;
  /** On the disk, in bytes, the largest first. */
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
}

export async function studentDetail(
  services: ConsoleServices,
  student: FoundStudent,
): Promise<StudentDetail> {
  const { directory, digest } = student;
  const standing = await placeOf(services, student);
  const before =
    standing.current && !standing.pinned ? await studentBefore(services.store, student.task) : undefined;
  const place = {
    ...{ ...standing, directory },
    before: before
      ? { digest: before.student.digest, withdrawnAt: before.withdrawnAt?.toISOString() ?? null }
      : null,
  };
  try {
    const contents = await readStudentFolder(directory);
    if (contents.digest !== digest)
      return { ...place, missing: 'another student lies in its folder', fault: null, facts: null, files: [] };
    return {
      ...place,
      missing: null,
      fault: null,
      facts: factsOf(contents, place.task),
      files: await filesIn(directory),
    };
  } catch (error) {
    if (!(error instanceof StudentFolderError)) throw error;
    const { message, code, values } = error;
    return { ...place, missing: message, fault: { code, values }, facts: null, files: [] };
  }
}

function factsOf(
  { family, task, certificate, reason, refusal, lineage, measurements }: StudentContents,
  taskName: string,
): StudentFacts {
  const { test, baselines, training } = measurements;
  const { dataset, terms, base, machine } = lineage;
  const measured = test.n > 0 && test.agreement !== null;
  return {
    family,
    kind: task.kind,
    labels: task.kind === 'classify' ? task.labels : null,
    certificate,
    reason: reason ?? null,
    refusal: refusal ?? null,
    test: {
      n: test.n,
      agreement: measured ? test.agreement : null,
      interval: measured ? shareInterval(Math.round(test.agreement! * test.n), test.n) : null,
      quantised: test.quantised ?? null,
    },
    baselines: { majority: baselines.majority, ngramLinear: baselines.ngramLinear },
    training: {
      seconds: training.seconds,
      tokensPerSecond: training.tokensPerSecond,
      steps: training.steps,
      chips: training.chips,
      schedule: training.schedule,
      bubble: training.bubble,
    },
    lineage: {
      kolben: lineage.kolben,
      created: lineage.created,
      source: lineage.source,
      isOfCalls: lineage.source === sourceOfCalls(taskName),
      parent: lineage.parent ?? null,
      teachers: lineage.teachers,
      answers: (lineage.answers ?? []).map(({ provider, model, calls }) => ({ provider, model, calls })),
      terms: terms
        ? {
            verdict: terms.verdict,
            distribution: terms.distribution,
            providers: terms.providers.map(({ provider, verdict, clause, url, date, permission }) => ({
              ...{ provider, verdict, clause: clause ?? null, url: url ?? null, date: date ?? null },
              permission: permission ?? null,
            })),
          }
        : null,
      dataset: {
        digest: dataset.digest,
        parent: dataset.parent ?? null,
        splitBy: dataset.splitBy,
        asOf: dataset.asOf ?? null,
        n: dataset.n,
        train: dataset.train,
        validation: dataset.validation,
        tune: dataset.tune,
        calibration: dataset.calibration,
        test: dataset.test,
      },
      base: base ? { id: base.id, revision: base.revision, licence: base.licence?.name ?? null } : null,
      recipe: lineage.recipe.name,
      seed: lineage.seed,
      machine: { cpu: machine.cpu, cores: machine.cores, node: machine.node },
    },
  };
}

async function filesIn(directory: string): Promise<{ name: string; bytes: number }[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async ({ parentPath, name }) => {
        const path = join(parentPath, name);
        return { name: relative(directory, path).split(sep).join('/'), bytes: (await stat(path)).size };
      }),
  );
  return files.sort((one, other) => other.bytes - one.bytes || (one.name < other.name ? -1 : 1));
}
