/**
 * `kolben answer`: what a student says to one text.
 *
 * @module
 */
import { TextDecoder } from 'node:util';
import { openStudent } from '@kolben/distill';
import { KolbenError } from '@kolben/engine';
import { type Context, defineKolbenCommand } from '../cli/command.ts';
import { plain } from '../cli/plain.ts';
import { percent } from '../progress/words.ts';

/** More than any text that is worth one label. */
const mostBytes = 10 * 1024 * 1024;

async function readAll(stdin: Context['stdin']): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of stdin) {
    pieces.push(Buffer.from(piece as Uint8Array));
    size += (piece as Uint8Array).length;
    if (size > mostBytes)
      throw new KolbenError(
        'answer_input_size',
        'Standard input holds more than 10 MiB: give one text at a time.',
      );
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(pieces));
  } catch (error) {
    throw new KolbenError(
      'answer_input_utf8',
      'Standard input is not UTF-8: convert the text first, for instance with iconv.',
      { cause: error },
    );
  }
}

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
      const text = args.text === '-' ? await readAll(context.stdin) : args.text;
      if (text.trim() === '')
        throw new KolbenError('answer_input_empty', 'There is no text to answer: give some words.');
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
