/**
 * Measures contestants in turn, round after round, so that what the machine does meanwhile meets all of them.
 *
 * @module
 */
import { KolbenError } from '@kolben/engine';
import type { Turn } from './contestant.ts';

/** One contestant, or several that are let go at the same time. */
export interface Entry {
  readonly name: string;
  /** Steps that it does in a turn: as many as make about a second. */
  readonly steps: number;
  readonly members: readonly { step(count: number): Promise<Turn> }[];
  /** Whether its losses are those of the whole batch from the same weights on. */
  readonly comparable: boolean;
}

/** What an entry did in the rounds that count. */
export interface Measured<T extends Turn = Turn> {
  readonly name: string;
  readonly steps: number;
  /** By round, then by member. */
  readonly turns: readonly (readonly T[])[];
}

/** Rounds that count, and those before them, in which memory is touched for the first time. */
export const rounds = 7;
export const warmUpRounds = 2;

/** The first steps of all entries, whose losses must agree to this share of themselves. */
export const firstSteps = 3;
export const tolerance = 1e-4;

export interface RoundOptions {
  readonly progress: (line: string) => void;
  readonly signal: AbortSignal;
}

/** @throws KolbenError (`bench_losses`) where a contestant doesn't compute what the first does. */
export async function measureRounds(
  entries: readonly Entry[],
  { progress, signal }: RoundOptions,
): Promise<Measured[]> {
  let expected: { name: string; losses: readonly number[] } | undefined;
  for (const { name, members, comparable } of entries) {
    signal.throwIfAborted();
    const turns = await Promise.all(members.map((member) => member.step(firstSteps)));
    if (!comparable) continue;
    const { losses } = turns[0];
    expected ??= { name, losses };
    requireAgreement(expected, { name, losses });
  }
  const measured = entries.map(({ name, steps }) => ({ name, steps, turns: [] as Turn[][] }));
  for (let round = -warmUpRounds; round < rounds; round++) {
    progress(round < 0 ? 'warming up' : `round ${round + 1} of ${rounds}`);
    for (const [i, { members, steps }] of entries.entries()) {
      signal.throwIfAborted();
      const turns = await Promise.all(members.map((member) => member.step(steps)));
      if (round >= 0) measured[i].turns.push(turns);
    }
  }
  return measured;
}

function requireAgreement(
  one: { name: string; losses: readonly number[] },
  other: { name: string; losses: readonly number[] },
): void {
  for (const [step, loss] of one.losses.entries()) {
    const theirs = other.losses[step];
    if (Math.abs(theirs - loss) <= tolerance * Math.abs(loss)) continue;
    throw new KolbenError(
      'bench_losses',
      `From the same weights and batches, "${one.name}" has the loss ${loss} in step ${step} and "${other.name}" ${theirs}: they don't train the same model, so their times say nothing.`,
    );
  }
}
