export { type CheckedSchedule, type CheckOptions, checkSchedule } from './check.ts';
export { type DualPipeOptions, dualPipe } from './dualpipe.ts';
export { type DualPipeVOptions, dualPipeV } from './dualpipe-v.ts';
export { describeInstruction, formatInstruction, formatSchedule } from './format.ts';
export { type OrderedPass, type Orders, scheduleFromOrders } from './from-orders.ts';
export { type GPipeOptions, gpipe } from './gpipe.ts';
export {
  chipOf,
  type Instruction,
  type OverlappedInstruction,
  type PassInstruction,
  type Payload,
  passesOf,
  type Schedule,
  type StageCopy,
  type StageInstruction,
  stagesOn,
  type TransferInstruction,
} from './instruction.ts';
export { type InterleavedOptions, interleaved } from './interleaved.ts';
export { type OneFOneBOptions, oneFOneB } from './one-f-one-b.ts';
export { type ReplicasOptions, replicas, replicated } from './replicas.ts';
export { ScheduleError, type ScheduleErrorReason, type SchedulePlace } from './schedule-error.ts';
export {
  isScheduleName,
  type MadeSchedule,
  makeSchedule,
  mostInstructions,
  type ScheduleCounts,
  type ScheduleName,
  scheduleNames,
} from './schedules.ts';
export { type SequentialOptions, sequential } from './sequential.ts';
export { withExchanges } from './with-exchanges.ts';
export { type ZbVOptions, zbV } from './zb-v.ts';
export { type ZeroBubbleOptions, zbH1, zbH2 } from './zero-bubble.ts';
