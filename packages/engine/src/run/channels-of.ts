/**
 * The channels of a run.
 *
 * @module
 */
import { Channel } from '../chips/channel.ts';
import { portBytes } from '../compile/port-bytes.ts';
import type { Port } from '../compile/program.ts';
import type { Stage } from '../compile/stages.ts';
import type { Schedule } from '../schedule/instruction.ts';
import { channelName } from './job.ts';
import { TrainError } from './train-error.ts';

type Channels = Readonly<Record<string, SharedArrayBuffer>>;

/**
 * For each chip, the memory of its channels by name: one for each payload, sending stage and pair of chips
 * that a send connects. It holds all messages of a step, so no send waits for a receive of its own step, and a schedule that
 * the checker has found free of deadlocks has none here.
 *
 * @throws TrainError when a dimension has no bound, or the messages of a step are too large.
 */
export function channelsOf(
  schedule: Schedule,
  stages: readonly Stage[],
  bounds: Readonly<Record<string, number>>,
): Channels[] {
  const needs = new Map<string, { bytes: number; ends: readonly number[] }>();
  for (const [chip, instructions] of schedule.chips.entries()) {
    for (const instruction of instructions) {
      if (instruction.kind !== 'send') continue;
      const { peer, payload, stage } = instruction;
      const name = channelName(chip, peer, payload, stage);
      const ports = payload === 'activation' ? stages[stage].sends : stages[stage].sendsGradients;
      const bytes = ports.reduce(
        (sum, port) => sum + boundedBytes(port, bounds),
        needs.get(name)?.bytes ?? 0,
      );
      needs.set(name, { bytes, ends: [chip, peer] });
    }
  }
  const channels = [...needs].map(([name, { bytes, ends }]) => ({ name, memory: memoryOf(bytes), ends }));
  return schedule.chips.map((_, chip) =>
    Object.fromEntries(
      channels.filter(({ ends }) => ends.includes(chip)).map(({ name, memory }) => [name, memory]),
    ),
  );
}

function boundedBytes(port: Port, bounds: Readonly<Record<string, number>>): number {
  try {
    return portBytes(port, bounds);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new TrainError(
      'train_bounds',
      `Channels cannot be sized: ${error.message}; add it to \`bounds\`.`,
      { cause: error },
    );
  }
}

function memoryOf(bytes: number): SharedArrayBuffer {
  try {
    return Channel.memory(bytes);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new TrainError(
      'train_channels',
      `A step sends ${bytes} bytes from one chip to another, more than memory can be had for; use fewer or smaller microbatches, or cut elsewhere.`,
      { cause: error },
    );
  }
}
