/**
 * Ctrl-C: the first asks everything to stop in good order, the second ends the process at once.
 *
 * @module
 */
import { InterruptedError } from './errors.ts';

/** npm passes a Ctrl-C on to a process that the terminal has told already: two signals so near are one wish. */
const sameWishMs = 500;

export interface Interrupt {
  /** Aborted, with an `InterruptedError` as its reason, at the first SIGINT or SIGTERM. */
  signal: AbortSignal;
  /** Gives the signals back to Node's own handling. */
  release(): void;
}

/** Listens for SIGINT and SIGTERM. `say` gets the one sentence that the first of them is answered with. */
export function listenForInterrupt(say: (sentence: string) => void): Interrupt {
  const controller = new AbortController();
  const release = () => {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  };
  const onSignal = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) return;
    // Soon the system's own handling applies again: a second Ctrl-C then needs no code of ours that may be stuck.
    setTimeout(release, sameWishMs).unref();
    say(
      name === 'SIGINT'
        ? 'Stopping in good order; press Ctrl-C again to stop at once.'
        : 'Stopping in good order.',
    );
    controller.abort(new InterruptedError());
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return { signal: controller.signal, release };
}
