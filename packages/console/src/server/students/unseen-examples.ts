/**
 * The newest recorded calls that students did not learn from, with the teacher's answers: what they can be measured on.
 *
 * A call counts where it came in after the datasets of all of them and its text is none that came before; and, of
 * students that were made from the recorded calls, where it is in the test split, which every later dataset leaves
 * there. What a student left to the teacher, and what was chosen to learn from, is no likeness of the calls, and left
 * out. Where a person decided who was right, the teacher's own word counts, as in a certificate.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import {
  decidedOf,
  inputText,
  normaliseText,
  readStudentFolder,
  type StudentFolder,
  sourceOfCalls,
} from '@kolben/distill';
import type { Example, Store } from '@kolben/store';

export interface UnseenExamples {
  /** Oldest first. */
  readonly examples: readonly Example[];
  /** How many of them came in after the students' datasets, and how many are of the test split. */
  readonly later: number;
  readonly test: number;
  /** ISO 8601, of the oldest and the newest; null where there is none. */
  readonly span: readonly [string, string] | null;
}

export async function unseenExamples(
  store: Pick<Store, 'calls'>,
  task: string,
  directories: readonly string[],
  { most, signal }: { most: number; signal: AbortSignal },
): Promise<UnseenExamples> {
  const folders = await Promise.all(directories.map((directory) => readStudentFolder(directory)));
  return unseenIn(store.calls.examples(task), task, folders, { most, signal });
}

/** The same of examples in order of time. */
export async function unseenIn(
  examples: AsyncIterable<Example> | Iterable<Example>,
  task: string,
  students: readonly Pick<StudentFolder, 'lineage'>[],
  { most, signal }: { most: number; signal: AbortSignal },
): Promise<UnseenExamples> {
  const ends = students.map(({ lineage }) => Date.parse(lineage.dataset.asOf ?? lineage.created));
  const end = Math.max(...ends);
  const ofCalls = students.every(({ lineage }) => lineage.source === sourceOfCalls(task));
  const seen = new Set<string>();
  const later: Example[] = [];
  const test: Example[] = [];
  for await (const example of examples) {
    signal.throwIfAborted();
    if (example.answer === undefined) continue;
    const text = digestOf(example);
    const isLater = (example.at?.getTime() ?? Number.NEGATIVE_INFINITY) > end;
    const isNew = !seen.has(text);
    seen.add(text);
    if (!isNew || isLikenessOfNone(example)) continue;
    const judged = { ...example, answer: decidedOf(example)?.teacher ?? example.answer };
    if (isLater) keepNewest(later, judged, most);
    else if (ofCalls && example.split === 'test') keepNewest(test, judged, most);
  }
  const filled = test.slice(Math.max(0, test.length - (most - later.length)));
  const chosen = [...(later.length < most ? filled : []), ...later];
  const times = chosen.flatMap(({ at }) => (at ? [at.getTime()] : []));
  return {
    examples: chosen,
    later: later.length,
    test: chosen.length - later.length,
    span:
      times.length === 0
        ? null
        : [new Date(Math.min(...times)).toISOString(), new Date(Math.max(...times)).toISOString()],
  };
}

function keepNewest(kept: Example[], example: Example, most: number): void {
  kept.push(example);
  if (kept.length > most) kept.shift();
}

function isLikenessOfNone({ extra }: Example): boolean {
  return extra.drawn === 'escalated' || extra.drawn === 'chosen';
}

/** Short, since a million of them are kept for a moment. */
function digestOf({ messages }: Example): string {
  return createHash('sha256')
    .update(normaliseText(inputText(messages)))
    .digest('base64url')
    .slice(0, 16);
}
