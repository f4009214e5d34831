/**
 * Takes examples in one by one and keeps one entry for each distinct input.
 *
 * Kept in columns of numbers, since a million entries as objects would take gigabytes: a text, some forty bytes
 * beside it, and more only where an input was answered in different ways.
 *
 * @module
 */
import { hash } from 'node:crypto';
import type { Example } from '@kolben/store';
import { inputText } from '../examples/input-text.ts';
import { redactAnswer } from '../redact/redact-answer.ts';
import type { Redact, Redacted } from '../redact/redact-text.ts';
import { type AnswerShares, answerShares } from './answer-shares.ts';
import { Column } from './column.ts';
import { type DatasetExample, SPLITS, type Split } from './dataset.ts';
import { type DecidedExample, decidedOf } from './decided.ts';
import { DisjointSets } from './disjoint-sets.ts';
import { CHOSEN, DRAWN, ESCALATED } from './drawn.ts';
import { KeyTable } from './key-table.ts';
import { normaliseAnswer, normaliseText } from './normalise.ts';

/** One answer of an input. */
export interface Tally {
  /** Number of the answer in `answers`. */
  readonly answer: number;
  count: number;
  /** When it was first and last given, in milliseconds; NaN where any of the times is unknown. */
  first: number;
  last: number;
}

/** A split's place in `SPLITS`, or none. */
export const UNPINNED = -1;

const MILLION = 1_000_000;
/** In place of an answer: how much more often the teacher was asked than answers were given. */
const ASKED = -1;

export class Inputs {
  /** As written; of several ways to write the same the first in code unit order. */
  readonly texts: string[] = [];
  /** The distinct answers, as `normaliseAnswer` leaves them. */
  readonly answers: string[] = [];
  /** For each of these: examples that gave it, and the first one's position, counted from 1. */
  readonly answerCounts = new Column('int32');
  readonly answerPositions = new Column('int32');
  readonly counts = { read: 0, unlabelled: 0, redacted: 0 };
  /** How often each kind was taken out of an input. */
  readonly redactedKinds = new Map<string, number>();

  readonly #seed: number;
  readonly #redact: Redact | undefined;
  #keys = new KeyTable();
  readonly #answerNumbers = new Map<string, number>();
  readonly #only = new Column('int32');
  readonly #onlyCounts = new Column('int32');
  readonly #first = new Column('float64');
  readonly #last = new Column('float64');
  readonly #pins = new Column('int32');
  readonly #chosen = new Set<number>();
  /** Inputs that no call of the random sample had. */
  readonly #escalated = new Set<number>();
  /** What people decided: the answer's number, or null where nothing is to be taught; `key` orders by time. */
  readonly #decided = new Map<number, { key: string; answer: number | null }>();
  readonly #several = new Map<number, Tally[]>();
  /** What is known of answers beyond themselves: a chain for each input, of answers and what each has more or less. */
  readonly #sharesFirst = new Column('int32');
  readonly #sharesNext = new Column('int32');
  readonly #sharesAnswer = new Column('int32');
  readonly #sharesMass = new Column('float64');
  readonly #chats = new DisjointSets();
  readonly #conversations = new KeyTable();
  readonly #conversationFirst = new Column('int32');
  /** Which input was said in which conversation: pairs, each once unless far apart. */
  readonly #saidBy = new Column('int32');
  readonly #saidIn = new Column('int32');

  constructor(seed: number, redact: Redact | undefined) {
    this.#seed = seed;
    this.#redact = redact;
  }

  get size(): number {
    return this.texts.length;
  }

  /** @param marked whether the split that the example says its input is in counts */
  add(example: Example, marked = false): void {
    const { counts } = this;
    counts.read++;
    const decided = decidedOf(example);
    const said = decided?.teacher ?? example.answer;
    const given = said === undefined ? '' : normaliseAnswer(said);
    if (given === '') {
      counts.unlabelled++;
      return;
    }
    const original = inputText(example.messages);
    const redacted = this.#redact?.(original);
    if (redacted && redacted.found.length > 0) {
      counts.redacted++;
      for (const { kind } of redacted.found) {
        this.redactedKinds.set(kind, (this.redactedKinds.get(kind) ?? 0) + 1);
      }
    }
    const answerOf = (answer: string) => this.#answerNumber(answer, original, redacted);
    const answer = answerOf(given);
    this.answerCounts.set(answer, this.answerCounts.get(answer) + 1);
    const time = example.at?.getTime() ?? Number.NaN;
    const before = this.size;
    const index = this.#put(redacted?.text ?? original, answer, 1, time);
    if (example.extra[DRAWN] !== ESCALATED) this.#escalated.delete(index);
    else if (index === before) this.#escalated.add(index);
    if (marked && example.split !== undefined) this.#pin(index, SPLITS.indexOf(example.split as Split));
    if (example.extra[DRAWN] === CHOSEN) this.#chosen.add(index);
    if (decided) this.#decide(index, decided, (taught) => answerOf(normaliseAnswer(taught)));
    const told = answerShares(example.extra);
    if (told) this.#share(index, answer, 1, told, (name) => answerOf(normaliseAnswer(name)));
    if (example.conversation !== undefined) this.#say(index, sha256(`conversation\n${example.conversation}`));
  }

  /**
   * An example of the dataset's parent. It is held to its split; its answer counts only where the input hasn't been
   * given anew.
   *
   * @param pin the split's place in `SPLITS`
   * @returns whether the input is one that only the parent has
   */
  addParent(example: DatasetExample, pin: number): boolean {
    const redacted = this.#redact?.(example.text);
    const text = redacted?.text ?? example.text;
    const before = this.size;
    const index = this.#keys.add(this.#keyOf(text));
    const inherited = index === before;
    if (inherited) {
      const answer = this.#answerNumber(example.answer, example.text, redacted);
      this.answerCounts.set(answer, this.answerCounts.get(answer) + example.count);
      this.#begin(text, answer, example.count, example.at?.getTime() ?? Number.NaN);
      const { count, soft } = example;
      if (soft) {
        const told = { shares: Object.entries(soft), weight: count };
        this.#share(index, answer, count, told, (name) => this.#answerNumber(name, example.text, redacted));
      }
    }
    this.#pin(index, pin);
    for (const conversation of example.conversations ?? []) {
      this.#say(index, Buffer.from(conversation.padEnd(32, '0'), 'hex'));
    }
    return inherited;
  }

  /**
   * The numbers of all inputs, in an order as good as random that depends on texts and seed alone. Nothing can be added
   * afterwards: the keys are let go.
   */
  takeOrder(): Uint32Array {
    const order = this.#keys.sorted();
    this.#keys = new KeyTable();
    return order;
  }

  /** Its answers, in the order in which they were first given. */
  tallies(index: number): readonly Tally[] {
    return (
      this.#several.get(index) ?? [
        {
          answer: this.#only.get(index),
          count: this.#onlyCounts.get(index),
          first: this.#first.get(index),
          last: this.#last.get(index),
        },
      ]
    );
  }

  /** Number of its answer where it has one only, otherwise -1. Needs no memory, unlike `tallies`. */
  onlyAnswer(index: number): number {
    return this.#several.has(index) ? -1 : this.#only.get(index);
  }

  onlyCount(index: number): number {
    return this.#onlyCounts.get(index);
  }

  /** The earliest time, in milliseconds; NaN where any of its examples has none. */
  time(index: number): number {
    return this.#first.get(index);
  }

  /** The latest time, or NaN. */
  lastTime(index: number): number {
    return this.#last.get(index);
  }

  pin(index: number): number {
    return this.#pins.get(index);
  }

  get hasChosen(): boolean {
    return this.#chosen.size > 0;
  }

  /** Whether it was picked for what it teaches, and may be taught only. */
  isChosen(index: number): boolean {
    return this.#chosen.has(index);
  }

  get hasEscalated(): boolean {
    return this.#escalated.size > 0;
  }

  /** Whether a student left every call of it to the teacher, and no lot fell on one: see `ESCALATED`. */
  isEscalated(index: number): boolean {
    return this.#escalated.has(index);
  }

  /** Number of the answer that a person decided is to be taught; null: none is. Undefined where nobody decided. */
  decided(index: number): number | null | undefined {
    return this.#decided.get(index)?.answer;
  }

  /** Whether more is known of its answers than how often each was given. */
  hasShares(index: number): boolean {
    return this.#sharesFirst.get(index) !== -1;
  }

  /**
   * How often the teacher gave each answer as far as is known, by its number, and how often it was asked, both in
   * millionths, so that sums are exact whatever the order.
   */
  shares(index: number): { readonly masses: ReadonlyMap<number, number>; readonly asked: number } {
    const masses = new Map<number, number>();
    const give = (answer: number, mass: number) => masses.set(answer, (masses.get(answer) ?? 0) + mass);
    let asked = 0;
    for (const { answer, count } of this.tallies(index)) {
      give(answer, count * MILLION);
      asked += count * MILLION;
    }
    for (let at = this.#sharesFirst.get(index); at !== -1; at = this.#sharesNext.get(at)) {
      const answer = this.#sharesAnswer.get(at);
      if (answer === ASKED) asked += this.#sharesMass.get(at);
      else give(answer, this.#sharesMass.get(at));
    }
    return { masses, asked };
  }

  /** The same number in inputs that share a conversation, if through others. */
  chat(index: number): number {
    return this.#chats.find(index);
  }

  /** Digests of the conversations in which each input was said; inputs without any are not in it. */
  conversations(): Map<number, string[]> {
    const lists = new Map<number, Set<string>>();
    for (let i = 0; i < this.#saidBy.length; i++) {
      const index = this.#saidBy.get(i);
      const list = lists.get(index) ?? new Set();
      lists.set(index, list.add(this.#conversations.hex(this.#saidIn.get(i))));
    }
    return new Map(Array.from(lists, ([index, list]) => [index, [...list].sort()]));
  }

  #keyOf(text: string): Buffer {
    return sha256(`${this.#seed}\n${normaliseText(text)}`);
  }

  /** Two of the parent's may have become one by being redacted: then the split that judges more counts. */
  #pin(index: number, pin: number): void {
    this.#pins.set(index, Math.max(this.#pins.get(index), pin));
  }

  #put(text: string, answer: number, count: number, time: number): number {
    const before = this.size;
    const index = this.#keys.add(this.#keyOf(text));
    if (index === before) {
      this.#begin(text, answer, count, time);
      return index;
    }
    if (text < this.texts[index]!) this.texts[index] = text;
    this.#tally(index, answer, count, time);
    this.#first.set(index, Math.min(this.#first.get(index), time));
    this.#last.set(index, Math.max(this.#last.get(index), time));
    return index;
  }

  #begin(text: string, answer: number, count: number, time: number): void {
    this.texts.push(text);
    this.#only.push(answer);
    this.#onlyCounts.push(count);
    this.#first.push(time);
    this.#last.push(time);
    this.#pins.push(UNPINNED);
    this.#sharesFirst.push(-1);
    this.#chats.add();
  }

  #tally(index: number, answer: number, count: number, time: number): void {
    let several = this.#several.get(index);
    if (several === undefined) {
      if (this.#only.get(index) === answer) {
        this.#onlyCounts.set(index, this.#onlyCounts.get(index) + count);
        return;
      }
      several = [...this.tallies(index)];
      this.#several.set(index, several);
    }
    const tally = several.find((one) => one.answer === answer);
    if (tally === undefined) several.push({ answer, count, first: time, last: time });
    else {
      tally.count += count;
      tally.first = Math.min(tally.first, time);
      tally.last = Math.max(tally.last, time);
    }
  }

  /** Of several decisions about one input the last one counts, whatever the order in which they come. */
  #decide(index: number, { taught, at }: DecidedExample, numberOf: (answer: string) => number): void {
    const key = `${at}\n${taught ?? ''}`;
    const before = this.#decided.get(index);
    if (before !== undefined && before.key >= key) return;
    this.#decided.set(index, { key, answer: taught === null ? null : numberOf(taught) });
  }

  /** What is told of these `count` answers takes the place of the answer itself. */
  #share(
    index: number,
    answer: number,
    count: number,
    { shares, weight }: AnswerShares,
    numberOf: (name: string) => number,
  ): void {
    const note = (what: number, mass: number) => {
      this.#sharesNext.push(this.#sharesFirst.get(index));
      this.#sharesFirst.set(index, this.#sharesMass.length);
      this.#sharesAnswer.push(what);
      this.#sharesMass.push(mass);
    };
    note(answer, -count * MILLION);
    note(ASKED, (weight - count) * MILLION);
    for (const [name, share] of shares) note(numberOf(name), Math.round(share * weight * MILLION));
  }

  #answerNumber(answer: string, input: string, redacted: Redacted | undefined): number {
    const kept =
      this.#redact === undefined || redacted === undefined
        ? answer
        : redactAnswer(answer, input, redacted, this.#redact);
    let number = this.#answerNumbers.get(kept);
    if (number === undefined) {
      number = this.answers.length;
      this.#answerNumbers.set(kept, number);
      this.answers.push(kept);
      this.answerCounts.push(0);
      this.answerPositions.push(this.counts.read);
    }
    return number;
  }

  #say(index: number, digest: Buffer): void {
    // Eight bytes tell conversations apart, and are what a dataset keeps of them.
    const key = Buffer.alloc(16);
    digest.copy(key, 0, 0, 8);
    const before = this.#conversations.size;
    const conversation = this.#conversations.add(key);
    if (conversation === before) this.#conversationFirst.push(index);
    else this.#chats.union(this.#conversationFirst.get(conversation), index);
    this.#saidBy.push(index);
    this.#saidIn.push(conversation);
  }
}

function sha256(text: string): Buffer {
  // In one piece: an object that hashes, a million times, outlives its use by far.
  return hash('sha256', text, 'buffer');
}
