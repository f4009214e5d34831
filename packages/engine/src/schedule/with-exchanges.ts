import { exchangePartners, sharersOf } from './holders.ts';
import type { Instruction, Schedule, StageInstruction } from './instruction.ts';

/**
 * `schedule` for a model in which the stages of each group in `shared` have parameters in common: with an exchange
 * wherever parameters live on several chips, since stages have copies or share them, and with none elsewhere.
 *
 * A stage hands its gradients out (`scatter`) where its update stood, right after its last weight gradient. Updates
 * and gathers of all that is exchanged come last, in the same order: a chip has handed out everything before it
 * waits for anything. Where all that share a parameter are on one chip there is nothing to exchange; their updates
 * come after the weight gradients of them all.
 *
 * Any schedule will do, with exchanges or without; one that was made by this function for the same groups stays as
 * it is.
 */
export function withExchanges(schedule: Schedule, shared: readonly (readonly number[])[]): Schedule {
  const made: Schedule = { ...schedule, shared: shared.map((stages) => [...stages]) };
  const copies = made.placement.length;
  const homes = exchangePartners(made).map((partners, stage): Home => {
    if (partners.length > 0) return 'exchanged';
    return sharersOf(made, stage).length > copies ? 'shared on one chip' : 'alone';
  });
  return { ...made, chips: schedule.chips.map((list) => withExchange(homes, list)) };
}

/** Where the parameters of a stage live, and whether others use them. */
type Home = 'exchanged' | 'shared on one chip' | 'alone';

function withExchange(homes: readonly Home[], list: readonly Instruction[]): Instruction[] {
  const kept: Instruction[] = [];
  const shared: StageInstruction[] = [];
  const updates: StageInstruction[] = [];
  for (const instruction of withoutExchange(list)) {
    if (instruction.kind !== 'update') {
      kept.push(instruction);
    } else if (homes[instruction.stage] === 'exchanged') {
      kept.push({ ...instruction, kind: 'scatter' });
      updates.push(instruction);
    } else if (homes[instruction.stage] === 'shared on one chip') {
      shared.push(instruction);
    } else {
      kept.push(instruction);
    }
  }
  const gathers = updates.map((update): StageInstruction => ({ ...update, kind: 'gather' }));
  return [...kept, ...shared, ...updates, ...gathers];
}

/** The same list with plain updates, where the scatters were if there were any. */
function withoutExchange(list: readonly Instruction[]): Instruction[] {
  const keyOf = ({ stage, copy }: StageInstruction) => `${stage} ${copy}`;
  const scattered = new Set(list.flatMap((one) => (one.kind === 'scatter' ? [keyOf(one)] : [])));
  return list.flatMap((one): Instruction[] => {
    if (one.kind === 'gather' || (one.kind === 'update' && scattered.has(keyOf(one)))) return [];
    return [one.kind === 'scatter' ? { ...one, kind: 'update' } : one];
  });
}
