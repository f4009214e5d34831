/**
 * The part of a report that a training alone can tell.
 *
 * @module
 */
import type { DistillReport } from '@kolben/distill';
import { version } from '../version.ts';
import type { ReportData } from './data.ts';
import { machineFacts } from './machine-facts.ts';

export interface ReportContext {
  task: string;
  /** What to type in order to get this again. */
  command: string;
  teacher: ReportData['teacher'];
}

export function reportFromDistill(
  report: DistillReport,
  { task, command, teacher }: ReportContext,
): ReportData {
  const { details, training, certificate } = report;
  const labels = report.task.kind === 'classify' ? [...report.task.labels] : [];
  return {
    task,
    kind: report.task.kind,
    labels,
    generatedAt: new Date().toISOString(),
    version,
    command,
    teacher,
    dataset: {
      ...report.dataset,
      selfAgreement: details.selfAgreement,
      warnings: [...report.warnings],
    },
    training: {
      ...training,
      losses: {
        train: details.losses.map((loss, i) => ({ step: i + 1, loss })),
        validation: details.validation.map((point) => ({ ...point })),
      },
      ...(details.timeline && {
        timeline: {
          ...details.timeline,
          about:
            'The last steps of the run. Each row is a chip, a number is the microbatch it works on, and what is pale is waiting. Below are the same steps as the simulator times them from the measured costs.',
        },
      }),
    },
    test: {
      ...report.test,
      interval: [...details.testInterval],
      confusion: details.confusion && { labels, counts: details.confusion.map((row) => [...row]) },
    },
    baselines: report.baselines,
    certificate,
    ...(report.reason !== undefined && { reason: report.reason }),
    lineage: {
      student: report.student,
      digest: details.digest,
      datasetDigest: report.dataset.digest,
      seed: details.seed,
    },
    machine: machineFacts(),
  };
}
