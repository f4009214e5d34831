/**
 * `kolben students`: the models you own.
 *
 * @module
 */
import { resolve } from 'node:path';
import { defineKolbenCommand, type Group } from '../cli/command.ts';
import { table } from '../cli/table.ts';
import { storeArgs, withStore } from '../config/with-store.ts';
import { percent } from '../progress/words.ts';
import { registerStudent } from '../students/register-student.ts';
import { exported } from './students-export.ts';

/** What a certificate says, in one cell. */
function inShort(certificate: Record<string, unknown> | null): string {
  if (certificate === null) return 'none';
  const { alpha, coverage } = certificate as { alpha: number; coverage: number };
  return `answers ${percent(coverage)} at ≤ ${percent(alpha)} disagreement`;
}

const list = defineKolbenCommand({
  name: 'list',
  description: 'list the registered students, newest first',
  examples: ['kolben students', 'kolben students list --task mails --json'],
  args: {
    task: { type: 'string', description: 'only students of this task', valueHint: 'task' },
    ...storeArgs,
  },
  run: (args, context) =>
    withStore(args, context, async (store) => {
      const all = await store.students.list(args.task);
      const currentOf = new Set<string>();
      const students = all.map((student) => {
        const current = !currentOf.has(student.task);
        currentOf.add(student.task);
        return { ...student, current };
      });
      const rows = students.map((student) => [
        student.task,
        student.current ? 'current' : '',
        student.createdAt.toISOString().slice(0, 16).replace('T', ' '),
        inShort(student.certificate),
        student.directory,
      ]);
      return {
        json: { students },
        text:
          students.length === 0
            ? "There are no students yet: 'kolben distill --task <task>' trains one from recorded calls."
            : table([['task', '', 'registered', 'certificate', 'folder'], ...rows], [], ''),
      };
    }),
});

const register = defineKolbenCommand({
  name: 'register',
  description: 'make a student folder the current student of a task',
  examples: ['kolben students register mails ./mails-student'],
  args: {
    task: { type: 'positional', required: true, description: 'the task' },
    directory: { type: 'positional', required: true, description: 'the student folder' },
    ...storeArgs,
  },
  run: (args, context) =>
    withStore(args, context, async (store) => {
      const registered = await registerStudent(store, args.task, resolve(context.cwd, args.directory));
      return {
        json: { student: registered },
        text: `${registered.directory} is now the student of ${args.task} (id ${registered.id}).`,
      };
    }),
});

export const students: Group = {
  name: 'students',
  description: 'list the students you own, register or export one',
  commands: [list, register, exported],
  default: 'list',
};
