/**
 * A student that extracts, trained for a moment, and the numbers that its model gives.
 *
 * @module
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { distill } from '@kolben/distill';
import { startChip } from '@kolben/engine';
import { parcelExamples } from './examples.ts';

/** What the model says of a text, row after row. */
export interface TaggedText {
  readonly text: string;
  readonly tags: readonly number[];
  readonly choices: readonly number[];
}

/** Writes the student `out` and what its model says of the texts, `out.json`. */
export async function tagger(out: string, texts: readonly string[]): Promise<void> {
  const examples = parcelExamples(300).map(({ messages, answer: queue, extra }) => {
    const [, number] = /\((\d+)\)/.exec(String(messages[0].content)) ?? [];
    return { messages, extra, answer: JSON.stringify({ queue, number }) };
  });
  await distill({ examples, out, task: 'parcels', kind: 'extract', chips: 1, timeBudget: 15 });
  const json = (name: string) => JSON.parse(readFileSync(join(out, name), 'utf8')) as Record<string, unknown>;
  const tokenizer = new Tokenizer(json('tokenizer.json'), json('tokenizer_config.json'));
  const chip = await startChip();
  try {
    const model = await chip.load(readFileSync(join(out, 'onnx', 'model.onnx')));
    const said: TaggedText[] = [];
    for (const text of texts) {
      const { ids } = tokenizer.encode(text);
      const input = { data: BigInt64Array.from(ids, BigInt), dims: [1, ids.length] };
      const { tags, choices } = await model.run({ input_ids: input });
      said.push({
        text,
        tags: [...(tags.data as Float32Array)],
        choices: [...(choices.data as Float32Array)],
      });
    }
    writeFileSync(`${out}.json`, JSON.stringify(said));
  } finally {
    await chip.close();
  }
}
