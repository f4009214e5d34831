/**
 * `kolben explain`: why a student answers as it does.
 *
 * @module
 */
import { explainAnswer, openStudent } from '@kolben/distill';
import { defineKolbenCommand } from '../cli/command.ts';
import { UsageError } from '../cli/errors.ts';
import { whole } from '../cli/options.ts';
import { readText } from '../cli/read-text.ts';
import { writeWhole } from '../cli/write-whole.ts';
import { storeArgs } from '../config/with-store.ts';
import { explanationInWords } from '../explain/in-words.ts';
import { learnedFrom } from '../explain/learned-from.ts';
import { count } from '../progress/words.ts';

export const explain = defineKolbenCommand({
  name: 'explain',
  description: 'show which words decided a student’s answer, and what it learned from that is like them',
  examples: [
    'kolben explain my-student "Where is my card?" --examples train.jsonl',
    'cat mail.txt | kolben explain my-student - --html why.html',
  ],
  args: {
    student: { type: 'positional', required: true, description: 'the student folder' },
    text: {
      type: 'positional',
      required: true,
      description: "the text, or '-' to read it from standard input",
    },
    examples: {
      type: 'string',
      description:
        'a file of examples in which the nearest are sought; without it, the recorded calls that a registered student learned from',
      valueHint: 'file',
    },
    neighbours: {
      type: 'string',
      description: 'how many of the nearest examples are shown; 0 seeks none',
      default: '5',
      valueHint: 'n',
    },
    evaluations: {
      type: 'string',
      description: 'how often the student may be asked in order to weigh the words; more is finer',
      default: '1024',
      valueHint: 'n',
    },
    html: { type: 'string', description: 'also write a page for people', valueHint: 'file' },
    ...storeArgs,
  },
  async run(args, context) {
    const neighbours = whole('--neighbours', args.neighbours, 0, 100);
    const evaluations = whole('--evaluations', args.evaluations, 16, 1_000_000);
    if (args.examples !== undefined && args.data !== undefined)
      throw new UsageError('--examples and --data name two sources of examples: leave one of them out.');
    const student = await openStudent(args.student);
    const phase = context.progress.phase('Explaining');
    try {
      const text = await readText(args.text, context.stdin);
      const learned =
        neighbours === 0
          ? { missing: 'none were asked for' }
          : await learnedFrom(student.digest, args, context);
      const explanation = await explainAnswer(student, text, {
        evaluations,
        neighbours,
        ...('examples' in learned && { examples: learned.examples }),
        signal: context.signal,
        onProgress: (done, total) => phase.update(done, `of ${count(total)}`),
      });
      const whole = {
        ...explanation,
        ...('missing' in learned ? { neighboursMissing: learned.missing } : { neighboursFrom: learned.from }),
      };
      if (args.html !== undefined) {
        const { renderExplanation } = await import('../report/render-explanation.tsx');
        await writeWhole('--html', args.html, renderExplanation(whole, student.task.name), context.cwd);
      }
      phase.stop();
      if (args.html !== undefined) context.note(`Page: ${args.html}`);
      const colours = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
      return { json: whole, text: explanationInWords(whole, { colours }) };
    } finally {
      phase.stop();
      await student.close();
    }
  },
});
