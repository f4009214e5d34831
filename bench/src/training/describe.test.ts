import { expect, test } from 'vitest';
import { describeTraining } from './describe.ts';
import type { TrainingResult } from './result.ts';

const spread = (median: number) => ({ median, lowerQuartile: median * 0.9, upperQuartile: median * 1.1 });

const result: TrainingResult = {
  rounds: 7,
  warmUpRounds: 2,
  torch: { missing: 'PyTorch is not installed: apt-get install python3-torch' },
  models: [
    {
      model: 'wide',
      tokensPerStep: 4096,
      speeds: [{ name: 'engine', stepMilliseconds: spread(400), tokensPerSecond: spread(10_240) }],
      verdicts: [
        { what: 'engine, times peer', target: 20, bound: 'at least', measured: spread(10), isMet: false },
        { what: 'time over simulation', target: 1.05, bound: 'at most', measured: spread(1.01), isMet: true },
      ],
    },
  ],
};

test('the table says how fast, what was missed, and what is not installed', () => {
  expect(describeTraining(result).split('\n')).toEqual([
    'Medians of 7 interleaved rounds; in brackets the middle half of them.',
    'PyTorch is not installed: apt-get install python3-torch',
    '',
    'wide, 4096 tokens a step',
    '  engine                400.0 (360.0 to 440.0)   ms a step  10240 (9216 to 11264) tokens a second',
    '  engine, times peer    10.000 (9.000 to 11.000)  MISSED (at least 20)',
    '  time over simulation  1.010 (0.909 to 1.111)  met (at most 1.05)',
    '',
    'Where the time goes: npm run bench -- training --profile',
  ]);
});

test('a profile lists what takes time, most of it first', () => {
  const profiles = [
    {
      model: 'wide',
      engineMilliseconds: { F: { Add: 10, Gemm: 90, Pad: 0.1 } },
      torchMilliseconds: { mm: 80 },
    },
  ];
  expect(
    describeTraining({ ...result, profiles })
      .split('\n')
      .slice(-6),
  ).toEqual([
    'wide: milliseconds of a core in a step, by operator',
    '  engine, F: 100.1',
    '        90.0  Gemm',
    '        10.0  Add',
    '  PyTorch, fused: 80.0',
    '        80.0  mm',
  ]);
});
