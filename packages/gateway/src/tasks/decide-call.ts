/**
 * Decides who was right in a call in which student and teacher differ, at the command line and in the console alike.
 *
 * @module
 */
import { KolbenError } from '@kolben/engine/error';
import type { Decision, Store, Verdict } from '@kolben/store';
import type { Config } from '../config/schema.ts';
import { type KnownLabels, knownLabels, labelsOf } from './known-labels.ts';

export interface DecideCallOptions {
  store: Store;
  /** Undefined where the store alone is known. */
  config: Config | undefined;
  call: string;
  verdict: Verdict;
  /** The right answer, where neither gave it. */
  answer?: string;
  /** The answer may be a label that the task never had. */
  isNewLabel?: boolean;
  /** A key's id, or `cli`. */
  by: string;
}

/** Of the labels, in a sentence. */
const mostNamed = 30;

/**
 * @throws KolbenError (`call_unknown`, `call_no_disagreement`); (`label_unknown`) where the answer isn't one of the task's
 *   labels and isn't said to be new: what is decided is taught, so a slip of the hand would become a label
 */
export async function decideCall(options: DecideCallOptions): Promise<Decision> {
  const { store, config, call: callId, verdict, isNewLabel = false, by } = options;
  const call = await store.calls.get(callId);
  if (call === undefined) throw callUnknown(callId);
  if (call.agreed !== false)
    throw new KolbenError(
      'call_no_disagreement',
      `Student and teacher don't differ in the call '${callId}', so there is nothing to decide about it.`,
    );
  let { answer } = options;
  if (verdict === 'neither' && answer !== undefined && call.task !== null) {
    const known = await knownLabels(store, config, call.task);
    if (known) answer = checkedAnswer(answer, call.task, known, isNewLabel);
  }
  return store.decisions.set({ callId, verdict, by, ...(answer !== undefined && { answer }) });
}

export function callUnknown(id: string): KolbenError {
  return new KolbenError(
    'call_unknown',
    `There is no call '${id}': 'kolben calls disagreements <task>' lists those to decide about.`,
  );
}

function checkedAnswer(
  answer: string,
  task: string,
  { labels, multiple }: KnownLabels,
  isNewLabel: boolean,
): string {
  const named = labelsOf(answer, multiple);
  const strange = named?.find((label) => label === '' || !labels.includes(label));
  if (named === undefined || (strange !== undefined && !isNewLabel)) {
    const label = strange ?? answer;
    const rest = labels.length > mostNamed ? ` and ${labels.length - mostNamed} more` : '';
    throw new KolbenError(
      'label_unknown',
      `${JSON.stringify(label)} is no label of the task '${task}': it has ${labels.slice(0, mostNamed).join(', ')}${rest}. Give one of them${multiple ? ' or several, as a JSON list' : ''}; or, if it is meant to be a new one, say so with --new-label.`,
      { values: { label, task } },
    );
  }
  return multiple ? JSON.stringify([...new Set(named)].sort()) : named[0]!;
}
