/**
 * The labels that answers of a task have: what a typed answer is held against.
 *
 * @module
 */
import { resolve } from 'node:path';
import { KolbenError } from '@kolben/engine/error';
import type { Store } from '@kolben/store';
import type { Config } from '../config/schema.ts';

export interface KnownLabels {
  /** Sorted, each once. */
  labels: readonly string[];
  /** An answer is a JSON list of them. */
  multiple: boolean;
}

/** Decisions and calls that are read through at most. */
const mostDecisions = 1_000;
const mostCalls = 2_000;

/**
 * Those that the configuration names, else the current student's, else those that the teacher gave more than once; and
 * with them those that a person decided for.
 *
 * @returns undefined where the task's answers are no labels, or nothing tells which
 */
export async function knownLabels(
  store: Store,
  config: Config | undefined,
  task: string,
): Promise<KnownLabels | undefined> {
  const configured = config && Object.hasOwn(config.tasks, task) ? config.tasks[task] : undefined;
  const learned = await learnedTask(store, configured?.student, task);
  if ((learned?.kind ?? configured?.kind) !== 'classify') return undefined;
  const multiple = learned?.multiple ?? false;
  const known = configured?.labels ?? learned?.labels ?? (await givenLabels(store, task));
  if (known.length === 0) return undefined;
  const labels = new Set(known);
  for (const { decision } of await store.decisions.disagreements({
    ...{ task, decided: true, limit: mostDecisions },
  }))
    if (decision?.verdict === 'neither' && decision.answer !== null)
      for (const label of labelsOf(decision.answer, multiple) ?? []) labels.add(label);
  return { labels: [...labels].sort(), multiple };
}

/** The labels that an answer names; undefined where it is no answer of the task. */
export function labelsOf(answer: string, multiple: boolean): string[] | undefined {
  const named: unknown = multiple ? parsed(answer) : [answer];
  if (!Array.isArray(named) || !named.every((label) => typeof label === 'string')) return undefined;
  return named.map((label) => label.normalize('NFC').trim());
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What the task's student says of it; undefined where there is none, or its folder can't be read. */
async function learnedTask(store: Store, pinned: string | undefined, task: string) {
  const folder = pinned === undefined ? (await store.students.current(task))?.directory : resolve(pinned);
  if (folder === undefined) return undefined;
  const { readStudentFolder } = await import('@kolben/distill');
  try {
    const { task: learned } = await readStudentFolder(folder);
    return learned.kind === 'classify' ? learned : { kind: learned.kind, labels: undefined, multiple: false };
  } catch (error) {
    if (KolbenError.isInstance(error)) return undefined;
    throw error;
  }
}

/** What was said once only may be a slip of the teacher's. */
async function givenLabels(store: Store, task: string): Promise<string[]> {
  const counts = new Map<string, number>();
  let calls = 0;
  for await (const { answer } of store.calls.examples(task)) {
    const label = answer?.normalize('NFC').trim();
    if (label) counts.set(label, (counts.get(label) ?? 0) + 1);
    calls += 1;
    if (calls === mostCalls) break;
  }
  return [...counts].flatMap(([label, n]) => (n > 1 ? [label] : []));
}
