import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { KolbenError } from '@kolben/engine';

/** A customer's question and its intent, one of 77. */
export interface Banking77Text {
  readonly text: string;
  readonly intent: string;
}

/**
 * The texts of banking77, in the order of the file.
 *
 * @throws KolbenError (`bench_data`) where there are none.
 */
export async function readBanking77(split: 'train' | 'test'): Promise<Banking77Text[]> {
  const folder = process.env.KOLBEN_TEST_DATA;
  const file = folder && join(folder, 'banking77', `${split}.jsonl`);
  if (!file || !(await stat(file).catch(() => undefined)))
    throw new KolbenError(
      'bench_data',
      'This bench needs banking77: set KOLBEN_TEST_DATA to the folder that holds it.',
    );
  return (await readFile(file, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => {
      const { messages } = JSON.parse(line) as { messages: { role: string; content: string }[] };
      return {
        text: messages.find(({ role }) => role === 'user')?.content ?? '',
        intent: messages.at(-1)?.content ?? '',
      };
    });
}
