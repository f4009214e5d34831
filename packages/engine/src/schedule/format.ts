/**
 * Schedules and instructions in words and in the short form of the literature, for people and error messages.
 *
 * @module
 */
import { type Instruction, passesOf, type Schedule, stagesOn } from './instruction.ts';

/** One instruction in words: `receive of the activation of microbatch 3 for stage 1 from chip 0`. */
export function describeInstruction(instruction: Instruction): string {
  switch (instruction.kind) {
    case 'forward':
      return `forward of microbatch ${instruction.microbatch} on stage ${instruction.stage}`;
    case 'backwardInput':
      return `input gradient of microbatch ${instruction.microbatch} on stage ${instruction.stage}`;
    case 'backwardWeight':
      return `weight gradient of microbatch ${instruction.microbatch} on stage ${instruction.stage}`;
    case 'send':
      return `send of the ${instruction.payload} of microbatch ${instruction.microbatch} from stage ${instruction.stage} to chip ${instruction.peer}`;
    case 'receive':
      return `receive of the ${instruction.payload} of microbatch ${instruction.microbatch} for stage ${instruction.stage} from chip ${instruction.peer}`;
    case 'overlapped':
      return `overlapped pair of ${passesOf(instruction)
        .slice(0, 2)
        .map((pass) => describeInstruction(pass))
        .join(' and ')}`;
    case 'update':
    case 'scatter':
    case 'gather':
      return `${instruction.kind} of stage ${instruction.stage}${instruction.copy > 0 ? `, copy ${instruction.copy}` : ''}`;
  }
}

/**
 * One instruction in the short form: `F3`, `B3`, `W3`, `[F3&B1]` (an overlapped pair), `U`, `S` (scatter),
 * `G` (gather), and for transfers `>a3` (activation of microbatch 3 sent), `<a3` (received), `>g3`, `<g3` (gradients). `withStage` adds the stage:
 * `F3.1`, `U.1`.
 */
export function formatInstruction(instruction: Instruction, withStage = false): string {
  if (instruction.kind === 'overlapped')
    return `[${passesOf(instruction)
      .slice(0, 2)
      .map((pass) => formatInstruction(pass, withStage))
      .join('&')}]`;
  const stage = withStage ? `.${instruction.stage}` : '';
  switch (instruction.kind) {
    case 'forward':
      return `F${instruction.microbatch}${stage}`;
    case 'backwardInput':
      return `B${instruction.microbatch}${stage}`;
    case 'backwardWeight':
      return `W${instruction.microbatch}${stage}`;
    case 'send':
      return `>${instruction.payload === 'activation' ? 'a' : 'g'}${instruction.microbatch}${stage}`;
    case 'receive':
      return `<${instruction.payload === 'activation' ? 'a' : 'g'}${instruction.microbatch}${stage}`;
    case 'update':
      return `U${stage}`;
    case 'scatter':
      return `S${stage}`;
    case 'gather':
      return `G${stage}`;
  }
}

/**
 * One line for each chip, `F0 F1 B0 W0 U`: compact by default, with every send and receive when `transfers` is
 * set. A chip that holds several stages shows the stage of each instruction.
 */
export function formatSchedule(schedule: Schedule, options: { transfers?: boolean } = {}): string {
  const lines = schedule.chips.map((instructions, chip) => {
    const severalStages = stagesOn(schedule, chip).length > 1;
    return instructions
      .filter(({ kind }) => options.transfers || (kind !== 'send' && kind !== 'receive'))
      .map((instruction) => formatInstruction(instruction, severalStages))
      .join(' ');
  });
  return lines.join('\n');
}
