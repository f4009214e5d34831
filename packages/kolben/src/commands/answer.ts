/**
 * `kolben answer`: what a student says to one text.
 *
 * @module
 */
import { openStudent } from '@kolben/distill';
import { defineKolbenCommand } from '../cli/command.ts';
import { plain } from '../cli/plain.ts';
import { readText } from '../cli/read-text.ts';
import { percent } from '../progress/words.ts';

export const answer = defineKolbenCommand({
  name: 'answer',
  description: 'ask a student about one text',
  examples: [
    'kolben answer my-student "Where is my card?"',
    'cat mail.txt | kolben answer my-student - --json',
  ],
  args: {
    student: { type: 'positional', required: true, description: 'the student folder' },
    text: {
      type: 'positional',
      required: true,
      description: "the text, or '-' to read it from standard input",
    },
  },
  async run(args, context) {
    const student = await openStudent(args.student);
    try {
      const text = await readText(args.text, context.stdin);
      const [said] = await student.answer([text]);
      const { answer: label, confidence, certified } = said!;
      const promise = certified
        ? 'certified'
        : student.certificate === null
          ? 'the student has no certificate'
          : 'below the threshold of the certificate, so in a cascade the teacher would answer';
      return {
        json: { answer: label, confidence, certified },
        text: `${plain(label)}  (confidence ${percent(confidence)}; ${promise})`,
      };
    } finally {
      await student.close();
    }
  },
});
