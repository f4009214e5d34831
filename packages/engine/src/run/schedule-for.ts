import type { Stage } from '../compile/stages.ts';
import type { Schedule } from '../schedule/instruction.ts';
import { withExchanges } from '../schedule/with-exchanges.ts';
import { sharedStages } from './shared-stages.ts';

/** `schedule` as these stages need it: with the exchanges that their common parameters ask for. */
export function scheduleFor(stages: readonly Pick<Stage, 'parameters'>[], schedule: Schedule): Schedule {
  const shared = sharedStages(stages);
  return JSON.stringify(shared) === JSON.stringify(schedule.shared)
    ? schedule
    : withExchanges(schedule, shared);
}
