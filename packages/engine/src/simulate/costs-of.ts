/**
 * From what happened to what it costs: the model under which the schedule of a real run is simulated.
 *
 * @module
 */
import { median } from './median.ts';
import type { CostModel } from './simulate.ts';
import type { Span, Timeline } from './timeline.ts';

/**
 * The costs of each stage in `timeline`, for each kind of work the median; 0 where there was none. An overlapped pair
 * of which there was none costs as much as its halves.
 *
 * A transfer is the copy at the sender and that at the receiver, by the stage that made the tensor. Both chips
 * are at work while they copy; `simulate` only delays the receiver. So a simulated step is what the schedule
 * could reach if copies were hidden behind computation.
 *
 * Leave out a run's first few steps (`sliceSteps`): memory that is touched for the first time makes them slow.
 */
export function costsOf({ spans }: Timeline): CostModel {
  const stages = spans.reduce((most, { stage }) => Math.max(most, stage + 1), 0);
  const lengthsOf = (kind: Span['kind']) => {
    const lengths: number[][] = Array.from({ length: stages }, () => []);
    for (const span of spans) if (span.kind === kind) lengths[span.stage].push(lengthOf(span));
    return lengths;
  };
  const byStage = (kind: Span['kind']) => lengthsOf(kind).map(median);
  const [forward, backwardInput, backwardWeight] = (
    ['forward', 'backwardInput', 'backwardWeight'] as const
  ).map(byStage);
  const pairs = lengthsOf('overlapped');
  const halves = (stage: number) => forward[stage] + backwardInput[stage] + backwardWeight[stage];
  return {
    forward,
    backwardInput,
    backwardWeight,
    ...(pairs.some((lengths) => lengths.length > 0) && {
      overlapped: pairs.map((lengths, stage) => (lengths.length > 0 ? median(lengths) : halves(stage))),
    }),
    update: byStage('update'),
    scatter: byStage('scatter'),
    gather: byStage('gather'),
    transfer: transfers(spans, stages),
  };
}

/** By the stage that made the tensor: the median of send and receive together. */
function transfers(spans: readonly Span[], stages: number): number[] {
  const received = new Map<string, number>();
  for (const span of spans) {
    if (span.kind !== 'receive') continue;
    const maker = span.payload === 'activation' ? span.stage - 1 : span.stage + 1;
    received.set(tensorOf(span, maker), lengthOf(span));
  }
  const lengths: number[][] = Array.from({ length: stages }, () => []);
  for (const span of spans) {
    const copy = span.kind === 'send' ? received.get(tensorOf(span, span.stage)) : undefined;
    if (copy !== undefined) lengths[span.stage].push(lengthOf(span) + copy);
  }
  return lengths.map(median);
}

function tensorOf({ step, microbatch, payload }: Span, maker: number): string {
  return `${step} ${microbatch} ${payload} ${maker}`;
}

function lengthOf({ start, end }: Span): number {
  return end - start;
}
