/**
 * Connections to providers, kept open between calls, and one request at a time on each.
 *
 * On undici's client rather than node:http, which takes twice the time for a request, and rather than fetch, which
 * follows redirects and has clocks of its own (decision 0252). Each connection is a `Client` that one call holds from
 * beginning to end: so a call that is given up can end its connection at once, in whatever state it is, and nobody
 * else's.
 *
 * @module
 */
import { Client, type Dispatcher } from 'undici';
import { Gone, type GoneSignal } from './gone.ts';

/** How long a connection without a call is kept, milliseconds. */
const idleMs = 30_000;
/** Bytes of an answer that may wait for their reader before the provider is made to wait. */
const unreadBytes = 64 * 1024;

export interface Post {
  url: URL;
  headers: Readonly<Record<string, string>>;
  body: string;
  /** Aborted when nobody wants the answer any more. */
  signal: GoneSignal;
  times: Times;
  /** What is thrown where the answer takes too long. */
  tooSlow: () => Error;
}

/** Milliseconds each. */
export interface Times {
  /** How long a new connection may take. */
  connectMs: number;
  /** How long the provider may take to begin its answer, from the beginning of the request on. */
  firstByteMs: number;
  /** The longest silence within the answer. It doesn't run while nobody reads. */
  silenceMs: number;
}

/** The head of an answer, and its body still to come. */
export interface Reply {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Its bytes as they arrive; to be read once. Throws what `Exchange` failed with. */
  readonly body: AsyncGenerator<Uint8Array, void, undefined>;
  /**
   * All of its bytes, instead of `body`.
   *
   * @param most of them; where there are more, `tooLarge` is thrown
   */
  whole(most: number, tooLarge: () => Error): Promise<Buffer>;
}

/** The connection was lost before anything of the answer had come. */
export class LostConnection extends Error {
  /** It had been kept from an earlier call: the provider may have closed it before it saw this one. */
  readonly wasKept: boolean;

  constructor(cause: Error, wasKept: boolean) {
    super('The connection was lost.', { cause });
    this.name = 'LostConnection';
    this.wasKept = wasKept;
  }
}

interface Line {
  client: Client;
  /** How often it has been connected. */
  times: number;
}

class ConnectTimeout extends Error {
  readonly code = 'CONNECT_TIMEOUT';
}

export class Connections {
  /** By origin, those without a call; the one used last is at the end. */
  readonly #free = new Map<string, Line[]>();
  readonly #all = new Set<Line>();

  /**
   * Sends a request; resolves when status and headers of the answer are there, whatever the status.
   *
   * @throws Gone when the signal is aborted
   * @throws LostConnection when nothing came, for that reason
   * @throws what `tooSlow` makes when nothing came in time
   */
  post(post: Post): Promise<Reply> {
    const { origin } = post.url;
    const line = this.#take(origin);
    return new Exchange(line, post, (isUsable) => {
      if (isUsable) this.#free.get(origin)?.push(line);
      else this.#all.delete(line);
    }).begun;
  }

  close(): void {
    for (const { client } of this.#all) void client.destroy();
    this.#all.clear();
    this.#free.clear();
  }

  #take(origin: string): Line {
    let free = this.#free.get(origin);
    if (!free) {
      free = [];
      this.#free.set(origin, free);
    }
    const kept = free.pop();
    if (kept) return kept;
    const client = new Client(origin, {
      pipelining: 1,
      // The clocks are ours.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: 0 },
      keepAliveTimeout: idleMs,
    });
    const line: Line = { client, times: 0 };
    client.on('connect', () => {
      line.times += 1;
    });
    client.on('disconnect', () => {
      const place = free.indexOf(line);
      if (place === -1) return;
      free.splice(place, 1);
      this.#all.delete(line);
      void client.destroy();
    });
    this.#all.add(line);
    return line;
  }
}

/** One request and its answer. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly begun: Promise<Reply>;
  readonly #line: Line;
  readonly #post: Post;
  readonly #release: (isUsable: boolean) => void;
  /** How often the line had been connected when it was taken, if it still was. */
  readonly #keptFrom: number | undefined;
  readonly #giveUp = () => this.#fail(new Gone());
  #begin!: (reply: Reply) => void;
  #refuse!: (error: Error) => void;
  /** Wound up once for each exchange: when it has run down it looks whether it has to go on. */
  #clock: NodeJS.Timeout | undefined;
  /** When it will have been waited for long enough; infinity while nobody waits. */
  #until = Number.POSITIVE_INFINITY;
  #rings = 0;
  #connecting: NodeJS.Timeout | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #pieces: Uint8Array[] = [];
  #waiting = 0;
  /** Beyond so many bytes that wait for their reader the provider is made to wait. */
  #unread = unreadBytes;
  /** Wakes whoever waits for the next piece. */
  #wake: (() => void) | undefined;
  #state: 'asked' | 'begun' | 'complete' | 'failed' = 'asked';
  #error: Error | undefined;

  constructor(line: Line, post: Post, release: (isUsable: boolean) => void) {
    this.#line = line;
    this.#post = post;
    this.#release = release;
    this.#keptFrom = line.client.stats.connected ? line.times : undefined;
    this.begun = new Promise((resolve, reject) => {
      this.#begin = resolve;
      this.#refuse = reject;
    });
    const { url, headers, body, signal, times } = post;
    if (signal.aborted) {
      this.#fail(new Gone());
      return;
    }
    signal.addEventListener('abort', this.#giveUp, { once: true });
    this.#waitFor(times.firstByteMs);
    if (this.#keptFrom === undefined) {
      this.#connecting = setTimeout(
        () => this.#fail(new LostConnection(new ConnectTimeout(), false)),
        times.connectMs,
      );
      line.client.once('connect', () => clearTimeout(this.#connecting));
    }
    line.client.dispatch({ method: 'POST', path: url.pathname + url.search, headers, body }, this);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Reply['headers'],
  ): void {
    // "Early hints" and the like come before the answer.
    if (status < 200 || this.#state !== 'asked') return;
    this.#state = 'begun';
    this.#until = Number.POSITIVE_INFINITY;
    const exchange = this;
    this.#begin({
      status,
      headers,
      get body() {
        return exchange.#read();
      },
      whole: (most, tooLarge) => this.#whole(most, tooLarge),
    });
  }

  onResponseData(controller: Dispatcher.DispatchController, piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#waiting += piece.length;
    if (this.#waiting > this.#unread) controller.pause();
    this.#wake?.();
  }

  onResponseEnd(): void {
    if (this.#state === 'failed') return;
    this.#state = 'complete';
    this.#settle(true);
    this.#wake?.();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const wasKept = this.#keptFrom === this.#line.times;
    this.#fail(this.#state === 'asked' ? new LostConnection(error, wasKept) : error);
  }

  async *#read(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (;;) {
        if (this.#error) throw this.#error;
        const piece = this.#pieces.shift();
        if (piece) {
          this.#waiting -= piece.length;
          if (this.#controller?.paused && this.#waiting <= unreadBytes) this.#controller.resume();
          yield piece;
        } else if (this.#state === 'complete') return;
        else await this.#next();
      }
    } finally {
      // Whoever doesn't read to the end doesn't want the rest.
      if (this.#state === 'begun') this.#fail(new Gone());
    }
  }

  async #whole(most: number, tooLarge: () => Error): Promise<Buffer> {
    // What is gathered waits for nobody.
    this.#unread = Number.POSITIVE_INFINITY;
    if (this.#controller?.paused) this.#controller.resume();
    for (;;) {
      if (this.#waiting > most) {
        const error = tooLarge();
        this.#fail(error);
        throw error;
      }
      if (this.#error) throw this.#error;
      if (this.#state === 'complete') return Buffer.concat(this.#pieces);
      await this.#next();
    }
  }

  async #next(): Promise<void> {
    this.#waitFor(this.#post.times.silenceMs);
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
    this.#until = Number.POSITIVE_INFINITY;
  }

  /** It fails when nothing comes for so long. A timer for each wait would be made thousands of times a second. */
  #waitFor(ms: number): void {
    const now = performance.now();
    this.#until = now + ms;
    // One that rings before is on its way, and will be wound up again then.
    if (this.#clock && this.#rings <= this.#until) return;
    clearTimeout(this.#clock);
    this.#rings = this.#until;
    this.#clock = setTimeout(() => this.#ring(), ms);
  }

  #ring(): void {
    this.#clock = undefined;
    const left = this.#until - performance.now();
    // Timers may be early by a part of a millisecond.
    if (left < 1) this.#fail(this.#post.tooSlow());
    else if (left < Number.POSITIVE_INFINITY) this.#waitFor(left);
  }

  #fail(error: Error): void {
    if (this.#state === 'complete' || this.#state === 'failed') return;
    const hadBegun = this.#state === 'begun';
    this.#state = 'failed';
    this.#error = error;
    this.#settle(false);
    void this.#line.client.destroy();
    if (hadBegun) this.#wake?.();
    else this.#refuse(error);
  }

  #settle(isUsable: boolean): void {
    clearTimeout(this.#clock);
    clearTimeout(this.#connecting);
    this.#post.signal.removeEventListener('abort', this.#giveUp);
    this.#release(isUsable);
  }
}
