/**
 * Not an error of anybody's: the client hung up, so there is nobody left to answer.
 *
 * @module
 */

export class Gone extends Error {
  constructor() {
    super('The client has gone.');
    this.name = 'Gone';
  }
}

/** Tells that somebody has gone: an `AbortSignal`, or what costs less in every call than one. */
export interface GoneSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** The signal of one client; those who listen are told once. */
export class Leaving implements GoneSignal {
  aborted = false;
  #listeners: (() => void)[] = [];

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.push(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    const place = this.#listeners.indexOf(listener);
    if (place !== -1) this.#listeners.splice(place, 1);
  }

  leave(): void {
    if (this.aborted) return;
    this.aborted = true;
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener();
  }
}

/** For what takes nothing else. */
export function abortSignalOf(signal: GoneSignal): AbortSignal {
  if (signal instanceof AbortSignal) return signal;
  const controller = new AbortController();
  if (signal.aborted) controller.abort();
  signal.addEventListener('abort', () => controller.abort(), { once: true });
  return controller.signal;
}
