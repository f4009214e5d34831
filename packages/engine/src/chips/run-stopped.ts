import { KolbenError } from '../error.ts';

/** What a chip throws that was told to stop: it waits no longer, and begins nothing more. */
export class RunStopped extends KolbenError {
  constructor() {
    super('run_stopped', 'The run was stopped.');
  }
}
