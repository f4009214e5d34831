/**
 * What happened when on which chip: the one form that simulated and real runs share.
 *
 * A timeline holds what chips did; what they waited is the rest. All times are milliseconds on one clock for
 * all chips, from any zero.
 *
 * @module
 */
import type { Instruction, Payload } from '../schedule/instruction.ts';

/** One stretch of work. */
export interface Span {
  chip: number;
  /**
   * Sends and receives stand for time spent copying, not for time spent waiting for the other chip. A
   * simulated transfer costs its chip nothing and leaves no span.
   */
  kind: Instruction['kind'];
  stage: number;
  /** Undefined for work on a whole stage: scatter, update, gather. */
  microbatch?: number;
  /** The backward half of an overlapped pair, whose forward half `stage` and `microbatch` name. */
  backward?: { stage: number; microbatch: number };
  /** What a send or a receive copied. */
  payload?: Payload;
  /** From 0. */
  step: number;
  /** Milliseconds. */
  start: number;
  /** Milliseconds, not before `start`. */
  end: number;
}

/** What a span says of an instruction, without its times. */
export function spanOf(
  instruction: Instruction,
): Pick<Span, 'kind' | 'stage' | 'microbatch' | 'payload' | 'backward'> {
  const { kind } = instruction;
  if (instruction.kind === 'overlapped')
    return { kind, ...instruction.forward, backward: instruction.backward };
  const { stage } = instruction;
  return {
    kind,
    stage,
    ...('microbatch' in instruction ? { microbatch: instruction.microbatch } : {}),
    ...('payload' in instruction ? { payload: instruction.payload } : {}),
  };
}

/** What chips did, and when. */
export interface Timeline {
  /** How many chips took part, busy or not. */
  chips: number;
  /** In any order. */
  spans: Span[];
}

/** A stretch of time, in milliseconds. */
export interface TimeWindow {
  start: number;
  end: number;
}

/** How one chip spent a window, in milliseconds; the three add up to the window. */
export interface ChipUse {
  /** Computing: F, B, W, update. */
  busy: number;
  /** Copying to or from other chips, or reducing with them, while it computed nothing. */
  transfer: number;
  /** Waiting. */
  idle: number;
  /** `busy` as a share of the window, from 0 to 1. */
  busyShare: number;
}

/** From the first start to the last end of any span; 0 to 0 for an empty timeline. */
export function timeWindow({ spans }: Timeline): TimeWindow {
  if (spans.length === 0) return { start: 0, end: 0 };
  let start = Number.POSITIVE_INFINITY;
  let end = Number.NEGATIVE_INFINITY;
  for (const span of spans) {
    start = Math.min(start, span.start);
    end = Math.max(end, span.end);
  }
  return { start, end };
}

/** The same on a clock that shows `start`, in milliseconds, when the first span starts. */
export function startingAt(timeline: Timeline, start: number): Timeline {
  const zero = timeWindow(timeline).start;
  return {
    ...timeline,
    spans: timeline.spans.map((span) => ({
      ...span,
      start: span.start - zero + start,
      end: span.end - zero + start,
    })),
  };
}

/** Milliseconds from the first start to the last end. */
export function makespan(timeline: Timeline): number {
  const { start, end } = timeWindow(timeline);
  return end - start;
}

/**
 * How each chip spent a window, by default the whole timeline.
 *
 * The ends of a timeline count as waiting for chips that begin later or end sooner. For the steady state of
 * a run of many steps, give a window within it.
 */
export function chipUse(timeline: Timeline, window: TimeWindow = timeWindow(timeline)): ChipUse[] {
  const length = window.end - window.start;
  return spansByChip(sliceTime(timeline, window)).map((own) => {
    const covered = coveredTime(own);
    const busy = coveredTime(own.filter(({ kind }) => computingKinds.has(kind)));
    return {
      busy,
      transfer: covered - busy,
      idle: length - covered,
      busyShare: length > 0 ? busy / length : 0,
    };
  });
}

/** The share of all chips' time in a window that is spent waiting, from 0 to 1; 0 for an empty window. */
export function idleShare(timeline: Timeline, window: TimeWindow = timeWindow(timeline)): number {
  const total = (window.end - window.start) * timeline.chips;
  if (!(total > 0)) return 0;
  return chipUse(timeline, window).reduce((idle, use) => idle + use.idle, 0) / total;
}

/** What `bubbleRate` computes, to be shown beside its figures: other texts divide by other things. */
export const bubbleRateDefinition =
  '(cost - m*(F+B+W)) / cost, where cost is the longest span (first start to last end) of any one stage';

/**
 * The share of waiting within the chip that is longest at work: `bubbleRateDefinition`, from 0 to 1.
 *
 * A chip's cost is the time from its first to its last F, B or W in a step, and m(F + B + W) the time in
 * which it computed them; a chip that holds several stages counts as one stage, the way the sources count it.
 * Of several steps, costs and work are added up.
 *
 * Source: Qi et al., Zero Bubble Pipeline Parallelism (arXiv 2401.10241).
 */
export function bubbleRate({ spans }: Timeline): number {
  const steps = new Map<number, Map<number, Span[]>>();
  for (const span of spans) {
    if (!passKinds.has(span.kind)) continue;
    const chips = steps.get(span.step) ?? new Map<number, Span[]>();
    steps.set(span.step, chips);
    const own = chips.get(span.chip) ?? [];
    chips.set(span.chip, own);
    own.push(span);
  }
  let totalCost = 0;
  let totalWork = 0;
  for (const chips of steps.values()) {
    let cost = 0;
    let work = 0;
    for (const own of chips.values()) {
      const span = makespan({ chips: 1, spans: own });
      if (span <= cost) continue;
      cost = span;
      work = coveredTime(own);
    }
    totalCost += cost;
    totalWork += work;
  }
  return totalCost > 0 ? (totalCost - totalWork) / totalCost : 0;
}

/** The spans of steps `first` up to, not including, `end`. Times stay as they are. */
export function sliceSteps(timeline: Timeline, first: number, end: number): Timeline {
  return { ...timeline, spans: timeline.spans.filter(({ step }) => step >= first && step < end) };
}

/** What happened within a window; spans that reach beyond it are cut. Times stay as they are. */
export function sliceTime(timeline: Timeline, { start, end }: TimeWindow): Timeline {
  const spans: Span[] = [];
  for (const span of timeline.spans) {
    if (span.start >= end || span.end <= start) continue;
    spans.push({ ...span, start: Math.max(span.start, start), end: Math.min(span.end, end) });
  }
  return { ...timeline, spans };
}

const passKinds: ReadonlySet<Span['kind']> = new Set<Span['kind']>([
  'forward',
  'backwardInput',
  'backwardWeight',
  'overlapped',
]);
const computingKinds: ReadonlySet<Span['kind']> = new Set<Span['kind']>([...passKinds, 'update']);

/** The spans of each chip, in the order in which they are. */
export function spansByChip({ chips, spans }: Timeline): Span[][] {
  const found: Span[][] = Array.from({ length: chips }, () => []);
  for (const span of spans) found[span.chip]?.push(span);
  return found;
}

/** Milliseconds in which at least one of the spans goes on: a chip may copy while it computes. */
function coveredTime(spans: readonly Span[]): number {
  let covered = 0;
  let until = Number.NEGATIVE_INFINITY;
  for (const { start, end } of [...spans].sort((a, b) => a.start - b.start)) {
    if (end <= until) continue;
    covered += end - Math.max(start, until);
    until = end;
  }
  return covered;
}
