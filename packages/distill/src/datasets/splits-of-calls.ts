/**
 * In which split of a dataset recorded calls are, so that its next version leaves them there.
 *
 * @module
 */
import type { Example } from '@kolben/store';
import { inputText } from '../examples/input-text.ts';
import { redactor } from '../redact/redact-text.ts';
import { type Dataset, SPLITS } from './dataset.ts';
import { normaliseText } from './normalise.ts';

/**
 * By id, those of which nothing was known before. Calls that are in no split (without an answer of the kind, or tied) are
 * not among them.
 */
export async function splitsOfCalls(
  dataset: Pick<Dataset, 'splits' | 'redaction'>,
  examples: AsyncIterable<Example> | Iterable<Example>,
): Promise<Map<string, string>> {
  const { redaction } = dataset;
  const redact =
    redaction &&
    redactor({
      countries: redaction.countries as NonNullable<Parameters<typeof redactor>[0]>['countries'],
      patterns: redaction.patterns.map(({ name, source, flags }) => ({
        name,
        pattern: new RegExp(source, flags),
      })),
    });
  const splitOf = new Map<string, string>();
  for (const split of SPLITS)
    for (const { text } of dataset.splits[split]) splitOf.set(normaliseText(text), split);
  const found = new Map<string, string>();
  for await (const { id, split: known, messages, answer } of examples) {
    if (id === undefined || known !== undefined || answer === undefined) continue;
    const text = inputText(messages);
    const split = splitOf.get(normaliseText(redact ? redact(text).text : text));
    if (split !== undefined) found.set(id, split);
  }
  return found;
}
