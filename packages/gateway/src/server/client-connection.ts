/**
 * The client at the other end of a call: has it got its answer, or has it gone?
 *
 * @module
 */
import type { ServerResponse } from 'node:http';
import { type GoneSignal, Leaving } from '../upstream/gone.ts';

/** The client, as whoever answers a call sees it. */
export type Client = Pick<ClientConnection, keyof ClientConnection>;

export class ClientConnection {
  readonly #outgoing: ServerResponse;
  readonly #stalledMs: number;
  readonly #gone = new Leaving();
  #clock: NodeJS.Timeout | undefined;

  /** Resolves when the connection is done with this answer: true where all of it went out. */
  readonly closed: Promise<boolean>;

  /** @param stalledMs how long the client may leave bytes unread, milliseconds */
  constructor(outgoing: ServerResponse, stalledMs: number) {
    this.#outgoing = outgoing;
    this.#stalledMs = stalledMs;
    this.closed = new Promise((resolve) => {
      const close = () => {
        this.isReading();
        if (!outgoing.writableFinished) this.#gone.leave();
        resolve(outgoing.writableFinished);
      };
      if (outgoing.closed) close();
      else outgoing.once('close', close);
    });
  }

  /** Aborted when the client has left before its answer was out. */
  get signal(): GoneSignal {
    return this.#gone;
  }

  /** Bytes are on their way: if the client doesn't take them in time, it counts as gone. */
  mustRead(): void {
    this.isReading();
    if (!this.#outgoing.closed) this.#clock = setTimeout(() => this.drop(), this.#stalledMs);
  }

  /** The client took what there was. */
  isReading(): void {
    clearTimeout(this.#clock);
  }

  /** Hangs up. */
  drop(): void {
    this.#outgoing.destroy();
  }
}
