/**
 * The figures for people.
 *
 * @module
 */
import type { ModelResult } from './measure-model.ts';
import type { Times } from './profile.ts';
import type { ModelProfile } from './profile-model.ts';
import type { TrainingResult } from './result.ts';
import type { Spread } from './statistics.ts';

export function describeTraining({ rounds, torch, models, profiles = [] }: TrainingResult): string {
  return [
    `Medians of ${rounds} interleaved rounds; in brackets the middle half of them.`,
    'missing' in torch ? torch.missing : `PyTorch ${torch.version}`,
    ...models.flatMap(describeModel),
    ...profiles.flatMap(describeProfile),
    ...(profiles.length === 0 && models.some(({ verdicts }) => verdicts.some(({ isMet }) => !isMet))
      ? ['', 'Where the time goes: npm run bench -- training --profile']
      : []),
  ].join('\n');
}

function describeModel({ model, tokensPerStep, speeds, verdicts }: ModelResult): string[] {
  const width = Math.max(
    ...speeds.map(({ name }) => name.length),
    ...verdicts.map(({ what }) => what.length),
  );
  return [
    '',
    `${model}, ${tokensPerStep} tokens a step`,
    ...speeds.map(
      ({ name, stepMilliseconds, tokensPerSecond }) =>
        `  ${name.padEnd(width)}  ${spread(stepMilliseconds, 1).padEnd(24)} ms a step  ${spread(tokensPerSecond, 0)} tokens a second`,
    ),
    ...verdicts.map(
      ({ what, bound, target, measured, isMet }) =>
        `  ${what.padEnd(width)}  ${spread(measured, 3)}  ${isMet ? 'met' : 'MISSED'} (${bound} ${target})`,
    ),
  ];
}

function describeProfile({ model, engineMilliseconds, torchMilliseconds }: ModelProfile): string[] {
  return [
    '',
    `${model}: milliseconds of a core in a step, by operator`,
    ...Object.entries(engineMilliseconds).flatMap(([program, times]) =>
      operators(`engine, ${program}`, times),
    ),
    ...(torchMilliseconds ? operators('PyTorch, fused', torchMilliseconds) : []),
  ];
}

/** Those that take a two-hundredth of the time or more. */
function operators(title: string, times: Times): string[] {
  const all = Object.values(times).reduce((sum, time) => sum + time, 0);
  const shown = Object.entries(times)
    .filter(([, time]) => time >= all / 200)
    .sort(([, a], [, b]) => b - a);
  return [
    `  ${title}: ${all.toFixed(1)}`,
    ...shown.map(([operator, time]) => `    ${time.toFixed(1).padStart(8)}  ${operator}`),
  ];
}

function spread({ median, lowerQuartile, upperQuartile }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${lowerQuartile.toFixed(digits)} to ${upperQuartile.toFixed(digits)})`;
}
