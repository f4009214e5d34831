/**
 * The order of passes that DualPipe and DualPipeV share, in eight steps.
 *
 * @module
 */
import type { OrderedPass } from './from-orders.ts';

/** One of the two streams of microbatches on a chip. */
export interface Arm {
  stage: number;
  /** The number of the arm's n-th microbatch. */
  microbatch: (nth: number) => number;
}

export interface DualOrderOptions {
  /** The arm whose forward passes come first on this chip. */
  near: Arm;
  far: Arm;
  /** The chip's distance from its end of the pipeline, h: 0 to ranks − 1. */
  distance: number;
  /** Chips from an end to the middle, H. */
  ranks: number;
  /** How often step 4 is run. */
  pairs: number;
  /** In the middle the two arms meet, and the first pair can't overlap: its halves depend on each other. */
  isMiddle: boolean;
}

/** The passes of one chip; F0 is a forward pass of the near arm, B1 a backward pass of the far one. */
export function dualOrder({ near, far, distance, ranks, pairs, isMiddle }: DualOrderOptions): OrderedPass[] {
  const order: OrderedPass[] = [];
  const arms = [near, far] as const;
  const forwards = [0, 0];
  const backwards = [0, 0];
  /** Input gradients whose weight gradients are still to come, in order. */
  const heldBack: { stage: number; microbatch: number }[] = [];
  const nextForward = (arm: 0 | 1) => ({
    stage: arms[arm].stage,
    microbatch: arms[arm].microbatch(forwards[arm]++),
  });
  const nextBackward = (arm: 0 | 1) => ({
    stage: arms[arm].stage,
    microbatch: arms[arm].microbatch(backwards[arm]++),
  });
  const F = (arm: 0 | 1): void => {
    order.push({ kind: 'forward', ...nextForward(arm) });
  };
  const B = (arm: 0 | 1): void => {
    order.push({ kind: 'backward', ...nextBackward(arm) });
  };
  const Bi = (arm: 0 | 1): void => {
    const place = nextBackward(arm);
    order.push({ kind: 'backwardInput', ...place });
    heldBack.push(place);
  };
  const W = (): void => {
    const place = heldBack.shift();
    if (place) order.push({ kind: 'backwardWeight', ...place });
  };
  const FB = (forward: 0 | 1, backward: 0 | 1): void => {
    order.push({ kind: 'overlapped', forward: nextForward(forward), backward: nextBackward(backward) });
  };
  const times = (count: number, step: (i: number) => void): void => {
    for (let i = 0; i < count; i++) step(i);
  };
  const inner = ranks - distance - 1;

  // 1. The near arm goes ahead.
  times(2 * inner, () => F(0));
  // 2. Both arms forward.
  times(distance + 1, () => {
    F(0);
    F(1);
  });
  // 3. The far arm turns round; its weight gradients fill the time.
  times(inner, () => {
    Bi(1);
    W();
    F(1);
  });
  // 4. Each arm forward while the other goes backward.
  times(pairs, (i) => {
    if (i === 0 && isMiddle) {
      F(0);
      B(1);
    } else FB(0, 1);
    FB(1, 0);
  });
  // 5. The far arm has no more forwards to give.
  times(inner, () => {
    B(1);
    FB(1, 0);
  });
  // 6. Both arms backward; in the second half, weight gradients are held back.
  times(distance + 1, (i) => {
    (2 * i > distance ? Bi : B)(1);
    (2 * i + 1 > distance ? Bi : B)(0);
  });
  // 7. What was held back fills the time between the last input gradients.
  times(inner, () => {
    W();
    Bi(0);
  });
  // 8. The rest of what was held back.
  while (heldBack.length > 0) W();
  return order;
}
