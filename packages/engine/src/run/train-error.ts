import { KolbenError } from '../error.ts';

/** A run that cannot begin or cannot go on. */
export class TrainError extends KolbenError {}

/** A loss that is not a number, before it is known where it comes from. */
export class Diverged extends TrainError {
  readonly step: number;
  readonly microbatch: number;

  constructor(step: number, { microbatch, loss }: { microbatch: number; loss: number }, origin = '') {
    super(
      'train_diverged',
      `The loss is ${loss} at step ${step}, microbatch ${microbatch}${origin}; use a lower learning rate, or look for such numbers in the inputs.`,
    );
    this.step = step;
    this.microbatch = microbatch;
    this.loss = loss;
  }

  readonly loss: number;
}
