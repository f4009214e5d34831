export { type CheckedSchedule, type CheckOptions, checkSchedule } from './check.ts';
export { describeInstruction, formatInstruction, formatSchedule } from './format.ts';
export { type OrderedPass, type Orders, scheduleFromOrders } from './from-orders.ts';
export { type GPipeOptions, gpipe } from './gpipe.ts';
export type {
  Instruction,
  PassInstruction,
  Payload,
  Schedule,
  StageInstruction,
  TransferInstruction,
} from './instruction.ts';
export { type OneFOneBOptions, oneFOneB } from './one-f-one-b.ts';
export { ScheduleError, type ScheduleErrorReason, type SchedulePlace } from './schedule-error.ts';
export { type SequentialOptions, sequential } from './sequential.ts';
