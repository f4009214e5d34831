/**
 * From an answer to the spans and choices that make it: what the student is taught.
 *
 * @module
 */
import { findSpans, type Span, spanText, type WordedText } from './find-spans.ts';
import { canonicalJson, isJsonObject, type Json } from './json.ts';
import type { Maybe, Plan, PlanNode } from './plan.ts';
import { type Found, render } from './render.ts';

export interface Encoded {
  readonly spans: readonly Found[];
  /** By choice the number of its value; −1 where the answer says nothing of it. */
  readonly choices: readonly number[];
}

/** Why an answer cannot be made of spans and choices. */
export interface Inexpressible {
  readonly path: string;
  readonly value: Json | undefined;
}

/** How well a span fits a label by the words around it; higher is better. */
export type Prefer = (worded: WordedText, label: number, span: Span) => number;

interface Want {
  readonly label: number;
  readonly path: string;
  readonly value: Json;
  readonly candidates: readonly Span[];
  /** The list and the element that it is part of. */
  readonly list: number;
  readonly element: number;
}

export class CannotEncode extends Error {
  readonly why: Inexpressible;
  constructor(path: string, value: Json | undefined) {
    super(path);
    this.why = { path, value };
  }
}

/**
 * @param onClash is told of two labels whose spans had to lie over each other
 * @returns the spans and choices that render to the very answer, or what stands in the way
 */
export function encodeAnswer(
  plan: Plan,
  worded: WordedText,
  answer: Json,
  { prefer, onClash }: { prefer?: Prefer; onClash?: (label: number, other: number) => void } = {},
): Encoded | Inexpressible {
  const choices = plan.choices.map(() => -1);
  const wants: Want[] = [];
  try {
    collect(plan, plan.root, worded, answer, {
      choices,
      wants,
      path: '',
      list: -1,
      element: 0,
      lists: { n: 0 },
    });
    const spans = markFirst(place(plan, worded, wants, prefer, onClash));
    const said = render(
      plan,
      worded,
      spans,
      choices.map((choice, i) => (choice < 0 ? omitted(plan, i) : choice)),
    );
    if (said === undefined || canonicalJson(said) !== canonicalJson(answer)) {
      const path = differs(said, answer, '');
      return { path, value: answer };
    }
    return { spans: spans.map(({ list: _, element: __, ...span }) => span), choices };
  } catch (error) {
    if (error instanceof CannotEncode) return error.why;
    throw error;
  }
}

const omitted = (plan: Plan, choice: number) =>
  Math.max(
    0,
    plan.choices[choice].values.findIndex(({ value }) => value === undefined),
  );

export function sameMaybe(maybe: Maybe, value: Json | undefined): boolean {
  if (maybe.value === undefined || value === undefined) return maybe.value === value;
  return canonicalJson(maybe.value) === canonicalJson(value);
}

interface State {
  readonly choices: number[];
  readonly wants: Want[];
  readonly path: string;
  readonly list: number;
  readonly element: number;
  readonly lists: { n: number };
}

function collect(
  plan: Plan,
  node: PlanNode,
  worded: WordedText,
  value: Json | undefined,
  state: State,
): void {
  const { path } = state;
  const want = (
    label: number,
    reader: Parameters<typeof findSpans>[1],
    wanted: Json,
    at: Partial<State> = {},
  ) => {
    const candidates = findSpans(worded, reader, wanted);
    if (candidates.length === 0) throw new CannotEncode(path, wanted);
    const { list, element } = { ...state, ...at };
    state.wants.push({ label, path, value: wanted, candidates, list, element });
  };
  switch (node.kind) {
    case 'constant':
      return;
    case 'choice': {
      const index = plan.choices[node.choice].values.findIndex((one) => sameMaybe(one, value));
      if (index < 0 && value !== undefined) throw new CannotEncode(path, value);
      state.choices[node.choice] = index;
      return;
    }
    case 'span':
      if (value !== undefined && !sameMaybe(node.absent, value)) want(node.label, node.reader, value);
      return;
    case 'spans': {
      if (value === undefined || sameMaybe(node.empty, value)) return;
      if (!Array.isArray(value)) throw new CannotEncode(path, value);
      const list = state.list < 0 ? state.lists.n++ : state.list;
      for (const [element, one] of value.entries())
        want(node.label, node.reader, one as Json, state.list < 0 ? { list, element } : {});
      return;
    }
    case 'object':
      if (value !== undefined && !isJsonObject(value)) {
        if (node.empty && sameMaybe(node.empty, value)) return;
        throw new CannotEncode(path, value);
      }
      for (const [key, member] of Object.entries(node.members))
        collect(plan, member, worded, value && Object.hasOwn(value, key) ? value[key] : undefined, {
          ...state,
          path: join(path, key),
        });
      return;
    case 'list': {
      if (value === undefined || sameMaybe(node.empty, value)) return;
      if (!Array.isArray(value)) throw new CannotEncode(path, value);
      const list = state.lists.n++;
      for (const [element, one] of value.entries())
        collect(plan, node.element, worded, one as Json, { ...state, path: `${path}[]`, list, element });
    }
  }
}

export const join = (path: string, key: string) => (path === '' ? key : `${path}.${key}`);

type Placed = Found & { readonly list: number; readonly element: number };

/** Chooses a candidate for each want: those of few candidates first, elements of arrays in the order of the text. */
function place(
  plan: Plan,
  worded: WordedText,
  wants: readonly Want[],
  prefer: Prefer = () => 0,
  onClash: (label: number, other: number) => void = () => {},
): Placed[] {
  const placed: Placed[] = [];
  const order = [...wants].sort(
    (a, b) =>
      a.list - b.list ||
      a.element - b.element ||
      a.candidates.length - b.candidates.length ||
      longest(b) - longest(a),
  );
  const overlapping = (label: number, span: Span) =>
    placed.find(
      (one) =>
        plan.labels[one.label].layer === plan.labels[label].layer &&
        one.span.from < span.to &&
        span.from < one.span.to,
    );
  for (const { label, path, value, candidates, list, element } of order) {
    const earlier = placed.filter((one) => one.list === list && list >= 0 && one.element < element);
    const after = earlier.reduce((end, { span }) => Math.max(end, span.to), 0);
    const free = candidates.filter((span) => !overlapping(label, span));
    if (free.length === 0) {
      for (const span of candidates) onClash(label, overlapping(label, span)!.label);
      throw new CannotEncode(path, value);
    }
    const behind = free.filter((span) => span.from >= after);
    const siblings = placed.filter((one) => one.list === list && list >= 0 && one.element === element);
    // What belongs to one element stands together.
    const distance = (span: Span) =>
      siblings.reduce((sum, one) => sum + Math.max(0, span.from - one.span.to, one.span.from - span.to), 0);
    const [best] = (behind.length > 0 ? behind : free)
      .map((span) => ({ span, far: distance(span), score: prefer(worded, label, span) }))
      .sort((a, b) => a.far - b.far || b.score - a.score || a.span.from - b.span.from);
    placed.push({ label, first: false, span: best.span, score: 0, list, element });
  }
  // Single values were looked at before the elements of lists, by the sign of `list`.
  const inList = (label: number) => plan.labels[label].inList;
  return placed.map((one) => (inList(one.label) ? one : { ...one, list: -1, element: 0 }));
}

const longest = ({ candidates }: Want) =>
  candidates.reduce((most, { from, to }) => Math.max(most, to - from), 0);

/** The leftmost span of each element of an array of objects is its first. */
function markFirst(spans: readonly Placed[]): Placed[] {
  return spans.map((one) => {
    if (one.list < 0) return one;
    const before = spans.some(
      (other) =>
        other.list === one.list &&
        other.element === one.element &&
        (other.span.from < one.span.from || (other.span.from === one.span.from && other.label < one.label)),
    );
    return { ...one, first: !before };
  });
}

/** The first path at which two values differ. */
export function differs(one: Json | undefined, other: Json | undefined, path: string): string {
  if (isJsonObject(one) && isJsonObject(other)) {
    for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
      const [a, b] = [one[key], other[key]];
      if (a === undefined || b === undefined || canonicalJson(a) !== canonicalJson(b))
        return differs(a, b, join(path, key));
    }
  }
  return path;
}

/** Learns from spans that had no rival which words stand around a label's spans. */
export class Surroundings {
  readonly #counts = new Map<string, number>();

  static #keys(worded: WordedText, label: number, { from, to }: Span): string[] {
    const word = (i: number) =>
      i < 0 || i >= worded.words.length ? '' : spanText(worded, { from: i, to: i + 1 }).toLowerCase();
    return [-2, -1]
      .map((d) => `${label} ${d} ${word(from + d)}`)
      .concat([0, 1].map((d) => `${label} +${d} ${word(to + d)}`));
  }

  add(worded: WordedText, label: number, span: Span): void {
    for (const key of Surroundings.#keys(worded, label, span))
      this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  readonly prefer: Prefer = (worded, label, span) =>
    Surroundings.#keys(worded, label, span).reduce(
      (sum, key) => sum + Math.log1p(this.#counts.get(key) ?? 0),
      0,
    );
}
