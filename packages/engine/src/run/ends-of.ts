import { type Instruction, passesOf } from '../schedule/instruction.ts';

/** A microbatch on a stage. */
export interface Place {
  readonly stage: number;
  readonly microbatch: number;
}

/** After which positions of the list a microbatch has no more to do on a stage. */
export function endsOf(instructions: readonly Instruction[]): Map<number, Place[]> {
  const last = new Map<string, { position: number; place: Place }>();
  for (const [position, instruction] of instructions.entries()) {
    const places = 'peer' in instruction ? [instruction] : passesOf(instruction);
    for (const place of places) last.set(`${place.stage} ${place.microbatch}`, { position, place });
  }
  const ends = new Map<number, Place[]>();
  for (const { position, place } of last.values()) ends.set(position, [...(ends.get(position) ?? []), place]);
  return ends;
}
