/**
 * `kolben simulate`: what a pipeline schedule would cost, without a model and without chips.
 *
 * @module
 */
import { setImmediate as turn } from 'node:timers/promises';
import {
  bubbleRateDefinition,
  isScheduleName,
  mostInstructions,
  type PartTimes,
  type ScheduleCounts,
  ScheduleError,
  type ScheduleName,
  type ScheduleSummary,
  scheduleNames,
  summarizeSchedule,
  timelineSvg,
} from '@kolben/engine';
import { defineKolbenCommand } from '../cli/command.ts';
import { UsageError } from '../cli/errors.ts';
import { oneOf, time, whole } from '../cli/options.ts';
import { table } from '../cli/table.ts';
import { writeWhole } from '../cli/write-whole.ts';
import { count } from '../progress/words.ts';

/** More than this no screen could show. */
const most = 4096;

/** Measured: each takes about 7 µs and 0.8 kB, so this many take some seconds and less than half a gigabyte. */
const instructionLimit = 500_000;

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
      const attempts: Attempt[] = [];
      for (const one of scheduleNames) {
        // A turn of the event loop, in which Ctrl-C is heard.
        await turn();
        context.signal.throwIfAborted();
        attempts.push(attempt(one, counts, times));
      }
      return compared(attempts);
    }
    const problem = sizeProblem(name, counts);
    if (problem !== undefined) throw new UsageError(problem);
    const summary = summarizeSchedule(name, counts, times);
    if (args.svg !== undefined) {
      const title = `${name}, ${counts.stages} stages, ${counts.microbatches} microbatches`;
      await writeWhole('--svg', args.svg, timelineSvg(summary.timeline, { title }), context.cwd);
    }
    const made = figures(name, summary);
    return {
      json: made.json,
      text: [
        tableOf([made]),
        '',
        `Bubble: ${bubbleRateDefinition}.`,
        ...(args.svg === undefined ? [] : [`The timeline is in ${args.svg}.`]),
      ].join('\n'),
    };
  },
});

/** Why a schedule of these counts isn't simulated; undefined if it is. */
function sizeProblem(name: ScheduleName, counts: ScheduleCounts): string | undefined {
  const size = mostInstructions(name, counts);
  if (size <= instructionLimit) return undefined;
  return `Schedule ${name} would have up to ${count(size)} instructions with these counts, and at most ${count(instructionLimit)} are simulated: give fewer --stages or --microbatches.`;
}

/** What is told of a schedule, without the schedule itself, which may be large. */
interface Figures {
  chips: number;
  json: {
    schedule: ScheduleName;
    makespan: number;
    bubbleRate: number;
    bubbleRateDefinition: string;
    idlePerChip: number[];
    peakActivations: number[];
    parametersPerChip: number;
  };
}

function figures(schedule: ScheduleName, summary: ScheduleSummary): Figures {
  // Binary fractions of a sum of times leave dust behind the twelfth digit.
  const decimals = 12 - Math.ceil(Math.log10(summary.makespan));
  return {
    chips: summary.schedule.chips.length,
    json: {
      schedule,
      makespan: round(summary.makespan, decimals),
      bubbleRate: round(summary.bubbleRate, 9),
      bubbleRateDefinition,
      idlePerChip: summary.idlePerChip.map((idle) => round(idle, decimals)),
      peakActivations: summary.peakActivations.map((peak) => round(peak, 9)),
      parametersPerChip: round(summary.parametersPerChip, 9),
    },
  };
}

/** @param decimals up to 100; where negative, none */
function round(value: number, decimals: number): number {
  // Dust below zero would be shown as -0.
  return Number(value.toFixed(Math.max(0, decimals))) || 0;
}

type Attempt = Figures | { name: ScheduleName; reason: string };

/** Some schedules can't be made with counts that suit others. */
function attempt(name: ScheduleName, counts: ScheduleCounts, times: PartTimes): Attempt {
  try {
    const problem = sizeProblem(name, counts);
    return problem === undefined
      ? figures(name, summarizeSchedule(name, counts, times))
      : { name, reason: problem };
  } catch (error) {
    if (error instanceof ScheduleError) return { name, reason: error.message };
    throw error;
  }
}

function compared(attempts: readonly Attempt[]) {
  const made = attempts.filter((one) => 'json' in one);
  const refused = attempts.filter((one) => 'reason' in one);
  if (made.length === 0)
    throw new UsageError(`No schedule can be simulated with these counts. ${refused[0]!.reason}`);
  return {
    json: {
      schedules: attempts.map((one) =>
        'json' in one ? one.json : { schedule: one.name, reason: one.reason },
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

function tableOf(made: readonly Figures[]): string {
  const shortest = Math.min(...made.map(({ json }) => json.makespan));
  // Three decimals, or where times are short as many significant digits.
  const decimals = 3 + Math.max(0, -Math.floor(Math.log10(shortest)));
  const rows = made.map(({ chips, json }) => [
    json.schedule,
    String(chips),
    json.makespan.toFixed(decimals),
    `${(100 * json.bubbleRate).toFixed(2)} %`,
    highest(json.idlePerChip).toFixed(decimals),
    String(highest(json.peakActivations)),
    String(json.parametersPerChip),
  ]);
  const head = ['schedule', 'chips', 'makespan', 'bubble', 'idle', 'activations', 'parameters'];
  return table([head, ...rows], [1, 2, 3, 4, 5, 6], '');
}

function highest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}
