/**
 * A program on several chips, and many inputs of differing length that it runs on in groups.
 *
 * @module
 */
import type { Chip, LoadedProgram } from '@kolben/engine';

export interface OnChips {
  /**
   * Calls `run` with each group of inputs, by their numbers: those of like length together, each chip with the next
   * group when it has done one.
   *
   * @param lengths of the inputs, in bytes or tokens
   * @param atOnce how many of those a group may hold, filled up to its longest input
   */
  inGroups(
    lengths: readonly number[],
    atOnce: number,
    run: (program: LoadedProgram, group: readonly number[]) => Promise<void>,
  ): Promise<void>;
  release(): Promise<void>;
}

export async function loadOnChips(onnx: Uint8Array, chips: readonly Chip[]): Promise<OnChips> {
  const loaded = await Promise.all(chips.map((chip) => chip.load(onnx)));
  /** Questions that each chip is at work on: they come from several callers at once. */
  const busy = loaded.map(() => 0);
  let turn = 0;
  return {
    async inGroups(lengths, atOnce, run) {
      const groups = groupsByLength(lengths, atOnce);
      // Whoever has least to do comes first; where all have as much, they take turns.
      const first = turn++ % loaded.length;
      const order = loaded
        .map((_, i) => (first + i) % loaded.length)
        .sort((a, b) => busy[a] - busy[b])
        .slice(0, groups.length);
      await Promise.all(
        order.map(async (chip) => {
          busy[chip] += 1;
          try {
            for (let group = groups.pop(); group; group = groups.pop()) await run(loaded[chip], group);
          } finally {
            busy[chip] -= 1;
          }
        }),
      );
    },
    async release() {
      await Promise.all(loaded.map((program) => program.release()));
    },
  };
}

/** Numbers of inputs, those of like length together, so that little is filled up; the longest groups come last. */
export function groupsByLength(lengths: readonly number[], atOnce: number): number[][] {
  const order = lengths.map((_, i) => i).sort((a, b) => lengths[a] - lengths[b] || a - b);
  const groups: number[][] = [];
  for (const index of order) {
    const last = groups.at(-1);
    // The longest of a group comes last.
    if (last && (last.length + 1) * lengths[index] <= atOnce) last.push(index);
    else groups.push([index]);
  }
  return groups;
}
