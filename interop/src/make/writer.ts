/**
 * A student that writes, trained from scratch for a moment: what it says need not be good, but it must be said alike.
 *
 * @module
 */
import { writeFileSync } from 'node:fs';
import { distill, exportStudent, openStudent } from '@kolben/distill';
import { parcelExamples } from './examples.ts';

/** Writes the student `out`, `out.gguf` and what it says, `out.json`. */
export async function writer(out: string): Promise<void> {
  const examples = parcelExamples(300).map(({ messages, ...rest }) => {
    const text = String(messages[0].content);
    const number = text.match(/\d+/)?.[0] ?? '';
    return { messages, ...rest, answer: `${rest.answer}: we look after number ${number} today.` };
  });
  await distill({ examples, out, task: 'replies', kind: 'generate', chips: 1, timeBudget: 15 });
  await exportStudent(out, { to: 'gguf', out: `${out}.gguf` });
  const student = await openStudent(out);
  try {
    const texts = [
      'where is my lamp (1014)',
      'Grüße, wann kommt mein Bücherregal?',
      "It's broken!\n\nAnna",
      '…',
    ];
    const answers = await student.answer(texts);
    writeFileSync(
      `${out}.json`,
      JSON.stringify(answers.map(({ answer, confidence }, i) => ({ text: texts[i], answer, confidence }))),
    );
  } finally {
    await student.close();
  }
}
