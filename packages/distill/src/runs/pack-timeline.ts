/**
 * A timeline in few bytes, for the store: whole microseconds in one list of numbers.
 *
 * @module
 */
import type { Span, Timeline } from '@kolben/engine';

export interface PackedTimeline {
  readonly chips: number;
  /** Of each span `fields` numbers: see `packTimeline`. */
  readonly spans: readonly number[];
}

const kinds: readonly Span['kind'][] = [
  'forward',
  'backwardInput',
  'backwardWeight',
  'overlapped',
  'send',
  'receive',
  'scatter',
  'update',
  'gather',
];
const payloads: readonly (Span['payload'] | undefined)[] = [undefined, 'activation', 'gradient'];
/** Chip, kind, payload, stage, microbatch, backward stage and microbatch, step, start, end; −1 for what isn't there. */
const fields = 10;

/** Times are rounded to microseconds. */
export function packTimeline({ chips, spans }: Timeline): PackedTimeline {
  return {
    chips,
    spans: spans.flatMap((span) => [
      span.chip,
      kinds.indexOf(span.kind),
      payloads.indexOf(span.payload),
      span.stage,
      span.microbatch ?? -1,
      span.backward?.stage ?? -1,
      span.backward?.microbatch ?? -1,
      span.step,
      Math.round(span.start * 1000),
      Math.round(span.end * 1000),
    ]),
  };
}

export function unpackTimeline({ chips, spans: packed }: PackedTimeline): Timeline {
  const spans: Span[] = [];
  for (let at = 0; at + fields <= packed.length; at += fields) {
    const [chip, kind, payload, stage, microbatch, backStage, backMicrobatch, step, start, end] =
      packed.slice(at, at + fields);
    const copied = payloads[payload];
    spans.push({
      chip,
      kind: kinds[kind]!,
      stage,
      ...(microbatch >= 0 && { microbatch }),
      ...(backStage >= 0 && { backward: { stage: backStage, microbatch: backMicrobatch } }),
      ...(copied && { payload: copied }),
      step,
      start: start / 1000,
      end: end / 1000,
    });
  }
  return { chips, spans };
}
