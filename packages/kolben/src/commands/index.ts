/**
 * Every command, in the order in which the help lists them.
 *
 * @module
 */
import type { Command, Group } from '../cli/command.ts';
import { answer } from './answer.ts';
import { calls } from './calls.ts';
import { distill } from './distill.ts';
import { evaluate } from './eval.ts';
import { init } from './init.ts';
import { keys } from './keys.ts';
import { ledger } from './ledger.ts';
import { route } from './route.ts';
import { students } from './students.ts';
import { up } from './up.ts';

export const commands: readonly (Command | Group)[] = [
  init,
  up,
  distill,
  evaluate,
  answer,
  students,
  route,
  keys,
  calls,
  ledger,
];
