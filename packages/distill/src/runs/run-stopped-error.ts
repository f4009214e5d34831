/**
 * A run that ends because somebody asked for it.
 *
 * @module
 */
import { KolbenError } from '@kolben/engine';

export class RunStoppedError extends KolbenError {
  static readonly code = 'run_stop_wanted';
  readonly run: string;

  constructor(run: string) {
    super(
      RunStoppedError.code,
      `The run was stopped as asked, and its state is kept: 'kolben runs resume ${run}' goes on with it.`,
    );
    this.run = run;
  }
}
