/**
 * A run in words, for people at a terminal.
 *
 * @module
 */
import type { RunDataset, RunOutcome, RunPlan, RunProgress } from '@kolben/distill';
import type { Run, WholeRun } from '@kolben/store';
import { count, counted, duration, percent, plainPercent } from '../progress/words.ts';
import { commandOf, settingsOf } from './run-settings.ts';

const phases: Record<RunProgress['phase'], string> = {
  begin: 'beginning',
  base: 'fetching the base',
  dataset: 'reading the examples',
  prepare: 'preparing',
  train: 'training',
  certify: 'measuring and certifying',
  write: 'writing the student',
};

export const at = (moment: Date): string => moment.toISOString().slice(0, 19).replace('T', ' ');

/** How far it is, or what came of it, in one cell. */
export function progressOf({ state, progress, end, stopWantedAt }: Run): string {
  const outcome = end as RunOutcome | null;
  if (state === 'done' && outcome && 'student' in outcome)
    return outcome.certificate
      ? `answers ${percent(outcome.certificate.coverage)} at ≤ ${plainPercent(outcome.certificate.alpha)} disagreement`
      : 'no certificate';
  if (state === 'failed' && outcome && 'code' in outcome) return outcome.code.replaceAll('_', ' ');
  const now = progress as RunProgress | null;
  if (now === null) return '';
  const steps =
    now.step === null || now.steps === null ? '' : ` step ${count(now.step)} of ${count(now.steps)}`;
  const left = now.secondsLeft === null ? '' : `, ${duration(now.secondsLeft)} left`;
  if (state !== 'running') return steps.trim() || phases[now.phase];
  return `${phases[now.phase]}${now.phase === 'train' ? `${steps}${left}` : ''}${stopWantedAt ? ', stopping' : ''}`;
}

/** Rows of a table: all that is known. */
export function runRows(run: WholeRun): string[][] {
  const { process, progress, dataset, plan, end } = run;
  const facts = dataset as RunDataset | null;
  const planned = plan as RunPlan | null;
  const now = progress as RunProgress | null;
  const outcome = end as RunOutcome | null;
  const row = (name: string, value: string | null) => (value === null ? [] : [[name, value]]);
  return [
    ['run', run.id],
    ['task', `${run.task}${run.kind === null ? '' : ` (${run.kind})`}`],
    ['state', `${run.state}${progressOf(run) === '' ? '' : `: ${progressOf(run)}`}`],
    ['begun', at(run.begunAt)],
    ...row('ended', run.endedAt && at(run.endedAt)),
    ['process', `${process.pid} on ${process.host}, ${counted(process.cores, 'core')}, ${process.cpu}`],
    ...row(
      'dataset',
      facts &&
        `${facts.digest.slice(0, 12)}, ${counted(facts.n, 'example')} (train ${count(facts.train)}, validation ${count(facts.validation)})`,
    ),
    ...row('plan', planned && `${planned.choice.schedule}: ${planned.reason}`),
    ...(now === null
      ? []
      : [
          ...row('loss', now.loss === null ? null : now.loss.toFixed(4)),
          ...row('agreement', now.agreement === null ? null : `${percent(now.agreement)} on validation`),
          ...row('rate', now.learningRate === null ? null : now.learningRate.toPrecision(3)),
          ...row(
            'pace',
            now.tokensPerSecond === null
              ? null
              : `${count(now.tokensPerSecond)} tokens a second, ${percent(now.paddingShare ?? 0)} padding`,
          ),
          ...row('waiting', now.bubble === null ? null : `${percent(now.bubble)} of the chips' time`),
        ]),
    ...row('student', outcome && 'student' in outcome ? outcome.student.folder : null),
    ['command', commandOf(settingsOf(run))],
  ];
}
