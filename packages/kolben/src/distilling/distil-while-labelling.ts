/**
 * `kolben distill --label`: the teacher answers, and a student is trained meanwhile.
 *
 * @module
 */
import { relative, resolve } from 'node:path';
import type { FactoryOptions } from '@kolben/distill';
import type { ParsedArgs } from 'citty';
import type { Context, Output } from '../cli/command.ts';
import { UsageError } from '../cli/errors.ts';
import { redactOf } from '../config/redact-of.ts';
import { type storeArgs, withStore } from '../config/with-store.ts';
import { CHOICE_SEED, type labelArgs, readLabelArgs } from '../labelling/label-args.ts';
import { checkLabelled, withTeacher } from '../labelling/with-teacher.ts';
import { showDistill } from '../progress/show-distill.ts';
import { count, counted, dollars } from '../progress/words.ts';
import { outcomeOf, recordTraining } from '../runs/record-training.ts';
import { placeInWords } from '../students/distill-recorded.ts';
import { registerStudent } from '../students/register-student.ts';
import { studentInService } from '../students/student-in-service.ts';
import { type Begun, settingsFor } from './begun.ts';
import { inJson, inWords } from './distilled-in-words.ts';
import { writeReport } from './write-report.ts';

export async function distilWhileLabelling(
  args: {
    readonly examples?: string | undefined;
    readonly out?: string | undefined;
    readonly task?: string | undefined;
  } & ParsedArgs<typeof labelArgs & typeof storeArgs>,
  context: Context,
  common: Omit<FactoryOptions, 'inputs' | 'labelling' | 'out'>,
  { reportFile, settings }: { readonly reportFile: string | undefined; readonly settings: string },
  begun: Begun,
): Promise<Output> {
  const { examples, out, task } = args;
  if (examples === undefined || out === undefined || task === undefined)
    throw new UsageError(
      'kolben distill --label needs a file of inputs, --task whose teacher answers them, and --out for the student folder.',
    );
  const choice = await readLabelArgs(args);
  const { distillWhileLabelling, readExamples, writeLabelled } = await import('@kolben/distill');
  const folder = resolve(context.cwd, out);
  const labelled = `${folder}.labelled.jsonl`;
  await checkLabelled('--out', out, labelled);
  return withStore(args, context, async (store, config) => {
    if (!config)
      throw new UsageError('kolben distill --label needs a configuration: it says who the teacher is.');
    const inputs = () => readExamples(resolve(context.cwd, examples), { answers: 'none' });
    return withTeacher({ config, store, task, out: labelled }, choice, async (teacher) => {
      const { work, labelling } = teacher;
      const shown = showDistill(context.progress);
      const inService = await studentInService(store, task);
      const { drawnOf, ...report } = await recordTraining(
        {
          ...{
            store,
            task,
            source: 'labelling',
            settings: settingsFor(args, context, begun),
            run: begun.run,
          },
          ...{ signal: context.signal, onProgress: shown.onProgress, note: context.note },
        },
        async (hooks) => {
          const made = await distillWhileLabelling({
            ...inService.options,
            ...common,
            inputs: inputs(),
            labelling,
            choose: choice.choose === undefined ? undefined : { count: choice.choose, seed: CHOICE_SEED },
            out: folder,
            task,
            source: examples,
            teachers: [labelling.teacher],
            providers: config.providers,
            redact: redactOf(config),
            ...hooks,
            onLabelProgress: shown.onLabelProgress,
          });
          return { result: made, outcome: outcomeOf(made, { folder }) };
        },
      ).finally(() => shown.end());
      const written = await writeLabelled(
        labelled,
        inputs(),
        work,
        teacher.settings,
        context.signal,
        drawnOf,
      );
      const promoted = inService.isOutdoneBy(report);
      const registered = await registerStudent(store, task, folder, { promote: promoted });
      if (report.labelling.unanswered === 0) await work.remove();
      if (reportFile !== undefined) {
        const about = {
          name: labelling.teacher,
          kind: 'model' as const,
          about: `The student learned from ${count(report.labelling.labelled)} answers that ${labelling.teacher} gave for it.`,
        };
        const command = `npx kolben distill ${examples} --label --task ${task} --out ${out} ${settings}`;
        await writeReport(reportFile, report, { task, command, teacher: about });
        context.note(`Report: ${reportFile}`);
      }
      const { labelled: answered, spent, unanswered } = report.labelling;
      const lines = [
        inWords({ ...report, student: out }),
        `Labelled ${counted(answered, 'input')} for ${dollars(spent)}; the answers are in ${relative(context.cwd, labelled)}.`,
        ...(unanswered === 0 ? [] : [`Note: ${counted(unanswered, 'input')} got no answer.`]),
        '',
        placeInWords({ report, registered, promoted }, task),
      ];
      return {
        json: {
          ...inJson(report),
          student: out,
          labelled: relative(context.cwd, labelled),
          written: written.written,
          registered: registered.id,
          promoted,
        },
        text: lines.join('\n'),
      };
    });
  });
}
