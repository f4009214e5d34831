/**
 * What chips do, and how it is told: each kind of work with its colour and its words, the same wherever it's drawn.
 *
 * @module
 */
import type { Numbers } from './numbers.ts';
import type { Shade } from './shade.ts';
import type { ChartWords } from './words.ts';

/** One stretch of work. */
export interface ChipSpan {
  readonly chip: number;
  readonly kind: string;
  readonly stage: number;
  /** Undefined for work on a whole stage. */
  readonly microbatch?: number | undefined;
  /** Milliseconds. */
  readonly start: number;
  readonly end: number;
}

/** What chips did and when, with its name. */
export interface ChipRecord {
  readonly label: string;
  readonly chips: number;
  readonly spans: readonly ChipSpan[];
}

interface ChipWork {
  readonly word: Extract<keyof ChartWords, `work${string}`>;
  readonly kinds: readonly string[];
  readonly shade: Shade;
}

/** In the order of the key. Chips compute in the first four and the last, and copy in the others. */
export const chipWork = [
  { word: 'workForward', kinds: ['forward'], shade: 'first' },
  { word: 'workBackwardInput', kinds: ['backwardInput'], shade: 'second' },
  { word: 'workBackwardWeight', kinds: ['backwardWeight'], shade: 'third' },
  { word: 'workOverlapped', kinds: ['overlapped'], shade: 'student' },
  { word: 'workTransfer', kinds: ['send', 'receive'], shade: 'wrong' },
  { word: 'workReduce', kinds: ['scatter', 'gather'], shade: 'teacher' },
  { word: 'workUpdate', kinds: ['update'], shade: 'fourth' },
] as const satisfies readonly ChipWork[];

const workByKind: ReadonlyMap<string, ChipWork> = new Map(
  chipWork.flatMap((work) => work.kinds.map((kind) => [kind, work] as const)),
);

/** Undefined for kinds that nobody has words for; they aren't drawn. */
export function workOf({ kind }: Pick<ChipSpan, 'kind'>): ChipWork | undefined {
  return workByKind.get(kind);
}

/** `Chip 1, F: forward, stage 1, microbatch 3, from 12.31 ms for 1.20 ms`. Chips, stages and microbatches count from 1. */
export function tellSpan(
  span: ChipSpan,
  { words, numbers }: { readonly words: ChartWords; readonly numbers: Numbers },
): string {
  const { microbatch } = span;
  const stage = numbers.count(span.stage + 1);
  const work = workOf(span);
  return words.spanTold({
    chip: words.chip({ n: numbers.count(span.chip + 1) }),
    work: work ? words[work.word] : span.kind,
    place:
      microbatch === undefined
        ? words.placeStage({ stage })
        : words.placeMicrobatch({ stage, microbatch: numbers.count(microbatch + 1) }),
    start: numbers.fixed(span.start, 2),
    length: numbers.fixed(span.end - span.start, 2),
  });
}
