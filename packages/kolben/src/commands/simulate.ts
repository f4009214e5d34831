/**
 * `kolben simulate`: what a pipeline schedule would cost, without a model and without chips.
 *
 * @module
 */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  bubbleRateDefinition,
  isScheduleName,
  type PartTimes,
  ScheduleError,
  type ScheduleName,
  type ScheduleSummary,
  scheduleNames,
  summarizeSchedule,
  timelineSvg,
} from '@kolben/engine';
import { defineKolbenCommand } from '../cli/command.ts';
import { UsageError } from '../cli/errors.ts';
import { oneOf, whole } from '../cli/options.ts';
import { table } from '../cli/table.ts';

/** More than this would take minutes to simulate and no screen could show it. */
const most = 4096;

export const simulate = defineKolbenCommand({
  name: 'simulate',
  description: 'compare pipeline schedules: bubble, waiting and memory under given times',
  examples: [
    'kolben simulate --schedule dualpipe --stages 8 --microbatches 20 --forward 1 --backward-input 1 --backward-weight 1 --transfer 0 --overlapped 3',
    'kolben simulate --schedule all --stages 4 --microbatches 16 --forward 18.5 --backward-input 18 --backward-weight 9.3 --transfer 0.6',
  ],
  args: {
    schedule: {
      type: 'string',
      required: true,
      description: `all, or one of ${scheduleNames.join(', ')}`,
      valueHint: 'name',
    },
    stages: {
      type: 'string',
      required: true,
      description: 'parts into which the model is cut, one for each chip (dualpipev: two; replicas: copies)',
      valueHint: 'P',
    },
    microbatches: { type: 'string', required: true, description: 'microbatches in a step', valueHint: 'M' },
    forward: { type: 'string', required: true, description: 'time of F on one part', valueHint: 'tF' },
    'backward-input': {
      type: 'string',
      required: true,
      description: 'time of B, the gradient of the input',
      valueHint: 'tB',
    },
    'backward-weight': {
      type: 'string',
      required: true,
      description: 'time of W, the gradient of the weights',
      valueHint: 'tW',
    },
    transfer: { type: 'string', default: '0', description: 'latency from chip to chip', valueHint: 'tC' },
    overlapped: {
      type: 'string',
      description: 'time of an overlapped F and whole backward pass of DualPipe (default tF + tB + tW)',
      valueHint: 'tFB',
    },
    chunks: {
      type: 'string',
      default: '2',
      description: 'stages on each chip of interleaved-1f1b',
      valueHint: 'v',
    },
    replicas: {
      type: 'string',
      default: '1',
      description: 'how often the whole schedule is there, each with a share of the microbatches',
      valueHint: 'R',
    },
    svg: { type: 'string', description: 'draw the timeline into this file', valueHint: 'file' },
  },
  async run(args, context) {
    const name = oneOf('--schedule', args.schedule, ['all', ...scheduleNames]);
    const counts = {
      stages: whole('--stages', args.stages, 1, most),
      microbatches: whole('--microbatches', args.microbatches, 1, most),
      chunks: whole('--chunks', args.chunks, 1, 64),
      replicas: whole('--replicas', args.replicas, 1, 64),
    };
    const times: PartTimes = {
      forward: time('--forward', args.forward),
      backwardInput: time('--backward-input', args['backward-input']),
      backwardWeight: time('--backward-weight', args['backward-weight']),
      transfer: time('--transfer', args.transfer),
      ...(args.overlapped === undefined ? {} : { overlapped: time('--overlapped', args.overlapped) }),
    };
    if (times.forward + times.backwardInput + times.backwardWeight === 0)
      throw new UsageError('--forward, --backward-input and --backward-weight cannot all be 0.');
    if (!isScheduleName(name)) {
      if (args.svg !== undefined)
        throw new UsageError('--svg draws one schedule: name it with --schedule instead of all.');
      return compared(scheduleNames.map((one) => attempt(one, counts, times)));
    }
    const summary = summarizeSchedule(name, counts, times);
    if (args.svg !== undefined) {
      const title = `${name}, ${counts.stages} stages, ${counts.microbatches} microbatches`;
      await writeFile(resolve(context.cwd, args.svg), timelineSvg(summary.timeline, { title }));
    }
    return {
      json: { schedule: name, ...figures(summary) },
      text: [
        tableOf([{ name, summary }]),
        '',
        `Bubble: ${bubbleRateDefinition}.`,
        ...(args.svg === undefined ? [] : [`The timeline is in ${args.svg}.`]),
      ].join('\n'),
    };
  },
});

function time(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new UsageError(`${name} must be a time of 0 or more, such as 1.5; it was '${text}'.`);
  return value;
}

/** Binary fractions of a sum of times leave dust behind the ninth decimal. */
function round(value: number): number {
  return Math.round(value * 1e9) / 1e9;
}

function figures(summary: ScheduleSummary) {
  return {
    makespan: round(summary.makespan),
    bubbleRate: round(summary.bubbleRate),
    bubbleRateDefinition,
    idlePerChip: summary.idlePerChip.map(round),
    peakActivations: summary.peakActivations.map(round),
    parametersPerChip: round(summary.parametersPerChip),
  };
}

type Attempt = { name: ScheduleName; summary: ScheduleSummary } | { name: ScheduleName; reason: string };

/** Some schedules can't be made with counts that suit others. */
function attempt(
  name: ScheduleName,
  counts: Parameters<typeof summarizeSchedule>[1],
  times: PartTimes,
): Attempt {
  try {
    return { name, summary: summarizeSchedule(name, counts, times) };
  } catch (error) {
    if (error instanceof ScheduleError) return { name, reason: error.message };
    throw error;
  }
}

function compared(attempts: readonly Attempt[]) {
  const made = attempts.filter((one) => 'summary' in one);
  const refused = attempts.filter((one) => 'reason' in one);
  return {
    json: {
      schedules: attempts.map((one) =>
        'summary' in one
          ? { schedule: one.name, ...figures(one.summary) }
          : { schedule: one.name, reason: one.reason },
      ),
    },
    text: [
      tableOf(made),
      '',
      `Bubble: ${bubbleRateDefinition}.`,
      'Activations and parameters: on the fullest chip, in parts of the model.',
      ...refused.map(({ reason }) => reason),
    ].join('\n'),
  };
}

function tableOf(made: readonly { name: string; summary: ScheduleSummary }[]): string {
  const rows = made.map(({ name, summary }) => [
    name,
    String(summary.schedule.chips.length),
    summary.makespan.toFixed(3),
    `${(100 * summary.bubbleRate).toFixed(2)} %`,
    Math.max(...summary.idlePerChip).toFixed(3),
    String(round(Math.max(...summary.peakActivations))),
    String(round(summary.parametersPerChip)),
  ]);
  const head = ['schedule', 'chips', 'makespan', 'bubble', 'idle', 'activations', 'parameters'];
  return table([head, ...rows], [1, 2, 3, 4, 5, 6], '');
}
