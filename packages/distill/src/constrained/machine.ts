/**
 * Reads bytes by a grammar: which may follow, whether the value may end, how many bytes it takes to end it at the least.
 *
 * What is still to be written is a linked list of frames, never changed, so that states are shared; where a grammar
 * leaves a choice open, there are several lists at once.
 *
 * @module
 */
import type { Grammar, GrammarProperty } from './grammar.ts';
import { bytesToEnd, type NumberRange, type NumberState, nextNumber, numberStart } from './number-range.ts';

/** What is to be written next, and after that. */
type Frame = (
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly at: number }
  | ({ readonly kind: 'string'; readonly least: number; readonly most: number } & StringState)
  | { readonly kind: 'number'; readonly range: NumberRange; readonly state: NumberState }
  | { readonly kind: 'items'; readonly grammar: Grammar & { kind: 'array' }; readonly count: number }
  | {
      readonly kind: 'properties';
      readonly properties: readonly GrammarProperty[];
      readonly at: number;
      readonly begun: boolean;
    }
  | { readonly kind: 'choice'; readonly of: readonly Grammar[] }
) & {
  readonly rest: Frame | undefined;
  /** Bytes that this and the rest take at the least. */
  readonly cost: number;
  /** Frames of one key accept the same bytes. */
  readonly key: string;
};

interface StringState {
  /** Characters (code points) so far. */
  readonly count: number;
  readonly phase: 'open' | 'characters' | 'escape';
  /** Continuation bytes that the character under way still needs. */
  readonly missing: number;
  /** Between which the next of them lies; the others lie in [0x80, 0xbf]. */
  readonly low: number;
  readonly high: number;
}

/** A state of reading. States of one `key` accept the same bytes. */
export interface MachineState {
  readonly frames: readonly (Frame | undefined)[];
  readonly key: string;
  /** Bytes to the nearest end: 0 where the value may end. */
  readonly cost: number;
}

export interface Machine {
  readonly start: MachineState;
  /** The state after one more byte; undefined if no value of the grammar goes on so. */
  next(state: MachineState, byte: number): MachineState | undefined;
}

/** @param grammar of which a value is read */
export function startMachine(grammar: Grammar): Machine {
  const numbers = new Map<unknown, number>();
  /** A name for what grammars and literals are told apart by. */
  const nameOf = (part: unknown) => {
    const known = numbers.get(part);
    if (known !== undefined) return known;
    numbers.set(part, numbers.size);
    return numbers.size - 1;
  };
  const costs = new Map<Grammar, number>();
  const costOf = (part: Grammar): number => {
    const known = costs.get(part);
    if (known !== undefined) return known;
    const cost = leastBytes(part, costOf);
    costs.set(part, cost);
    return cost;
  };
  const literals = new Map<string, Uint8Array>();
  const literal = (text: string) => {
    const known = literals.get(text) ?? new TextEncoder().encode(text);
    literals.set(text, known);
    return known;
  };

  const framed = (frame: DistributiveOmit<Frame, 'cost' | 'key'>, own: number, name: string): Frame => ({
    ...frame,
    cost: own + (frame.rest?.cost ?? 0),
    key: frame.rest ? `${name};${frame.rest.key}` : name,
  });
  const bytesFrame = (bytes: Uint8Array, at: number, rest: Frame | undefined): Frame | undefined =>
    at === bytes.length
      ? rest
      : framed({ kind: 'bytes', bytes, at, rest }, bytes.length - at, `b${nameOf(bytes)}.${at}`);
  const stringFrame = (
    { least, most }: { readonly least: number; readonly most: number },
    state: StringState,
    rest: Frame | undefined,
  ): Frame => {
    const { count, phase, missing, low, high } = state;
    const open = phase === 'open' ? 1 : phase === 'escape' ? 1 : missing;
    const own = open + Math.max(0, least - count) + 1;
    // Far from its limits a string is the same everywhere; no token is longer than that.
    const left = Math.min(most - count, farthest);
    const needed = Math.max(0, least - count);
    const name = `s${phase[0]}${missing}.${low}.${high}.${left}.${needed}`;
    return framed({ kind: 'string', least, most, ...state, rest }, own, name);
  };
  const numberFrame = (range: NumberRange, state: NumberState, rest: Frame | undefined): Frame => {
    const { negative, whole, fraction, value } = state;
    const name = `n${nameOf(range)}.${negative ? '-' : ''}${whole}.${fraction}.${value}`;
    return framed({ kind: 'number', range, state, rest }, bytesToEnd(range, state) as number, name);
  };
  const itemsFrame = (
    grammar: Grammar & { kind: 'array' },
    count: number,
    rest: Frame | undefined,
  ): Frame => {
    const { item, least } = grammar;
    const needed = Math.max(0, least - count);
    const own = needed * costOf(item) + Math.max(0, count === 0 ? needed - 1 : needed) + 1;
    // Beyond its least number a list without a greatest one stays the same.
    const seen = grammar.most === Number.POSITIVE_INFINITY ? Math.min(count, Math.max(1, least)) : count;
    return framed({ kind: 'items', grammar, count, rest }, own, `a${nameOf(grammar)}.${seen}`);
  };
  const propertiesFrame = (
    properties: readonly GrammarProperty[],
    at: number,
    begun: boolean,
    rest: Frame | undefined,
  ): Frame =>
    framed(
      { kind: 'properties', properties, at, begun, rest },
      propertiesCost(properties, at, begun, costOf),
      `o${nameOf(properties)}.${at}.${begun}`,
    );
  const grammarFrame = (part: Grammar, rest: Frame | undefined): Frame | undefined => {
    switch (part.kind) {
      case 'bytes':
        return bytesFrame(part.bytes, 0, rest);
      case 'string':
        return stringFrame(part, stringStart, rest);
      case 'number':
        return numberFrame(part.range, numberStart, rest);
      case 'choice':
        return framed({ kind: 'choice', of: part.of, rest }, costOf(part), `c${nameOf(part.of)}`);
      case 'array':
        return bytesFrame(literal('['), 0, itemsFrame(part, 0, rest));
      case 'object':
        return bytesFrame(literal('{'), 0, propertiesFrame(part.properties, 0, false, rest));
    }
  };

  /** The lists that a list may go on as, each beginning with bytes, a string or a number, or at its end. */
  const opened = (frame: Frame | undefined): (Frame | undefined)[] => {
    if (!frame) return [undefined];
    const { rest } = frame;
    if (frame.kind === 'choice') return frame.of.flatMap((one) => opened(grammarFrame(one, rest)));
    if (frame.kind === 'items') {
      const { grammar, count } = frame;
      const lists: (Frame | undefined)[] = [];
      if (count >= grammar.least) lists.push(...opened(bytesFrame(literal(']'), 0, rest)));
      if (count < grammar.most) {
        const item = grammarFrame(grammar.item, itemsFrame(grammar, count + 1, rest));
        lists.push(...opened(count === 0 ? item : bytesFrame(literal(','), 0, item)));
      }
      return lists;
    }
    if (frame.kind === 'properties') {
      const { properties, at, begun } = frame;
      if (at === properties.length) return opened(bytesFrame(literal('}'), 0, rest));
      const { key, value, required } = properties[at];
      const written = bytesFrame(
        key,
        0,
        grammarFrame(value, propertiesFrame(properties, at + 1, true, rest)),
      );
      const lists = opened(begun ? bytesFrame(literal(','), 0, written) : written);
      return required ? lists : [...lists, ...opened(propertiesFrame(properties, at + 1, begun, rest))];
    }
    // A number that may end is also what follows it.
    if (frame.kind === 'number' && bytesToEnd(frame.range, frame.state) === 0)
      return [frame, ...opened(rest)];
    return [frame];
  };

  const after = (frame: Frame, byte: number): Frame | undefined | 'refused' => {
    switch (frame.kind) {
      case 'bytes':
        return frame.bytes[frame.at] === byte ? bytesFrame(frame.bytes, frame.at + 1, frame.rest) : 'refused';
      case 'string': {
        const state = nextInString(frame, byte);
        if (state === undefined) return 'refused';
        return state === 'closed' ? frame.rest : stringFrame(frame, state, frame.rest);
      }
      case 'number': {
        const state = nextNumber(frame.range, frame.state, byte);
        return state ? numberFrame(frame.range, state, frame.rest) : 'refused';
      }
      default:
        return 'refused';
    }
  };

  const stateOf = (lists: readonly (Frame | undefined)[]): MachineState => {
    const frames = [...new Map(lists.map((frame) => [frame?.key ?? '', frame])).values()];
    const costsOfAll = frames.map((frame) => frame?.cost ?? 0);
    return {
      frames,
      key: frames.map((frame) => frame?.key ?? '').join('|'),
      cost: Math.min(...costsOfAll),
    };
  };

  return {
    start: stateOf(opened(grammarFrame(grammar, undefined))),
    next(state, byte) {
      const lists = state.frames.flatMap((frame) => {
        const next = frame && after(frame, byte);
        return !frame || next === 'refused' ? [] : opened(next as Frame | undefined);
      });
      return lists.length === 0 ? undefined : stateOf(lists);
    },
  };
}

type DistributiveOmit<T, K extends keyof T> = T extends unknown ? Omit<T, K> : never;

/** Characters of a string beyond which its limit is not looked at yet: `next` must not be taken further at one time. */
export const farthest = 128;

const stringStart: StringState = { count: 0, phase: 'open', missing: 0, low: 0x80, high: 0xbf };

const [quote, backslash] = [0x22, 0x5c];
const escapes = new Set(Array.from('"\\bfnrt', (sign) => sign.charCodeAt(0)));

/**
 * A string as `JSON.stringify` writes it: signs are escaped only where they must be, and other control characters don't
 * occur. Bytes are UTF-8 (RFC 3629).
 */
function nextInString(
  frame: { readonly least: number; readonly most: number } & StringState,
  byte: number,
): StringState | 'closed' | undefined {
  const { count, phase, missing, low, high, least, most } = frame;
  const between = { phase: 'characters', missing: 0, low: 0x80, high: 0xbf } as const;
  if (phase === 'open') return byte === quote ? { ...between, count } : undefined;
  if (phase === 'escape') return escapes.has(byte) ? { ...between, count } : undefined;
  if (missing > 0)
    return byte >= low && byte <= high ? { ...between, count, missing: missing - 1 } : undefined;
  if (byte === quote) return count >= least ? 'closed' : undefined;
  if (count >= most) return undefined;
  if (byte === backslash) return { ...between, count: count + 1, phase: 'escape' };
  if (byte >= 0x20 && byte < 0x80) return { ...between, count: count + 1 };
  if (byte < 0xc2 || byte > 0xf4) return undefined;
  return {
    ...between,
    count: count + 1,
    missing: byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3,
    low: byte === 0xe0 ? 0xa0 : byte === 0xf0 ? 0x90 : 0x80,
    high: byte === 0xed ? 0x9f : byte === 0xf4 ? 0x8f : 0xbf,
  };
}

function leastBytes(part: Grammar, costOf: (part: Grammar) => number): number {
  switch (part.kind) {
    case 'bytes':
      return part.bytes.length;
    case 'string':
      return part.least + 2;
    case 'number':
      return bytesToEnd(part.range, numberStart) as number;
    case 'choice':
      return Math.min(...part.of.map(costOf));
    case 'array':
      return 2 + part.least * costOf(part.item) + Math.max(0, part.least - 1);
    case 'object':
      return 1 + propertiesCost(part.properties, 0, false, costOf);
  }
}

/** Bytes of the properties from `at` on, with the closing brace. */
function propertiesCost(
  properties: readonly GrammarProperty[],
  at: number,
  begun: boolean,
  costOf: (part: Grammar) => number,
): number {
  let cost = 1;
  let first = !begun;
  for (const { key, value, required } of properties.slice(at)) {
    if (!required) continue;
    cost += (first ? 0 : 1) + key.length + costOf(value);
    first = false;
  }
  return cost;
}
