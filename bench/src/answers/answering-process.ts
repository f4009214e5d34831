/**
 * A process of its own that answers texts with a student and tells how long it took: through Kolben, or through a
 * text-classification pipeline of Transformers.js. Arguments: `kolben` or the path of Transformers.js, and the student
 * folder. Takes one JSON object a line, `{ texts, together }`, and gives one, `{ labels, milliseconds }`: the label of
 * each text, and the time of each question, which is one text or `together` of them. Ends with its input.
 *
 * @module
 */
import { basename, dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { openStudent } from '@kolben/distill';

/** The part of Transformers.js that is used. */
interface Transformers {
  env: { allowRemoteModels: boolean; localModelPath: string };
  pipeline(task: string, model: string, options: object): Promise<(texts: string[]) => Promise<unknown>>;
}

const [who = '', folder = ''] = process.argv.slice(2);
const answer = who === 'kolben' ? await throughKolben() : await throughTransformers();
process.stdout.write('ready\n');

for await (const line of createInterface({ input: process.stdin })) {
  const { texts, together } = JSON.parse(line) as { texts: string[]; together: number };
  const labels: string[] = [];
  const milliseconds: number[] = [];
  for (let i = 0; i < texts.length; i += together) {
    const start = performance.now();
    labels.push(...(await answer(texts.slice(i, i + together))));
    milliseconds.push(performance.now() - start);
  }
  process.stdout.write(`${JSON.stringify({ labels, milliseconds })}\n`);
}
process.exit(0);

async function throughKolben() {
  const student = await openStudent(folder, { chips: 2 });
  return async (texts: string[]) => (await student.answer(texts)).map((one) => one.answer);
}

async function throughTransformers() {
  const { env, pipeline } = (await import(pathToFileURL(who).href)) as Transformers;
  env.allowRemoteModels = false;
  env.localModelPath = dirname(folder);
  const classify = await pipeline('text-classification', basename(folder), { dtype: 'fp32' });
  return async (texts: string[]) =>
    ((await classify(texts)) as { label: string }[]).map(({ label }) => label);
}
