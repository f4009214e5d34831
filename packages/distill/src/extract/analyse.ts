/**
 * Looks at examples and works out the plan of the extraction: what is a span, what is a choice, what is always the
 * same, and which answers cannot be made of such parts.
 *
 * @module
 */
import { type Encoded, encodeAnswer, type Inexpressible, join, Surroundings, sameMaybe } from './encode.ts';
import { findSpans, type WordedText } from './find-spans.ts';
import { canonicalJson, isJsonObject, type Json } from './json.ts';
import type { Choice, Label, Maybe, Plan, PlanNode } from './plan.ts';
import { couldRead, type ReaderName, readerNames } from './readers.ts';
import { labelsOf } from './render.ts';

export interface ExtractExample extends WordedText {
  readonly answer: Json;
}

export interface Analysis {
  readonly plan: Plan;
  /** By example what it is made of; undefined for one that cannot be expressed. */
  readonly encoded: readonly (Encoded | undefined)[];
  readonly slots: readonly SlotFacts[];
  /** Examples that cannot be made of spans and choices, by the first path that stands in the way. */
  readonly inexpressible: readonly InexpressiblePath[];
}

/** How one path of the answer is given. */
export interface SlotFacts {
  readonly path: string;
  readonly how: 'span' | 'spans' | 'choice' | 'constant';
  /** For spans: how their text becomes the value. */
  readonly reader?: ReaderName;
  /** For choices: how many there are. */
  readonly values?: number;
}

export interface InexpressiblePath {
  readonly path: string;
  readonly count: number;
  /** A few of them, shortened for people. */
  readonly examples: readonly { readonly text: string; readonly value: string }[];
}

export interface AnalyseOptions {
  /** Whether a schema says that the values of a path are a closed list. */
  readonly isEnum?: (path: string) => boolean;
}

interface Sample {
  readonly worded: WordedText;
  readonly value: Json | undefined;
  /** The object that would hold it isn't there. */
  readonly orphan: boolean;
}

/** More values than this are no closed list, as with labels (`datasets/freeze-dataset.ts`). */
const mostValues = (samples: number) => Math.min(1000, Math.max(20, Math.floor(samples / 4)));
/** Share of the values that must be found in the text for spans to be the way. */
const mostlySpans = 0.9;
/** The same where nothing else is possible. */
const someSpans = 0.3;
/** Share of a closed list's values that come more than once. */
const repeated = 0.9;
const mostLayers = 3;
const shown = 3;

/** @throws RangeError where there are no examples */
export function analyse(
  examples: readonly ExtractExample[],
  { isEnum = () => false }: AnalyseOptions = {},
): Analysis {
  if (examples.length === 0) throw new RangeError('There are no examples to analyse.');
  const builder = new Builder(isEnum);
  const root = builder.build(
    '',
    examples.map((worded) => ({ worded, value: worded.answer, orphan: false })),
    false,
  );
  const plan: Plan = {
    root,
    labels: builder.labels,
    choices: builder.choices,
    fallback: canonicalJson(commonest(examples.map(({ answer }) => answer)).value as Json),
  };
  return encodeAll(inLayers(plan, examples), examples);
}

/** Gives labels whose spans lie over each other layers of their own. */
function inLayers(plan: Plan, examples: readonly ExtractExample[]): Plan {
  const clashes = plan.labels.map(() => new Map<number, number>());
  for (const example of examples)
    encodeAnswer(plan, example, example.answer, {
      onClash: (a, b) => {
        clashes[a].set(b, (clashes[a].get(b) ?? 0) + 1);
        clashes[b].set(a, (clashes[b].get(a) ?? 0) + 1);
      },
    });
  const least = Math.max(2, examples.length / 500);
  const layers: number[] = [];
  for (const label of plan.labels.keys()) {
    const taken = new Set(
      [...clashes[label]].flatMap(([other, count]) =>
        count >= least && layers[other] !== undefined ? [layers[other]] : [],
      ),
    );
    let layer = 0;
    while (taken.has(layer) && layer < mostLayers - 1) layer++;
    layers.push(layer);
  }
  return { ...plan, labels: plan.labels.map((label, i) => ({ ...label, layer: layers[i] })) };
}

function encodeAll(plan: Plan, examples: readonly ExtractExample[]): Analysis {
  const around = new Surroundings();
  const isEncoded = (one: Encoded | Inexpressible): one is Encoded => 'spans' in one;
  // First those that leave no doubt where a value was read.
  for (const example of examples) {
    const encoded = encodeAnswer(plan, example, example.answer);
    if (!isEncoded(encoded)) continue;
    for (const { label, span } of encoded.spans) around.add(example, label, span);
  }
  const inexpressible = new Map<string, { count: number; examples: { text: string; value: string }[] }>();
  const encoded = examples.map((example) => {
    const one = encodeAnswer(plan, example, example.answer, { prefer: around.prefer });
    if (isEncoded(one)) return one;
    const entry = inexpressible.get(one.path) ?? { count: 0, examples: [] };
    inexpressible.set(one.path, entry);
    entry.count++;
    if (entry.examples.length < shown)
      entry.examples.push({
        text: shorten(example.text),
        value: shorten(one.value === undefined ? 'nothing' : canonicalJson(one.value)),
      });
    return undefined;
  });
  return {
    plan,
    encoded,
    slots: slotsOf(plan),
    inexpressible: [...inexpressible]
      .map(([path, entry]) => ({ path, ...entry }))
      .sort((a, b) => b.count - a.count || (a.path < b.path ? -1 : 1)),
  };
}

const shorten = (text: string) => (text.length > 80 ? `${text.slice(0, 79)}…` : text);

/** Every path of the answer, and how it is given. */
export function slotsOf(plan: Plan): SlotFacts[] {
  const walk = (node: PlanNode, path: string): SlotFacts[] => {
    switch (node.kind) {
      case 'constant':
        return [{ path, how: 'constant' }];
      case 'choice':
        return [{ path, how: 'choice', values: plan.choices[node.choice].values.length }];
      case 'span':
        return [{ path, how: 'span', reader: node.reader }];
      case 'spans':
        return [{ path: `${path}[]`, how: 'spans', reader: node.reader }];
      case 'list':
        return walk(node.element, `${path}[]`);
      case 'object':
        return Object.entries(node.members).flatMap(([key, member]) => walk(member, join(path, key)));
    }
  };
  return walk(plan.root, '');
}

/** The value that comes most often, absence among them; of equally frequent ones the first in code unit order. */
function commonest(values: readonly (Json | undefined)[]): Maybe & { count: number } {
  const counts = new Map<string, { value: Json | undefined; count: number }>();
  for (const value of values) {
    const key = value === undefined ? '' : canonicalJson(value);
    const entry = counts.get(key) ?? { value, count: 0 };
    counts.set(key, { ...entry, count: entry.count + 1 });
  }
  const [best] = [...counts].sort(([a, x], [b, y]) => y.count - x.count || (a < b ? -1 : 1));
  return best ? best[1] : { count: 0 };
}

const maybe = ({ value }: Maybe): Maybe => (value === undefined ? {} : { value });

class Builder {
  readonly labels: Label[] = [];
  readonly choices: Choice[] = [];
  readonly #isEnum: (path: string) => boolean;

  constructor(isEnum: (path: string) => boolean) {
    this.#isEnum = isEnum;
  }

  build(path: string, samples: readonly Sample[], inList: boolean): PlanNode {
    const present = samples.filter(({ value }) => value !== undefined && value !== null);
    if (present.length > 0 && present.every(({ value }) => isJsonObject(value)))
      return this.#object(path, samples, inList);
    if (present.length > 0 && present.every(({ value }) => Array.isArray(value))) {
      const list = this.#array(path, samples, inList);
      if (list) return list;
    }
    return this.#value(path, samples, inList);
  }

  #object(path: string, samples: readonly Sample[], inList: boolean): PlanNode {
    const keys = new Set<string>();
    for (const { value } of samples)
      if (isJsonObject(value)) for (const key of Object.keys(value)) keys.add(key);
    const members: Record<string, PlanNode> = {};
    for (const key of [...keys].sort())
      members[key] = this.build(
        join(path, key),
        samples.map(({ worded, value, orphan }) =>
          isJsonObject(value)
            ? { worded, value: Object.hasOwn(value, key) ? value[key] : undefined, orphan }
            : { worded, value: undefined, orphan: true },
        ),
        inList,
      );
    const node: PlanNode = { kind: 'object', members };
    const { value, count } = commonest(
      samples.flatMap((sample) => (!sample.orphan && !isJsonObject(sample.value) ? [sample.value] : [])),
    );
    const bare = samples.filter((one) => isJsonObject(one.value) && this.#isAbsent(node, one.value)).length;
    return count > bare ? { ...node, empty: maybe({ value }) } : node;
  }

  /** Whether a value is what stands where nothing was found. */
  #isAbsent(node: PlanNode, value: Json | undefined): boolean {
    switch (node.kind) {
      case 'constant':
        return true;
      case 'choice':
        return value === undefined;
      case 'span':
        return sameMaybe(node.absent, value);
      case 'spans':
      case 'list':
        return sameMaybe(node.empty, value);
      case 'object':
        if (!isJsonObject(value)) return node.empty !== undefined && sameMaybe(node.empty, value);
        return Object.entries(node.members).every(([key, member]) =>
          this.#isAbsent(member, Object.hasOwn(value, key) ? value[key] : undefined),
        );
    }
  }

  /** Undefined where its elements are neither spans nor objects of spans. */
  #array(path: string, samples: readonly Sample[], inList: boolean): PlanNode | undefined {
    const elements = samples.flatMap(({ worded, value }) =>
      Array.isArray(value) ? value.map((one: Json) => ({ worded, value: one, orphan: false })) : [],
    );
    const own = samples.filter(({ orphan }) => !orphan);
    const empty = maybe(
      commonest(own.flatMap(({ value }) => (Array.isArray(value) && value.length > 0 ? [] : [value]))),
    );
    if (elements.length === 0) return undefined;
    if (elements.every(({ value }) => isJsonObject(value))) {
      if (inList) return undefined;
      const [labels, choices] = [this.labels.length, this.choices.length];
      const element = this.build(`${path}[]`, elements, true);
      if (labelsOf(element).size > 0) return { kind: 'list', element, empty };
      this.labels.length = labels;
      this.choices.length = choices;
      return undefined;
    }
    const { reader, read } = bestReader(elements);
    if (reader === undefined || read < mostlySpans * elements.length) {
      const closed = this.#closed(samples);
      if (closed && !inList) return undefined;
      if (reader === undefined || read < someSpans * elements.length) return undefined;
    }
    return { kind: 'spans', label: this.#label(`${path}[]`, inList), reader, empty };
  }

  #value(path: string, samples: readonly Sample[], inList: boolean): PlanNode {
    const own = samples.filter(({ orphan }) => !orphan);
    const usual = commonest(own.map(({ value }) => value));
    if (usual.count === own.length && usual.value !== undefined)
      return { kind: 'constant', value: usual.value };
    const closed = !inList && this.#closed(samples);
    const boolean = samples.some(({ value }) => typeof value === 'boolean');
    if (closed && (boolean || this.#isEnum(path))) return this.#choice(path, samples);

    const { reader, readable } = bestReader(own);
    if (reader !== undefined) {
      const absent = commonest(own.flatMap(({ value }, i) => (readable[i] ? [] : [value])));
      const others = own.filter(({ value }) => !sameMaybe(absent, value) || absent.count === 0);
      const found = own.filter(
        ({ value }, i) => readable[i] && !(absent.count > 0 && sameMaybe(absent, value)),
      );
      const share = found.length / Math.max(1, others.length);
      if (share >= mostlySpans || (!closed && share >= someSpans))
        return { kind: 'span', label: this.#label(path, inList), reader, absent: maybe(absent) };
    }
    if (closed) return this.#choice(path, samples);
    // What can be neither found nor chosen: always the commonest, and every other value is inexpressible.
    return usual.value === undefined
      ? { kind: 'choice', choice: this.choices.push({ path, values: [{}] }) - 1 }
      : { kind: 'constant', value: usual.value };
  }

  #closed(samples: readonly Sample[]): boolean {
    const counts = new Map<string, number>();
    for (const { value } of samples) {
      const key = value === undefined ? '' : canonicalJson(value);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    if (counts.size > mostValues(samples.length)) return false;
    const again = [...counts.values()].filter((count) => count > 1).reduce((sum, count) => sum + count, 0);
    return again >= repeated * samples.length;
  }

  #choice(path: string, samples: readonly Sample[]): PlanNode {
    const values = new Map<string, Maybe>();
    for (const { value } of samples)
      values.set(value === undefined ? '' : canonicalJson(value), value === undefined ? {} : { value });
    const sorted = [...values].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
    return { kind: 'choice', choice: this.choices.push({ path, values: sorted }) - 1 };
  }

  #label(path: string, inList: boolean): number {
    return this.labels.push({ path, layer: 0, inList }) - 1;
  }
}

/** The reader that finds most values in their texts, and which ones. */
function bestReader(samples: readonly Sample[]): {
  reader: ReaderName | undefined;
  read: number;
  readable: boolean[];
} {
  let best = { reader: undefined as ReaderName | undefined, read: 0, readable: [] as boolean[] };
  for (const reader of readerNames) {
    if (!samples.some(({ value }) => value !== undefined && couldRead(reader, value))) continue;
    const readable = samples.map(
      ({ worded, value }) =>
        value !== undefined && couldRead(reader, value) && findSpans(worded, reader, value).length > 0,
    );
    const read = readable.filter(Boolean).length;
    if (read > best.read) best = { reader, read, readable };
    if (read === samples.filter(({ value }) => value !== undefined).length) break;
  }
  return best;
}
