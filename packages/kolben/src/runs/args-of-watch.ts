/**
 * What `kolben watch` trains by, as the options of `kolben distill` that would train the same.
 *
 * @module
 */
import type { Config } from '@kolben/gateway/config';
import type { RunSettings } from './run-settings.ts';

/** Of a task of the configuration, by the rules that stand there. */
export function argsOfWatch(task: string, { tasks }: Config): RunSettings['args'] {
  const { kind, watch } = tasks[task]!;
  const { alpha, delta, timeBudget, chips, base, lora } = watch;
  return {
    task,
    ...{ seed: '0', distributed: false },
    ...{
      alpha: String(alpha),
      delta: String(delta),
      chips: String(chips),
      'time-budget': String(timeBudget),
    },
    ...(kind !== undefined && { kind }),
    ...(base !== undefined && { base }),
    ...(lora !== undefined && { lora: String(lora) }),
  };
}
