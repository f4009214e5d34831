/**
 * From turns to figures, and from figures to what was promised.
 *
 * @module
 */
import type { EngineTurn } from './engine-task.ts';
import type { Measured } from './rounds.ts';
import { type Spread, spreadOf } from './statistics.ts';

/** One contestant's speed. */
export interface Speed {
  readonly name: string;
  readonly stepMilliseconds: Spread;
  readonly tokensPerSecond: Spread;
}

/** A promise, and what came of it. */
export interface Verdict {
  readonly what: string;
  /** At least, or at most. */
  readonly target: number;
  readonly bound: 'at least' | 'at most';
  readonly measured: Spread;
  readonly isMet: boolean;
}

/** @param tokens in a step of all members together */
export function speedOf({ name, steps, turns }: Measured, tokens: number): Speed {
  const rates = turns.map((turn) => rateOf(turn, steps, tokens));
  return {
    name,
    stepMilliseconds: spreadOf(rates.map((rate) => (tokens / rate) * 1000)),
    tokensPerSecond: spreadOf(rates),
  };
}

/** Members that work at the same time add up, each at its own rate with its part of the tokens. */
function rateOf(turn: readonly { seconds: number }[], steps: number, tokens: number): number {
  return turn.reduce((sum, { seconds }) => sum + ((tokens / turn.length) * steps) / seconds, 0);
}

/** How many times faster `one` is, round by round. */
export function ratio(one: Measured, other: Measured, tokens: number): Spread {
  return spreadOf(
    one.turns.map(
      (turn, round) => rateOf(turn, one.steps, tokens) / rateOf(other.turns[round], other.steps, tokens),
    ),
  );
}

/** The contestant with the shortest median step. */
export function fastest(measured: readonly Measured[], tokens: number): Measured {
  const time = (one: Measured) => speedOf(one, tokens).stepMilliseconds.median;
  return measured.reduce((best, one) => (time(one) < time(best) ? one : best));
}

export function atLeast(what: string, target: number, measured: Spread): Verdict {
  return { what, target, bound: 'at least', measured, isMet: measured.median >= target };
}

export function atMost(what: string, target: number, measured: Spread): Verdict {
  return { what, target, bound: 'at most', measured, isMet: measured.median <= target };
}

/** How a pipeline did beside its own simulation: real time over simulated, and the smaller of its chips' busy shares. */
export function pipelineFigures({ turns }: Measured): { overSimulated: Spread; busyShare: Spread } {
  const own = turns.map(([turn]) => turn as EngineTurn);
  return {
    overSimulated: spreadOf(own.map(({ seconds, simulatedSeconds }) => seconds / simulatedSeconds)),
    busyShare: spreadOf(own.map(({ busyShares = [0] }) => Math.min(...busyShares))),
  };
}
