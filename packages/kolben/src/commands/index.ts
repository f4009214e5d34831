/**
 * Every command, in the order in which the help lists them.
 *
 * A command is loaded when it is called: the kernels and the database take longer to load than a help page to read.
 *
 * @module
 */
import type { Command, Group } from '../cli/command.ts';

export interface Entry {
  name: string;
  /** As the command itself describes itself; here so that the list of commands loads none of them. */
  description: string;
  load(): Promise<Command | Group>;
}

export const commands: readonly Entry[] = [
  {
    name: 'init',
    description: 'write a commented kolben.config.ts into the working folder',
    load: async () => (await import('./init.ts')).init,
  },
  {
    name: 'up',
    description: 'start the gateway; it is ready when it prints its address',
    load: async () => (await import('./up.ts')).up,
  },
  {
    name: 'dataset',
    description: 'freeze a dataset of examples or recorded calls into a folder, or show one',
    load: async () => (await import('./dataset.ts')).dataset,
  },
  {
    name: 'distill',
    description: 'train and certify a student, from a file of examples or from recorded calls',
    load: async () => (await import('./distill.ts')).distill,
  },
  {
    name: 'runs',
    description: 'the trainings of students: list, show, stop and resume them, wherever they are executed',
    load: async () => (await import('./runs.ts')).runs,
  },
  {
    name: 'label',
    description: "have a task's teacher answer inputs that have no answer yet, under a price cap",
    load: async () => (await import('./label.ts')).label,
  },
  {
    name: 'eval',
    description: 'measure a student on examples that have answers',
    load: async () => (await import('./eval.ts')).evaluate,
  },
  {
    name: 'answer',
    description: 'ask a student about one text',
    load: async () => (await import('./answer.ts')).answer,
  },
  {
    name: 'explain',
    description: 'show which words decided a student’s answer, and what it learned from that is like them',
    load: async () => (await import('./explain.ts')).explain,
  },
  {
    name: 'students',
    description:
      'list, register, promote, roll back, certify, export, trace and describe the students you own',
    load: async () => (await import('./students.ts')).students,
  },
  {
    name: 'route',
    description: "show the tasks' routes, or switch one, also while the gateway runs",
    load: async () => (await import('./route.ts')).route,
  },
  {
    name: 'watch',
    description:
      'take tasks from their first calls to a student in daily work, by the rules of the configuration',
    load: async () => (await import('./watch.ts')).watch,
  },
  {
    name: 'events',
    description: 'what happened to the tasks’ students and routes, and why, newest first',
    load: async () => (await import('./events.ts')).events,
  },
  {
    name: 'drift',
    description: 'whether a task’s calls still look as those that its student was calibrated on',
    load: async () => (await import('./drift.ts')).drift,
  },
  {
    name: 'providers',
    description: 'list the providers, or try each and see what a ban would leave without a teacher',
    load: async () => (await import('./providers.ts')).providers,
  },
  {
    name: 'keys',
    description: 'create, list, limit, exchange and revoke the keys of the gateway',
    load: async () => (await import('./keys.ts')).keys,
  },
  {
    name: 'calls',
    description: 'list recorded calls, decide who was right, export them as examples, or delete their words',
    load: async () => (await import('./calls.ts')).calls,
  },
  {
    name: 'ledger',
    description: 'what the calls cost, and what the teacher alone would have cost',
    load: async () => (await import('./ledger.ts')).ledger,
  },
  {
    name: 'economics',
    description: 'what a task costs a month with and without a student, and when a student pays for itself',
    load: async () => (await import('./economics.ts')).economics,
  },
  {
    name: 'audit',
    description: 'list what administrators did, newest first: keys, routes, students, deletions',
    load: async () => (await import('./audit.ts')).audit,
  },
  {
    name: 'budgets',
    description: 'what a month may cost, has cost and has left: all calls, each task, each key',
    load: async () => (await import('./budgets.ts')).budgets,
  },
  {
    name: 'store',
    description: 'copy the store to a Postgres server or back, back it up, restore it, and change its key',
    load: async () => (await import('./store.ts')).store,
  },
  {
    name: 'doctor',
    description: 'look at a running installation and say what is open, with the way out',
    load: async () => (await import('./doctor.ts')).doctor,
  },
  {
    name: 'plan',
    description: 'measure the chips and weigh the ways to spread a training over them',
    load: async () => (await import('./plan.ts')).plan,
  },
  {
    name: 'simulate',
    description: 'compare pipeline schedules: bubble, waiting and memory under given times',
    load: async () => (await import('./simulate.ts')).simulate,
  },
];
