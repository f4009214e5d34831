import type { Span, Timeline } from '@kolben/engine';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packTimeline, unpackTimeline } from './pack-timeline.ts';

const small = fc.nat({ max: 40 });
const times = fc
  .tuple(fc.nat({ max: 1e9 }), fc.nat({ max: 1e6 }))
  .map(([start, length]) => ({ start: start / 1000, end: (start + length) / 1000 }));
const span: fc.Arbitrary<Span> = fc.oneof(
  fc
    .record({
      ...{ chip: small, stage: small, step: small, microbatch: small },
      kind: fc.constantFrom('forward' as const, 'backwardInput' as const, 'backwardWeight' as const),
    })
    .chain((one) => times.map((time) => ({ ...one, ...time }))),
  fc
    .record({
      ...{ chip: small, stage: small, step: small, microbatch: small },
      kind: fc.constantFrom('send' as const, 'receive' as const),
      payload: fc.constantFrom('activation' as const, 'gradient' as const),
    })
    .chain((one) => times.map((time) => ({ ...one, ...time }))),
  fc
    .record({
      ...{ chip: small, stage: small, step: small, microbatch: small },
      kind: fc.constant('overlapped' as const),
      backward: fc.record({ stage: small, microbatch: small }),
    })
    .chain((one) => times.map((time) => ({ ...one, ...time }))),
  fc
    .record({
      ...{ chip: small, stage: small, step: small },
      kind: fc.constantFrom('scatter' as const, 'update' as const, 'gather' as const),
    })
    .chain((one) => times.map((time) => ({ ...one, ...time }))),
);

test('what is packed and unpacked is the same, to the microsecond', () => {
  fc.assert(
    fc.property(
      fc.record({ chips: small, spans: fc.array(span, { maxLength: 30 }) }),
      (timeline: Timeline) => {
        const packed = JSON.parse(JSON.stringify(packTimeline(timeline)));
        expect(unpackTimeline(packed)).toEqual(timeline);
      },
    ),
  );
});
