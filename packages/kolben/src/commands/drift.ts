/**
 * `kolben drift`: whether the calls have changed since the student was calibrated.
 *
 * @module
 */
import { type MeasuredDrift, readStudentFolder } from '@kolben/distill';
import { KolbenError } from '@kolben/engine/error';
import { findDrift, noteDrift } from '@kolben/gateway';
import { defineKolbenCommand } from '../cli/command.ts';
import { whole } from '../cli/options.ts';
import { table } from '../cli/table.ts';
import { storeArgs, withStore } from '../config/with-store.ts';
import { count, percent } from '../progress/words.ts';
import { currentStudent } from '../students/current-student.ts';

/** As the configuration has it where nothing is said. */
const usualThreshold = 0.1;

export const drift = defineKolbenCommand({
  name: 'drift',
  description: 'whether a task’s calls still look as those that its student was calibrated on',
  examples: ['kolben drift mails', 'kolben drift mails --days 30 --json'],
  args: {
    task: { type: 'positional', required: true, description: 'the task' },
    days: { type: 'string', description: 'how many days, today among them', default: '7', valueHint: 'n' },
    ...storeArgs,
  },
  run: (args, context) =>
    withStore(args, context, async (store, config) => {
      const { task } = args;
      const days = whole('--days', args.days, 1, 3650);
      const current = await currentStudent(store, config, task);
      if (!current)
        throw new KolbenError(
          'student_missing',
          `The task '${task}' has no student to compare its calls with: 'kolben distill --task ${task}' trains one from its recorded calls.`,
        );
      const { measurements } = await readStudentFolder(current.directory);
      const threshold = config?.tasks[task]?.driftAlarm ?? usualThreshold;
      const question = { task, student: current, calibrated: measurements.calibrated, threshold, days };
      const found = await findDrift(store, question);
      await noteDrift(store, question, found);
      const { confidence, unknownGrams, drifted } = found;
      const rows = [
        ['student', current.id],
        ['confidence', inWords(confidence, threshold)],
        ['unknown n-grams', inWords(unknownGrams, threshold)],
      ];
      const note =
        measurements.calibrated === undefined
          ? [
              'Note: the student’s folder does not tell what its calibration split looked like; students that are distilled from now on do.',
            ]
          : [];
      return {
        json: {
          task,
          student: current.id,
          days,
          threshold,
          confidence,
          unknownGrams,
          drifted,
          counts: found.days,
        },
        text: [table(rows, [], ''), ...note].join('\n'),
      };
    }),
});

function inWords(found: MeasuredDrift | null, threshold: number): string {
  if (found === null) return 'nothing to compare';
  const { divergence, byChance, drifted, means, n } = found;
  const verdict = !drifted
    ? 'no more than by chance'
    : divergence > threshold
      ? 'drifted'
      : 'changed, within what is allowed';
  return `${verdict}: about ${percent(means.before)} before, ${percent(means.now)} in ${count(n)} calls (divergence ${divergence.toFixed(3)} bits, by chance up to ${byChance.toFixed(3)}, allowed ${threshold})`;
}
