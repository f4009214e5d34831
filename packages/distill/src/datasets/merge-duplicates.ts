/**
 * Takes examples in one by one and keeps one entry for each distinct input.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import type { Example } from '@kolben/store';
import { inputText } from '../examples/input-text.ts';
import { DisjointSets } from './disjoint-sets.ts';
import { normaliseAnswer, normaliseText } from './normalise.ts';

/** One distinct input and how it was answered. */
export interface Entry {
  /**
   * SHA-256, in hexadecimal, of seed and normalised text: says which inputs are the same, and, since its
   * order is as good as random, stands for the entry's lot when splits are drawn. Does not depend on the
   * order of the examples.
   */
  key: string;
  text: string;
  answers: Map<string, number>;
  /** The earliest; undefined where any of its examples has no time. */
  at: Date | undefined;
  /** The same number in entries that share a conversation, if through others. */
  chat: number;
}

export interface Merged {
  /** In the order of their keys, so that nothing made of them depends on the order of the examples. */
  entries: Entry[];
  read: number;
  unlabelled: number;
}

/** @throws the signal's reason once it is aborted */
export async function mergeDuplicates(
  examples: AsyncIterable<Example> | Iterable<Example>,
  seed: number,
  signal?: AbortSignal,
): Promise<Merged> {
  const entries: Entry[] = [];
  const chats = new DisjointSets();
  const byKey = new Map<string, number>();
  const byConversation = new Map<string, number>();
  let read = 0;
  let unlabelled = 0;
  for await (const example of examples) {
    signal?.throwIfAborted();
    read++;
    const answer = example.answer === undefined ? '' : normaliseAnswer(example.answer);
    if (answer === '') {
      unlabelled++;
      continue;
    }
    const text = inputText(example.messages);
    const key = createHash('sha256')
      .update(`${seed}\n${normaliseText(text)}`)
      .digest('hex');
    let index = byKey.get(key);
    if (index === undefined) {
      index = chats.add();
      byKey.set(key, index);
      entries.push({ key, text, answers: new Map([[answer, 1]]), at: example.at, chat: index });
    } else {
      const entry = entries[index]!;
      entry.answers.set(answer, (entry.answers.get(answer) ?? 0) + 1);
      // Of the ways to write the same, the first in code unit order, so that the examples' order is no matter.
      if (text < entry.text) entry.text = text;
      entry.at = earlier(entry.at, example.at);
    }
    if (example.conversation !== undefined) {
      const other = byConversation.get(example.conversation);
      if (other === undefined) byConversation.set(example.conversation, index);
      else chats.union(other, index);
    }
  }
  entries.forEach((entry, index) => {
    entry.chat = chats.find(index);
  });
  return { entries: entries.sort((a, b) => (a.key < b.key ? -1 : 1)), read, unlabelled };
}

function earlier(one: Date | undefined, other: Date | undefined): Date | undefined {
  if (one === undefined || other === undefined) return undefined;
  return one <= other ? one : other;
}
