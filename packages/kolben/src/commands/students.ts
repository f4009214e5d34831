/**
 * `kolben students`: the models you own.
 *
 * @module
 */
import { resolve } from 'node:path';
import type { ExportFormat, KnownStudent } from '@kolben/distill';
import { KolbenError } from '@kolben/engine/error';
import { promoteStudent, rollBackStudent } from '@kolben/gateway/students';
import { alphasOf, certifyStudent } from '@kolben/gateway/tasks';
import { defineKolbenCommand, type Group } from '../cli/command.ts';
import { UsageError } from '../cli/errors.ts';
import { fraction } from '../cli/options.ts';
import { plain } from '../cli/plain.ts';
import { table } from '../cli/table.ts';
import { writeWhole } from '../cli/write-whole.ts';
import { findConfig } from '../config/find-config.ts';
import { loadConfig } from '../config/load-config.ts';
import { storeArgs, withStore } from '../config/with-store.ts';
import { confidence, count, counted, percent } from '../progress/words.ts';
import { drawTrees } from '../students/draw-trees.ts';
import { registerStudent } from '../students/register-student.ts';

const exportFormats = Object.keys({ hf: true, onnx: true, gguf: true } satisfies Record<
  ExportFormat,
  true
>) as ExportFormat[];

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
      const currentOf = new Map<string, string | undefined>();
      const withdrawnOf = new Map<string, ReadonlySet<string>>();
      for (const { task } of all) {
        if (currentOf.has(task)) continue;
        currentOf.set(task, (await store.students.current(task))?.id);
        withdrawnOf.set(task, await store.watches.withdrawn(task));
      }
      const students = all.map((student) => ({
        ...student,
        current: currentOf.get(student.task) === student.id,
        withdrawn: withdrawnOf.get(student.task)!.has(student.digest),
      }));
      const rows = students.map((student) => [
        student.task,
        [student.current && 'current', student.withdrawn && 'withdrawn'].filter(Boolean).join(', '),
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
  description: 'make a student folder a student of a task, which it answers for if the task has none yet',
  examples: [
    'kolben students register mails ./mails-student',
    'kolben students register mails ./mails-student --promote',
  ],
  args: {
    task: { type: 'positional', required: true, description: 'the task' },
    directory: { type: 'positional', required: true, description: 'the student folder' },
    promote: {
      type: 'boolean',
      description: 'take the place of the student in service, although nothing has compared the two',
      default: false,
    },
    ...storeArgs,
  },
  run: (args, context) =>
    withStore(args, context, async (store) => {
      const { task } = args;
      const promote = args.promote || (await store.students.current(task)) === undefined;
      const registered = await registerStudent(store, task, resolve(context.cwd, args.directory), {
        promote,
      });
      return {
        json: { student: registered, promoted: promote },
        text: promote
          ? `${registered.directory} is now the student of ${task} (id ${registered.id}).`
          : `${registered.directory} is registered (id ${registered.id}), and the student in service stays. To put it into service: kolben students promote ${registered.id}`,
      };
    }),
});

const promote = defineKolbenCommand({
  name: 'promote',
  description: 'make a registered student the current one of its task, also while the gateway runs',
  examples: ['kolben students promote student_0198c2f0-5b1e-7cc0-8a52-0f6f7f0f4f1e'],
  args: {
    student: {
      type: 'positional',
      required: true,
      description: 'its id, as kolben students --json lists it',
    },
    ...storeArgs,
  },
  run: (args, context) =>
    withStore(args, context, async (store, config) => {
      const { student, before, withdrawnAt } = await promoteStudent(store, args.student, 'cli');
      if (config?.tasks[student.task]?.student !== undefined) context.note(pinnedNote(student.task));
      if (withdrawnAt !== null) context.note(withdrawnNote(student.task));
      return {
        json: { student, before, withdrawnAt },
        text:
          before === student.id
            ? `${student.id} is the student of ${student.task} already.`
            : `${student.id} is the student of ${student.task} now.`,
      };
    }),
});

const rollback = defineKolbenCommand({
  name: 'rollback',
  description: 'give a task back the student it had before, also while the gateway runs',
  examples: ['kolben students rollback mails', 'kolben students rollback mails --withdrawn'],
  args: {
    task: { type: 'positional', required: true, description: 'the task' },
    withdrawn: {
      type: 'boolean',
      description: 'also where that student is withdrawn: the teacher then answers until it is let again',
      default: false,
    },
    ...storeArgs,
  },
  run: (args, context) =>
    withStore(args, context, async (store, config) => {
      const { task } = args;
      if (config?.tasks[task]?.student !== undefined) context.note(pinnedNote(task));
      const back = await rollBackStudent(store, task, 'cli', { withdrawn: args.withdrawn });
      if (back.withdrawnAt !== null) context.note(withdrawnNote(task));
      return {
        json: { task, from: back.from.id, to: back.to.id, withdrawnAt: back.withdrawnAt },
        text: `${back.to.id} is the student of ${task} again (it was ${back.from.id}).`,
      };
    }),
});

const certify = defineKolbenCommand({
  name: 'certify',
  description: 'show what other alphas would certify of a student, or give it the certificate of one of them',
  examples: [
    'kolben students certify student_0198c2f0-5b1e-7cc0-8a52-0f6f7f0f4f1e',
    'kolben students certify student_0198c2f0-5b1e-7cc0-8a52-0f6f7f0f4f1e --alpha 0.02',
  ],
  args: {
    student: {
      type: 'positional',
      required: true,
      description: 'its id, as kolben students --json lists it',
    },
    alpha: {
      type: 'string',
      description: 'the largest share of disagreement to be claimed, one of those shown',
      valueHint: 'share',
    },
    ...storeArgs,
  },
  run: (args, context) =>
    withStore(args, context, async (store, config) => {
      if (args.alpha === undefined) {
        const { student, certificate, delta, choices } = await alphasOf(store, args.student);
        const rows = choices.map(({ alpha, certificate: one, disagreement }) =>
          one === null
            ? [percent(alpha), 'none', '', '']
            : [percent(alpha), percent(one.coverage), confidence(one.threshold), percent(disagreement ?? 0)],
        );
        return {
          json: { student: student.id, certificate, delta, choices },
          text: `${table([['alpha', 'answers', 'threshold', 'disagreed'], ...rows], [0, 1, 2, 3], '')}\nAll of them hold together with ${percent(1 - delta)} confidence, so any may be chosen: --alpha …`,
        };
      }
      const alpha = fraction('--alpha', args.alpha);
      const certified = await certifyStudent({
        ...{ store, student: args.student, alpha, actor: 'cli', signal: context.signal },
      });
      const { from, to, certificate, promoted } = certified;
      if (promoted && config?.tasks[to.task]?.student !== undefined) context.note(pinnedNote(to.task));
      return {
        json: { student: to, before: from.id, promoted },
        text: `${to.id} answers ${percent(certificate.coverage)} of calls at ≤ ${percent(alpha)} disagreement${promoted ? ` and is the student of ${to.task} now; 'kolben students rollback ${to.task}' puts ${from.id} back` : `; 'kolben students promote ${to.id}' puts it into service`}.`,
      };
    }),
});

function withdrawnNote(task: string): string {
  return `It is withdrawn, so the teacher answers every call of a cascade until 'kolben route ${task} cascade' lets it answer again.`;
}

function pinnedNote(task: string): string {
  return `The configuration names the student of ${task} (tasks.${task}.student), and that goes before the registered one: take it out there.`;
}

const exported = defineKolbenCommand({
  name: 'export',
  description:
    'write a student for other programs: as GGUF, as ONNX, or as a folder in Hugging Face’s layout',
  examples: [
    'kolben students export students/replies --to gguf --out replies.gguf',
    'kolben students export students/mails --to onnx --out mails.onnx --json',
  ],
  args: {
    student: { type: 'positional', required: true, description: 'the student folder' },
    to: { type: 'string', required: true, description: exportFormats.join(', '), valueHint: 'format' },
    out: {
      type: 'string',
      required: true,
      description: 'the file to write, or the folder for hf; nothing may be there',
      valueHint: 'path',
    },
    halves: { type: 'boolean', description: 'for gguf: keep matrices in float16, half the size' },
    internal: {
      type: 'boolean',
      description:
        "it stays in your own house: without this, the providers' terms are asked for third parties",
    },
    config: storeArgs.config,
  },
  async run(args, context) {
    const to = exportFormats.find((format) => format === args.to);
    if (to === undefined)
      throw new KolbenError(
        'export_format',
        `--to says ${JSON.stringify(args.to)}; the formats are ${exportFormats.join(', ')}.`,
      );
    if (args.halves && to !== 'gguf')
      throw new KolbenError('export_halves', `--halves goes with --to gguf only; leave it out for ${to}.`);
    const out = resolve(context.cwd, args.out);
    const directory = resolve(context.cwd, args.student);
    const configFile = findConfig(context.cwd, args.config);
    const { checkStudentTerms, exportStudent, readStudentFolder, termsWarnings } = await import(
      '@kolben/distill'
    );
    const terms = checkStudentTerms(await readStudentFolder(directory), {
      distribution: args.internal ? 'internal' : 'distributed',
      providers: configFile === undefined ? {} : (await loadConfig(configFile)).providers,
    });
    for (const warning of termsWarnings(terms)) context.note(`Note: ${warning}`);
    const phase = context.progress.phase('Exporting');
    const report = await exportStudent(directory, {
      to,
      out,
      halves: args.halves ?? false,
      signal: context.signal,
    }).finally(() => phase.stop());
    return {
      json: { ...report, terms: { ...terms } },
      text: `${plain(out)} is written: ${count(report.bytes)} bytes (${to}).`,
    };
  },
});

const tree = defineKolbenCommand({
  name: 'tree',
  description: 'draw which student followed which, with what each comes from',
  examples: ['kolben students tree --task mails', 'kolben students tree ./first,./second --json'],
  args: {
    folders: {
      type: 'positional',
      required: false,
      description: 'student folders that are not registered, separated by commas',
    },
    task: { type: 'string', description: 'only students of this task', valueHint: 'task' },
    ...storeArgs,
  },
  async run(args, context) {
    const folders = (args.folders ?? '')
      .split(',')
      .filter((folder) => folder.trim() !== '')
      .map((folder) => resolve(context.cwd, folder.trim()));
    const { familyTrees, knownStudent, registeredStudent } = await import('@kolben/distill');
    const known: KnownStudent[] = [];
    for (const folder of folders) known.push(await knownStudent(folder));
    const stored = args.data !== undefined || findConfig(context.cwd, args.config) !== undefined;
    if (!stored && folders.length === 0)
      throw new UsageError(
        'kolben students tree needs a configuration, --data, or the folders of students to draw.',
      );
    if (stored)
      await withStore(args, context, async (store) => {
        for (const { directory, digest, task } of await store.students.list())
          if (!known.some((student) => student.digest === digest))
            known.push(await registeredStudent({ directory, digest, task }));
      });
    const trees = familyTrees(
      args.task === undefined ? known : known.filter(({ task }) => task === args.task),
    );
    return {
      json: { students: trees },
      text: trees.length === 0 ? 'There are no students to draw.' : drawTrees(trees),
    };
  },
});

const card = defineKolbenCommand({
  name: 'card',
  description: 'write the model card of a student, with what is left for whoever puts it to use',
  examples: [
    'kolben students card my-student',
    'kolben students card my-student --purpose "Sorts support mails" --contact ml@example.com --out card.md',
  ],
  args: {
    student: { type: 'positional', required: true, description: 'the student folder' },
    purpose: { type: 'string', description: 'what it is used for, in a sentence', valueHint: 'sentence' },
    contact: { type: 'string', description: 'who answers for it', valueHint: 'address' },
    out: { type: 'string', description: 'the file to write; without it, standard output', valueHint: 'file' },
  },
  async run(args, context) {
    const { studentCard } = await import('@kolben/distill');
    const text = await studentCard(resolve(context.cwd, args.student), {
      ...(args.purpose !== undefined && { purpose: args.purpose }),
      ...(args.contact !== undefined && { contact: args.contact }),
    });
    const left = text.split('[To be filled in:').length - 1;
    if (args.out === undefined) return { json: { card: text, left }, text: text.trimEnd() };
    await writeWhole('--out', args.out, text, context.cwd);
    return {
      json: { file: args.out, left },
      text: `The card is in ${args.out}; ${counted(left, 'entry', 'entries')} are left to fill in.`,
    };
  },
});

export const students: Group = {
  name: 'students',
  description: 'list, register, promote, roll back, certify, export, trace and describe the students you own',
  commands: [list, register, promote, rollback, certify, exported, tree, card],
  default: 'list',
};
