/**
 * A training that is over, as a command tells it.
 *
 * @module
 */
import type { DistillReport } from '@kolben/distill';
import { table } from '../cli/table.ts';
import { confidence, count, counted, duration, percent, plainPercent } from '../progress/words.ts';

/** What `--json` prints: the contract, without what only the HTML report shows. */
export function inJson({ details: _details, ...report }: DistillReport): Record<string, unknown> {
  return { ...report };
}

export function inWords(report: DistillReport): string {
  const { dataset, training, test, baselines, certificate } = report;
  const left = `${counted(dataset.duplicatesRemoved, 'duplicate')} removed, ${counted(dataset.conflicts, 'input')} with different answers`;
  const rows = [
    ['student', report.student],
    ...(report.task.kind === 'classify' ? [['labels', count(report.task.labels.length)]] : []),
    [
      'examples',
      `${count(dataset.n)} (train ${count(dataset.train)}, validation ${count(dataset.validation)}, tune ${count(dataset.tune)}, calibration ${count(dataset.calibration)}, test ${count(dataset.test)}); ${left}`,
    ],
    [
      'training',
      `${duration(training.seconds)} on ${counted(training.chips, 'chip')}, ${counted(training.steps, 'step')}, schedule ${training.schedule}, ${percent(training.bubble)} waiting; ${count(training.tokensPerSecond)} tokens a second, ${percent(training.paddingShare)} padding`,
    ],
    [
      'agreement',
      `${percent(test.agreement)} on ${counted(test.n, 'test example')}; ${baselines.ngramLinear === null ? '' : `linear n-gram model ${percent(baselines.ngramLinear)}, `}most frequent answer ${percent(baselines.majority)}`,
    ],
    [
      'certificate',
      certificate === null
        ? `none: ${report.reason ?? ''}`
        : `at confidence ${confidence(certificate.threshold)} and above it answers ${percent(certificate.coverage)} of calls and disagrees with the teacher in at most ${plainPercent(certificate.alpha)} (bound ${percent(certificate.disagreementUpperBound, 2)}, from ${counted(certificate.n, 'calibration example')})`,
    ],
  ];
  return [table(rows, [], ''), ...report.warnings.map((warning) => `Note: ${warning}`)].join('\n');
}
