export { type CheckedSchedule, type CheckOptions, checkSchedule } from './check.ts';
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
export { type OneFOneBOptions, oneFOneB } from './one-f-one-b.ts';
export { ScheduleError, type ScheduleErrorReason, type SchedulePlace } from './schedule-error.ts';
export { type SequentialOptions, sequential } from './sequential.ts';
