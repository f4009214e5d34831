import type { ReportData } from '../data.ts';

/** A report with every section, for tests of its looks; the figures are invented and consistent. */
export function sampleReport(changes: Partial<ReportData> = {}): ReportData {
  const spans = (stretch: number) =>
    [0, 1].flatMap((step) =>
      [0, 1].flatMap((chip) => [
        {
          chip,
          kind: 'forward' as const,
          stage: chip,
          microbatch: 0,
          step,
          start: step * 10 + chip * 2,
          end: step * 10 + chip * 2 + 2 * stretch,
        },
        {
          chip,
          kind: 'backwardInput' as const,
          stage: chip,
          microbatch: 0,
          step,
          start: step * 10 + 6 - chip * 2,
          end: step * 10 + 6 - chip * 2 + 2 * stretch,
        },
      ]),
    );
  const steps = Array.from({ length: 40 }, (_, i) => i + 1);
  return {
    task: 'mails',
    kind: 'classify',
    labels: ['ham', 'spam'],
    generatedAt: '2026-11-23T16:30:00.000Z',
    version: '0.1.0',
    command: 'npm run quickstart',
    teacher: {
      name: 'replay/human-labels',
      kind: 'replay',
      about: 'It replays labels that people gave.',
      price: { inputPerMillion: 0.25, outputPerMillion: 2, source: 'an assumed list price.' },
    },
    calls: 3500,
    service: {
      noun: { one: 'mail', many: 'mails' },
      asked: 2514,
      answeredByStudent: 2101,
      checked: 2101,
      agreed: 2078,
      interval: [0.9836, 0.993],
      confusion: {
        labels: ['ham', 'spam'],
        counts: [
          [1530, 9],
          [14, 548],
        ],
      },
      latency: {
        student: { n: 2101, p50: 3.1, p99: 14.2 },
        teacher: { n: 413, p50: 402, p99: 961 },
        about: 'Measured at the gateway.',
      },
      cost: { paid: 0.0713, teacherAlone: 0.4341, recording: 0.602, checking: 0.36 },
      seconds: 14,
    },
    dataset: {
      n: 3337,
      train: 2100,
      validation: 250,
      tune: 300,
      calibration: 437,
      test: 250,
      duplicatesRemoved: 163,
      conflicts: 2,
    },
    training: {
      seconds: 62,
      tokens: 5_200_000,
      tokensPerSecond: 84_000,
      paddingShare: 0.042,
      steps: 40,
      chips: 2,
      schedule: '1F1B',
      bubble: 0.081,
      losses: {
        train: steps.map((step) => ({ step, loss: 0.1 + 0.6 / step })),
        validation: [10, 20, 30, 40].map((step) => ({ step, loss: 0.12 + 0.5 / step })),
      },
      timeline: {
        real: { chips: 2, spans: spans(1) },
        simulated: { chips: 2, spans: spans(0.9) },
        about: 'Two steps.',
      },
    },
    test: {
      n: 250,
      agreement: 0.972,
      interval: [0.943, 0.988],
      confusion: {
        labels: ['ham', 'spam'],
        counts: [
          [170, 4],
          [3, 73],
        ],
      },
    },
    baselines: { majority: 0.696, ngramLinear: 0.964 },
    certificate: {
      alpha: 0.05,
      delta: 0.05,
      threshold: 0.7312,
      coverage: 0.862,
      coverageInterval: [0.829, 0.891],
      disagreementUpperBound: 0.0213,
      n: 431,
    },
    lineage: { student: '.kolben/student', digest: 'sha256:00', datasetDigest: 'sha256:01', seed: 0 },
    machine: { cpu: 'Some CPU', cores: 2, memoryGiB: 24, node: '20.20.2', system: 'linux x64' },
    ...changes,
  };
}
